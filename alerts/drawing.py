"""Boxes and labels on a copy of a picture.

Takes: JPEG bytes, detections in parts of the picture.
Gives: JPEG bytes; None where the picture cannot be read.
Knows nothing about: files, incidents."""

import colorsys
import logging
import zlib
from collections.abc import Sequence

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from contracts.messages import Detection

log = logging.getLogger(__name__)

#: a picture that claims more is a bomb, not a camera's
PIXELS_MAX = 40_000_000
QUALITY = 88
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)

Colour = tuple[int, int, int]


def draw_boxes(jpeg: bytes, boxes: Sequence[Detection]) -> bytes | None:
    """The best detection is drawn last, on top."""
    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(jpeg)
        if height * width > PIXELS_MAX:
            raise ValueError(f"{width} x {height} pixels are too many")
        image = simplejpeg.decode_jpeg(jpeg, colorspace="BGR")
    except ValueError as error:
        log.warning("boxes not drawn", extra={"problem": str(error)})
        return None
    try:
        for box in sorted(boxes, key=lambda box: box.score):
            _draw(image, box)
    except ImportError as error:
        log.warning("boxes not drawn", extra={"problem": f"cv2 does not import: {error}"})
        return None
    return bytes(simplejpeg.encode_jpeg(image, quality=QUALITY, colorspace="BGR"))


def colour_of(label: str) -> Colour:
    """The same for a label in every picture; bright, since cameras are grey."""
    red, green, blue = colorsys.hsv_to_rgb(zlib.crc32(label.encode()) % 360 / 360, 0.85, 1.0)
    return int(blue * 255), int(green * 255), int(red * 255)


def _draw(image: NDArray[np.uint8], box: Detection) -> None:
    # (height, width, 3), changed in place
    import cv2  # late: it needs system libraries that a bare machine may lack

    height, width = image.shape[:2]
    left, top = int(box.box[0] * (width - 1)), int(box.box[1] * (height - 1))
    right, bottom = int(box.box[2] * (width - 1)), int(box.box[3] * (height - 1))
    thick, scale = max(1, round(height / 300)), max(0.4, height / 900)
    colour, text = colour_of(box.label), f"{box.label} {box.score:.2f}"
    cv2.rectangle(image, (left, top), (right, bottom), _BLACK, thick + 2)
    cv2.rectangle(image, (left, top), (right, bottom), colour, thick)
    (text_width, text_height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    tall = text_height + below + 4
    x = max(0, min(left, width - text_width - 6))
    y = top - tall if top >= tall else min(top, height - tall)
    cv2.rectangle(image, (x, y), (x + text_width + 6, y + tall), colour, cv2.FILLED)
    ink = _BLACK if sum(colour) > 300 else _WHITE
    where = (x + 3, y + text_height + 2)
    cv2.putText(image, text, where, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, thick, cv2.LINE_AA)
