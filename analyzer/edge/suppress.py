"""Of boxes that overlap, the best one stays.

Takes: candidates of one picture.
Gives: the kept ones, best first, at most MOST.
Knows nothing about: models."""

import numpy as np

from analyzer.edge.fit import Floats
from analyzer.edge.port import Candidates, Ints

#: more things than this are a crowd, and the count says so
MOST = 100
_LOOKED_AT = 1000


def suppress(candidates: Candidates, iou: float | None) -> Candidates:
    """Class by class: a rider does not hide the bicycle. Without `iou` only the order and the bound are applied."""
    order = np.argsort(-candidates.scores, kind="stable")[:_LOOKED_AT]
    if iou is not None:
        order = _best(candidates.boxes, candidates.labels, order, iou)
    kept = order[:MOST]
    return Candidates(candidates.boxes[kept], candidates.scores[kept], candidates.labels[kept])


def _best(boxes: Floats, labels: Ints, order: Ints, iou: float) -> Ints:
    kept: list[int] = []
    while len(order) and len(kept) < MOST:
        first, rest = int(order[0]), order[1:]
        kept.append(first)
        rivals = (labels[rest] == labels[first]) & (_overlap(boxes[first], boxes[rest]) > iou)
        order = rest[~rivals]
    return np.array(kept, np.int64)


def _overlap(box: Floats, others: Floats) -> Floats:  # (4,), (N, 4) -> (N,) intersection over union
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(box[2:] - box[:2]) + np.prod(others[:, 2:] - others[:, :2], axis=1)
    return np.asarray(shared / np.maximum(areas - shared, 1e-9), np.float32)
