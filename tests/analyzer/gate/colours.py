"""A dual tower and a reader that a person can follow: a picture is its colour, a question names one."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import simplejpeg

from analyzer.engine import Query
from analyzer.fake import FakeEngine
from analyzer.picture import Picture, decode
from contracts.messages import Answer

_COLOURS = ("red", "green", "blue")


class Colours:
    """The tower: a picture is its mean colour."""

    name = "colours@1"
    device = "cpu"

    def __init__(self) -> None:
        self.looks: list[int] = []

    def look(self, pictures: Sequence[Picture]) -> npt.NDArray[np.float32]:
        self.looks.append(len(pictures))
        means = np.stack([picture.reshape(-1, 3).mean(axis=0)[::-1] for picture in pictures]).astype(np.float32)
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    def read(self, text: str) -> npt.NDArray[np.float32]:
        # As far from a picture of its own colour as SigLIP's texts are: a cosine of about 0.15.
        unit = np.full(3, -0.02, np.float32)
        unit[_named(text)] = 0.15
        return unit


class Reader(FakeEngine):
    """Sees a colour where there is half of it, also where the tower finds little likeness."""

    def _one(self, query: Query) -> tuple[Answer, ...]:
        mean = decode(query.frame.picture, width=64, height=64).reshape(-1, 3).mean(axis=0)[::-1]
        return tuple(
            Answer(question.key, margin=4.0 if mean[_named(question.text)] > 120 else -4.0)
            for question in query.questions
        )


def painted(red: int, green: int, blue: int) -> bytes:
    picture = np.empty((64, 64, 3), np.uint8)
    picture[:] = (red, green, blue)
    return bytes(simplejpeg.encode_jpeg(picture, quality=95, colorspace="RGB"))


def _named(text: str) -> int:
    return next(index for index, colour in enumerate(_COLOURS) if colour in text)


RED, GREEN, BLUE = painted(250, 5, 5), painted(5, 250, 5), painted(5, 5, 250)
#: red enough for the reader, and the tower sees the green in it
MURKY = painted(140, 250, 5)
