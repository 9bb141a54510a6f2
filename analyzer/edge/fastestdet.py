"""FastestDet: one grid of (objectness, box, 80 classes) at a sixteenth of the input.

Takes: the doors of a model.
Gives: its adapter, or None where it is another family.
Knows nothing about: ONNX Runtime."""

from dataclasses import dataclass

import numpy as np

from analyzer.edge.fit import Fit, Floats, planes, stretch
from analyzer.edge.port import Candidates, Doors, Outputs, best_classes, fixed, grid, sigmoid
from analyzer.picture import Picture

_STRIDE = 16
_CHANNELS = 1 + 4 + 80


@dataclass(frozen=True, slots=True)
class FastestDet:
    """`cells`: column and row of each grid cell."""

    input: str
    output: str
    width: int
    height: int
    any_batch: bool
    cells: Floats  # (N, 2)
    family: str = "fastestdet"
    suppress_iou: float | None = 0.45

    def prepare(self, picture: Picture) -> tuple[Floats, Fit]:
        """BGR, 0-1, stretched."""
        pixels, fit = stretch(picture, self.width, self.height)
        return planes(pixels) / np.float32(255), fit

    def feeds(self, batch: Floats) -> Outputs:
        return {self.input: batch}

    def decode(self, outputs: Outputs, index: int) -> Candidates:
        raw = outputs[self.output][index].reshape(_CHANNELS, -1).T.astype(np.float32)  # (N, 85)
        centre = (self.cells + np.tanh(raw[:, 1:3])) * _STRIDE
        half = sigmoid(raw[:, 3:5]) * np.array([self.width, self.height], np.float32) / 2
        # Its own scoring: the object counts a little more than the class.
        scores = np.clip(raw[:, :1], 0, 1) ** 0.6 * np.clip(raw[:, 5:], 0, 1) ** 0.4
        return best_classes(np.concatenate([centre - half, centre + half], axis=1), scores)


def recognise(doors: Doors) -> FastestDet | None:
    """By its one output of four dimensions."""
    pictures = doors.pictures()
    size = fixed(pictures) if pictures else None
    if not pictures or not size or len(doors.outputs) != 1:
        return None
    output = doors.outputs[0]
    if output.shape[1:] != (_CHANNELS, size[1] // _STRIDE, size[0] // _STRIDE):
        return None
    return FastestDet(pictures.name, output.name, *size, pictures.shape[0] is None, grid(*size, _STRIDE))
