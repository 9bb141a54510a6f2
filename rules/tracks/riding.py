"""Who rides what: a person and a bicycle in one picture, the one on the other, are two looks at one thing.

Takes: everything detected in one picture.
Gives: the same, and of rider and ridden how sure the detector is of the other.
Knows nothing about: rules, thresholds, other pictures."""

from collections.abc import Sequence

import msgspec

from contracts.messages import Detection
from rules.tracks.ground import centre, shared, size

_RIDER = "person"
_RIDDEN = frozenset({"bicycle", "motorcycle"})


def paired(detections: Sequence[Detection]) -> tuple[Detection, ...]:
    """In the same order. Small detectors see a rider's bicycle faintly and for one picture in ten; but what they take
    for a bicycle where none is has nobody sitting on it."""
    return tuple(_with_other(each, detections) for each in detections)


def _with_other(each: Detection, detections: Sequence[Detection]) -> Detection:
    if each.label in _RIDDEN:
        others = [other.score for other in detections if other.label == _RIDER and _sits_on(other, each)]
    elif each.label == _RIDER:
        others = [other.score for other in detections if other.label in _RIDDEN and _sits_on(each, other)]
    else:
        return each
    return msgspec.structs.replace(each, paired=max(others)) if others else each


def _sits_on(rider: Detection, ridden: Detection) -> bool:
    """They overlap, the rider's middle is the higher one, and neither is beside the other."""
    (rider_x, rider_y), (ridden_x, ridden_y) = centre(rider.box), centre(ridden.box)
    widest = max(size(rider.box)[0], size(ridden.box)[0])
    return shared(rider.box, ridden.box) > 0.0 and rider_y < ridden_y and abs(rider_x - ridden_x) <= widest / 2
