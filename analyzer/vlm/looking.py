"""From a query to what the model is shown: one look for each number of pictures that its questions want.

Takes: queries, a Loaded model, how closely to look.
Gives: looks, with prepared prompts; for questions without one the reason.
Knows nothing about: answers."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from analyzer import picture
from analyzer.engine import Query
from analyzer.vlm.detail import Detail, cut, second_look, tiles, worth_it
from analyzer.vlm.load import Loaded
from analyzer.vlm.reading import Prepared, prepare
from contracts.errors import Invalid

#: (index of the query, index of its question)
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """What one prompt shows. `pictures`: oldest first, as decoded; `views`: they themselves, or the parts of one and
    then the whole, which is `tiled`; `key`: by which the same prompt is known again."""

    pictures: tuple[Image.Image, ...]
    views: tuple[Image.Image, ...]
    key: tuple[str, ...]
    tiled: bool


@dataclass(frozen=True, slots=True)
class Look:
    """One prompt, and the questions that are asked of it. `key`: of what it shows, empty where that is a crop."""

    places: tuple[Place, ...]
    prepared: Prepared
    key: tuple[str, ...]
    newest: Image.Image

    @property
    def pictures(self) -> int:
        """How many the model sees at once."""
        return len(self.prepared.sizes)


@dataclass(frozen=True, slots=True)
class Looks:
    """`reasons`: why a question is asked of no picture."""

    looks: list[Look]
    reasons: dict[Place, str]


def looks_at(loaded: Loaded, batch: Sequence[Query], detail: Detail) -> Looks:
    """A picture that is none makes its own questions unknown and no others."""
    found = Looks([], {})
    for index, query in enumerate(batch):
        for frames in sorted({question.frames for question in query.questions}):
            places = tuple((index, at) for at, one in enumerate(query.questions) if one.frames == frames)
            have = 1 + len(query.earlier)
            if frames > have:
                found.reasons.update(dict.fromkeys(places, f"needs {frames} frames, has {have}"))
                continue
            jpegs = [frame.picture for frame in (*query.earlier[have - frames :], query.frame)]
            try:
                found.looks.append(_look(loaded, jpegs, places, detail))
            except Invalid as error:
                found.reasons.update(dict.fromkeys(places, error.problem))
    return found


def closer(loaded: Loaded, query: Query, look: Look, margins: Sequence[float]) -> Look | None:
    """A second look at where something happens, for the questions that the first left open."""
    most = most_pixels(loaded)
    regions = [second_look(margin, query.frame.scene, look.newest.size, most) for margin in margins]
    region = next((one for one in regions if one), None)
    if region is None or look.pictures > 1:
        return None
    places = tuple(place for place, one in zip(look.places, regions, strict=True) if one)
    part = cut(look.newest, region).picture
    # Not remembered: whoever has it explained knows the picture, and not where we looked.
    return Look(places, prepare(loaded, [part]), (), part)


def most_pixels(loaded: Loaded) -> int:
    """Of one picture, as the model sees it."""
    return loaded.family.most_pixels(loaded.checkpoint, loaded.visual_tokens)


def rgb(loaded: Loaded, jpeg: bytes, *, times: int = 1) -> Image.Image:
    """No larger than useful; `times`: how often larger than what the model sees of it. Raises Invalid."""
    side = times * math.isqrt(most_pixels(loaded))
    pixels = picture.decode(jpeg, width=side, height=side)
    return Image.fromarray(np.ascontiguousarray(pixels[..., ::-1]))


def sha256(jpeg: bytes) -> str:
    """By which a picture is known to the pins and to explanations."""
    return hashlib.sha256(jpeg).hexdigest()


def show(loaded: Loaded, jpegs: Sequence[bytes], detail: Detail, *, times: int = 1) -> Shown:
    """As a question is asked of them, and so explained; `times`: as for `rgb`, at least. Raises Invalid."""
    alone = len(jpegs) == 1
    pictures = tuple(rgb(loaded, jpeg, times=2 if alone and detail != "off" else times) for jpeg in jpegs)
    key = tuple(map(sha256, jpegs))
    if alone and detail == "tiles" and worth_it(pictures[0].size, most_pixels(loaded)):
        views = tuple(view.picture for view in tiles(pictures[0], most_pixels(loaded)))
        return Shown(pictures, views, ("tiles", *key), tiled=True)
    return Shown(pictures, pictures, key, tiled=False)


def _look(loaded: Loaded, jpegs: Sequence[bytes], places: tuple[Place, ...], detail: Detail) -> Look:
    shown = show(loaded, jpegs, detail)
    return Look(places, prepare(loaded, shown.views, tiled=shown.tiled), shown.key, shown.pictures[-1])
