"""How a picture is laid into a model's fixed input, and back.

Takes: a picture and the input's size.
Gives: the filled input, and Fit, which turns boxes in input pixels into boxes 0-1 of the picture.
Knows nothing about: models."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzer.picture import Picture

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fit:
    """The part of the input, in its pixels, that the picture covers, from the top left corner."""

    drawn_width: int
    drawn_height: int

    def to_unit(self, boxes: Floats) -> Floats:  # (N, 4) input pixels -> (N, 4) 0-1 of the picture
        """Padding lies outside 0-1 and is cut off."""
        drawn = np.array([self.drawn_width, self.drawn_height] * 2, np.float32)
        return np.asarray(np.clip(boxes / drawn, 0.0, 1.0), np.float32)


def letterbox(picture: Picture, width: int, height: int, *, fill: int = 114) -> tuple[Picture, Fit]:
    """Keeps the proportions: the picture at the top left, the rest filled with grey."""
    rows, columns = picture.shape[:2]
    scale = min(width / columns, height / rows)
    # The drawn size is rounded, so the way back divides by what was drawn, not by the scale.
    drawn_width, drawn_height = max(1, round(columns * scale)), max(1, round(rows * scale))
    canvas = np.full((height, width, 3), fill, np.uint8)
    canvas[:drawn_height, :drawn_width] = _resized(picture, drawn_width, drawn_height)
    return canvas, Fit(drawn_width, drawn_height)


def stretch(picture: Picture, width: int, height: int) -> tuple[Picture, Fit]:
    """Fills the input and gives up the proportions, as models trained that way expect."""
    return _resized(picture, width, height), Fit(width, height)


def planes(pixels: npt.NDArray[np.uint8] | Floats) -> Floats:  # (H, W, 3) -> (3, H, W)
    """Colour planes, as every detector here takes them."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32)


def _resized(picture: Picture, width: int, height: int) -> Picture:
    import cv2  # 0.4 s, and system libraries that a bare machine may lack: only where a detector runs

    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
