"""From a mask of changed pixels to the boxes around what changed.

Takes: a mask of 0 and 255.
Gives: the part of the picture that changed, and its boxes, largest first.
Knows nothing about: what changed, or why."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from contracts.messages import Box

_AREA_MIN = 0.002
_BOXES_MAX = 16
_GROW = 3
#: components are found at half size: a quarter of the time, and boxes stay exact to two pixels of 320
_HALF_LEAST = 60


@dataclass(frozen=True, slots=True)
class Blobs:
    """`part` counts the pixels inside boxes that are large enough to mean something."""

    part: float
    boxes: tuple[Box, ...]


def blobs(mask: npt.NDArray[np.uint8]) -> Blobs:
    """Near parts are joined: a person's head and legs are one thing."""
    import cv2

    if not mask.any():
        return Blobs(0.0, ())
    height, width = max(1, mask.shape[0] // 2), max(1, mask.shape[1] // 2)
    halved = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
    _, half = cv2.threshold(halved, _HALF_LEAST, 255, cv2.THRESH_BINARY)
    grown = cv2.dilate(half, np.ones((_GROW, _GROW), np.uint8))
    count, labels, figures, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
    kept = [index for index in range(1, count) if figures[index][4] >= _AREA_MIN * width * height]
    kept.sort(key=lambda index: -int(figures[index][4]))
    changed = np.bincount(labels[np.asarray(half) > 0], minlength=count)
    part = float(changed[kept].sum()) / (width * height) if kept else 0.0
    boxes = [_box(figures[index], width, height) for index in kept[:_BOXES_MAX]]
    return Blobs(round(part, 5), tuple(boxes))


def _box(figures: npt.NDArray[np.int32], width: int, height: int) -> Box:
    """The growth is taken off again."""
    trim = _GROW // 2
    x, y, across, down = (int(value) for value in figures[:4])
    right, bottom = min(width, x + across - trim), min(height, y + down - trim)
    left, top = min(x + trim if x else 0, right - 1), min(y + trim if y else 0, bottom - 1)
    return (round(left / width, 4), round(top / height, 4), round(right / width, 4), round(bottom / height, 4))
