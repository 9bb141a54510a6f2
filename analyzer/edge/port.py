"""What the detector needs of each family of ONNX files: an Adapter.

Takes: nothing.
Gives: it, and the types it speaks: the model's doors, candidates; what the adapters share.
Knows nothing about: questions."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from analyzer.edge.fit import Fit, Floats
from analyzer.picture import Picture

Ints = npt.NDArray[np.int64]
Outputs = dict[str, npt.NDArray[Any]]

#: below this no family's score means anything; thresholds of a rule lie above it
SCORE_FLOOR = 0.25


@dataclass(frozen=True, slots=True)
class Door:
    """One input or output of a model; a dimension without a fixed size is None."""

    name: str
    shape: tuple[int | None, ...]

    def __str__(self) -> str:
        return f"{self.name}[{','.join('?' if size is None else str(size) for size in self.shape)}]"


@dataclass(frozen=True, slots=True)
class Doors:
    """By these a family is recognised."""

    inputs: tuple[Door, ...]
    outputs: tuple[Door, ...]

    def pictures(self) -> Door | None:
        """The one input that takes (batch, 3, height, width)."""
        found = [door for door in self.inputs if len(door.shape) == 4 and door.shape[1] == 3]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a model proposes for one picture, in pixels of its input."""

    boxes: Floats  # (N, 4) x1 y1 x2 y2
    scores: Floats  # (N,)
    labels: Ints  # (N,) class numbers of COCO


class Adapter(Protocol):
    """One family. `suppress_iou`: boxes of a class that overlap more are one thing; None where the model does it."""

    @property
    def family(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def any_batch(self) -> bool: ...
    @property
    def suppress_iou(self) -> float | None: ...

    def prepare(self, picture: Picture) -> tuple[Floats, Fit]:
        """(3, height, width), in the colours and scale of the model's training."""
        ...

    def feeds(self, batch: Floats) -> Outputs:
        """The inputs by name, from (B, 3, height, width)."""
        ...

    def decode(self, outputs: Outputs, index: int) -> Candidates:
        """Of the picture at `index` of the batch; only what reaches SCORE_FLOOR."""
        ...


def fixed(door: Door) -> tuple[int, int] | None:
    """Width and height of a picture input, where both are fixed."""
    height, width = door.shape[2:]
    return (width, height) if width and height else None


def best_classes(boxes: Floats, scores: Floats) -> Candidates:  # (N, 4), (N, classes)
    """Each box with its best class, where that reaches the floor."""
    labels = scores.argmax(axis=1)
    best = scores[np.arange(len(scores)), labels]
    kept = best >= SCORE_FLOOR
    return Candidates(boxes[kept], best[kept], labels[kept].astype(np.int64))


def grid(width: int, height: int, stride: int) -> Floats:
    """(cells, 2): column and row of each cell, row by row."""
    rows, columns = np.mgrid[0 : -(-height // stride), 0 : -(-width // stride)]
    return np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32)


def sigmoid(values: Floats) -> Floats:
    """Without overflow at either end."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * values)), np.float32)
