"""The small grey picture that scene and gate look at.

Takes: a decoded frame or JPEG, masks.
Gives: View: 320 pixels wide, full range, smoothed, the masked parts black.
Knows nothing about: what is concluded from it."""

from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt

from ingest.jpeg import blackened, luma
from ingest.masks import Masks

Gray = npt.NDArray[np.uint8]

WIDTH = 320
#: every eighth pixel of every eighth row, untouched: averaging would hide the noise that proves a live sensor
_SPARSE = 8


@dataclass(frozen=True, slots=True)
class View:
    """`gray` as it is, `smooth` blurred over the codec's noise, `sparse` some of the picture's own pixels."""

    gray: Gray
    smooth: Gray
    sparse: Gray


def view_of(image: av.VideoFrame | bytes, masks: Masks) -> View | None:
    """None: the camera's JPEG is damaged."""
    import cv2

    seen = luma(image, WIDTH)
    if seen is None:
        return None
    pixels = seen.pixels
    height, width = pixels.shape
    small = np.asarray(pixels)
    if width > WIDTH:
        size = (WIDTH, max(1, round(height * WIDTH / width)))
        # INTER_LINEAR aliases at this ratio, and aliasing looks like motion.
        small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    if not seen.is_full_range:
        small = np.asarray(cv2.LUT(small, _TO_FULL_RANGE), np.uint8)
    gray = np.ascontiguousarray(blackened(small, masks))
    smooth = np.asarray(cv2.GaussianBlur(gray, (5, 5), 0), np.uint8)
    return View(gray, smooth, np.array(pixels[::_SPARSE, ::_SPARSE]))


_TO_FULL_RANGE = np.clip(np.rint((np.arange(256) - 16) * 255 / 219), 0, 255).astype(np.uint8)
