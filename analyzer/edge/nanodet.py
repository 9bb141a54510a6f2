"""NanoDet and NanoDet-Plus: scores of 80 classes, and each side of a box as a distribution over 8 distances.

Takes: the doors of a model.
Gives: its adapter, or None where it is another family.
Knows nothing about: ONNX Runtime."""

from dataclasses import dataclass

import numpy as np

from analyzer.edge.fit import Fit, Floats, planes, stretch
from analyzer.edge.port import Candidates, Doors, Outputs, best_classes, fixed, grid
from analyzer.picture import Picture

_CLASSES = 80
_BINS = 8
_SIDES = 4 * _BINS
# NanoDet has a pair of outputs for each of three strides and measures from the middle of a cell;
# NanoDet-Plus has one output over four strides and measures from its corner.
_STRIDES = (8, 16, 32)
_PLUS_STRIDES = (8, 16, 32, 64)
#: blue, green, red
_MEAN = np.array([103.53, 116.28, 123.675], np.float32)
_DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)


@dataclass(frozen=True, slots=True)
class Nanodet:
    """`anchors`: x, y, stride of each cell, in input pixels. `pairs`: the outputs (classes, sides) of each stride."""

    input: str
    pairs: tuple[tuple[str, str], ...]
    width: int
    height: int
    any_batch: bool
    anchors: Floats  # (N, 3)
    family: str = "nanodet"
    suppress_iou: float | None = 0.6

    def prepare(self, picture: Picture) -> tuple[Floats, Fit]:
        """Stretched, as it was trained: with a letterbox a person of 0.76 fell to 0.54 (measured)."""
        pixels, fit = stretch(picture, self.width, self.height)
        return planes((pixels.astype(np.float32) - _MEAN) / _DEVIATION), fit

    def feeds(self, batch: Floats) -> Outputs:
        return {self.input: batch}

    def decode(self, outputs: Outputs, index: int) -> Candidates:
        scores, sides = self._scores_and_sides(outputs, index)
        distances = _expected(sides) * self.anchors[:, 2:]  # (N, 4) left, top, right, bottom
        middle = self.anchors[:, :2]
        return best_classes(np.concatenate([middle - distances[:, :2], middle + distances[:, 2:]], axis=1), scores)

    def _scores_and_sides(self, outputs: Outputs, index: int) -> tuple[Floats, Floats]:
        if len(self.pairs) == 1:
            whole = outputs[self.pairs[0][0]][index].astype(np.float32)
            return whole[:, :_CLASSES], whole[:, _CLASSES:]
        scores = np.concatenate([outputs[classes][index] for classes, _ in self.pairs])
        sides = np.concatenate([outputs[sides][index] for _, sides in self.pairs])
        return scores.astype(np.float32), sides.astype(np.float32)


def recognise(doors: Doors) -> Nanodet | None:
    """By the outputs' widths and the number of cells, which follows from the input's size."""
    pictures = doors.pictures()
    size = fixed(pictures) if pictures else None
    if not pictures or not size:
        return None
    found = _plus(doors, size) or _plain(doors, size)
    if not found:
        return None
    pairs, anchors = found
    return Nanodet(pictures.name, pairs, *size, pictures.shape[0] is None, anchors)


def _plain(doors: Doors, size: tuple[int, int]) -> tuple[tuple[tuple[str, str], ...], Floats] | None:
    if len(doors.outputs) != 2 * len(_STRIDES):
        return None
    by_shape = {door.shape[1:]: door.name for door in doors.outputs}
    anchors = [_anchors(size, stride, offset=0.5) for stride in _STRIDES]
    named = [(by_shape.get((len(level), _CLASSES)), by_shape.get((len(level), _SIDES))) for level in anchors]
    pairs = tuple((classes, sides) for classes, sides in named if classes and sides)
    return (pairs, np.concatenate(anchors)) if len(pairs) == len(_STRIDES) else None


def _plus(doors: Doors, size: tuple[int, int]) -> tuple[tuple[tuple[str, str], ...], Floats] | None:
    anchors = np.concatenate([_anchors(size, stride, offset=0.0) for stride in _PLUS_STRIDES])
    if len(doors.outputs) != 1 or doors.outputs[0].shape[1:] != (len(anchors), _CLASSES + _SIDES):
        return None
    name = doors.outputs[0].name
    return ((name, name),), anchors


def _anchors(size: tuple[int, int], stride: int, *, offset: float) -> Floats:
    places = (grid(*size, stride) + offset) * stride
    return np.concatenate([places, np.full((len(places), 1), stride, np.float32)], axis=1).astype(np.float32)


def _expected(sides: Floats) -> Floats:  # (N, 4 x 8) logits -> (N, 4) distances in strides
    bins = sides.reshape(-1, 4, _BINS)
    weights = np.exp(bins - bins.max(axis=2, keepdims=True))
    return np.asarray((weights / weights.sum(axis=2, keepdims=True)) @ np.arange(_BINS, dtype=np.float32), np.float32)
