"""YOLOX: one output of raw grid cells, (batch, cells, 4 + 1 + 80).

Takes: the doors of a model.
Gives: its adapter, or None where it is another family.
Knows nothing about: ONNX Runtime."""

from dataclasses import dataclass

import numpy as np

from analyzer.edge.fit import Fit, Floats, letterbox, planes
from analyzer.edge.port import Candidates, Doors, Outputs, best_classes, fixed, grid
from analyzer.picture import Picture

_STRIDES = (8, 16, 32)
_CHANNELS = 4 + 1 + 80


@dataclass(frozen=True, slots=True)
class Yolox:
    """`cells`: column, row and stride of each grid cell."""

    input: str
    output: str
    width: int
    height: int
    any_batch: bool
    cells: Floats  # (N, 3)
    family: str = "yolox"
    suppress_iou: float | None = 0.5

    def prepare(self, picture: Picture) -> tuple[Floats, Fit]:
        """BGR, 0-255, not normalised: so it was trained since version 0.1.1."""
        canvas, fit = letterbox(picture, self.width, self.height)
        return planes(canvas), fit

    def feeds(self, batch: Floats) -> Outputs:
        return {self.input: batch}

    def decode(self, outputs: Outputs, index: int) -> Candidates:
        raw = outputs[self.output][index].astype(np.float32)  # (N, 85) centre, size, objectness, classes
        stride = self.cells[:, 2:]
        centre = (raw[:, :2] + self.cells[:, :2]) * stride
        # Exp of a broken output overflows; the size is bounded far above any input.
        half = np.exp(np.minimum(raw[:, 2:4], 16.0)) * stride / 2
        boxes = np.concatenate([centre - half, centre + half], axis=1)
        return best_classes(boxes, raw[:, 4:5] * raw[:, 5:])


def recognise(doors: Doors) -> Yolox | None:
    """By the number of cells, which follows from the input's size."""
    pictures = doors.pictures()
    size = fixed(pictures) if pictures else None
    if not pictures or not size or len(doors.outputs) != 1:
        return None
    output = doors.outputs[0]
    cells = np.concatenate([_cells(*size, stride) for stride in _STRIDES])
    if output.shape[1:] != (len(cells), _CHANNELS):
        return None
    return Yolox(pictures.name, output.name, *size, pictures.shape[0] is None, cells)


def _cells(width: int, height: int, stride: int) -> Floats:
    places = grid(width, height, stride)
    return np.concatenate([places, np.full((len(places), 1), stride, np.float32)], axis=1)
