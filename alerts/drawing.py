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
#: left, top, right, bottom, in pixels
Edges = tuple[int, int, int, int]
#: (height, width, 3), BGR, drawn on in place
Image = NDArray[np.uint8]


def draw_boxes(jpeg: bytes, boxes: Sequence[Detection]) -> bytes | None:
    """Labels lie above all boxes, and the best detection's on top."""
    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(jpeg)
        if height * width > PIXELS_MAX:
            raise ValueError(f"{width} x {height} pixels are too many")
        image = simplejpeg.decode_jpeg(jpeg, colorspace="BGR")
    except ValueError as error:
        log.warning("boxes not drawn", extra={"problem": str(error)})
        return None
    try:
        placed = [(box, _edges(image, box)) for box in sorted(boxes, key=lambda box: box.score)]
        for draw in (_draw_box, _draw_label):
            for box, edges in placed:
                draw(image, box, edges)
    except ImportError as error:
        log.warning("boxes not drawn", extra={"problem": f"cv2 does not import: {error}"})
        return None
    return bytes(simplejpeg.encode_jpeg(image, quality=QUALITY, colorspace="BGR"))


def colour_of(label: str) -> Colour:
    """The same for a label in every picture; bright, since cameras are grey."""
    red, green, blue = colorsys.hsv_to_rgb(zlib.crc32(label.encode()) % 360 / 360, 0.85, 1.0)
    return int(blue * 255), int(green * 255), int(red * 255)


def _draw_box(image: Image, box: Detection, edges: Edges) -> None:
    import cv2  # late: it needs system libraries that a bare machine may lack

    left, top, right, bottom = edges
    thick = _thickness(image)
    cv2.rectangle(image, (left, top), (right, bottom), _BLACK, thick + 2)
    cv2.rectangle(image, (left, top), (right, bottom), colour_of(box.label), thick)


def _draw_label(image: Image, box: Detection, edges: Edges) -> None:
    """Above the box, or inside it where there is no room, and never beyond the picture."""
    import cv2

    height, width = image.shape[:2]
    left, top, _, _ = edges
    thick, scale = _thickness(image), max(0.4, height / 900)
    # OpenCV's strokes know ASCII only and would write "???": then the colour alone tells the labels apart.
    colour, text = colour_of(box.label), f"{box.label if box.label.isascii() else ''} {box.score:.2f}".lstrip()
    (text_width, text_height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    tall = text_height + below + 4
    x = max(0, min(left, width - text_width - 6))
    y = top - tall if top >= tall else min(max(top, 0), height - tall)
    cv2.rectangle(image, (x, y), (x + text_width + 6, y + tall), colour, cv2.FILLED)
    where = (x + 3, y + text_height + 2)
    cv2.putText(image, text, where, cv2.FONT_HERSHEY_SIMPLEX, scale, _ink_on(colour), thick, cv2.LINE_AA)


def _edges(image: Image, box: Detection) -> Edges:
    height, width = image.shape[:2]
    x1, y1, x2, y2 = box.box
    return int(x1 * (width - 1)), int(y1 * (height - 1)), int(x2 * (width - 1)), int(y2 * (height - 1))


def _thickness(image: Image) -> int:
    return max(1, int(image.shape[0]) // 300)


def _ink_on(colour: Colour) -> Colour:
    blue, green, red = colour
    return _BLACK if 0.114 * blue + 0.587 * green + 0.299 * red > 120 else _WHITE
