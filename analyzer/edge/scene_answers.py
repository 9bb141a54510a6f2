"""Answers that need no model: what ingest's scene history says about a frame.

Takes: a question's predicate and the Scene of the frame.
Gives: motion, foreground, dark, covered, frozen as answers with margins.
Knows nothing about: pixels."""

from analyzer.engine import logit, probability
from contracts.messages import Answer, Box, Detection, Scene
from contracts.plan import Predicate, PredicateKind

KINDS: tuple[PredicateKind, ...] = ("motion", "foreground", "dark", "covered", "frozen")

#: half yes, half no: so much of the picture must move, or be new. On a car park with and without somebody in it,
#: motion was above this in 24 of 24 and 0 of 35 pictures; a quarter of it let 4 of the 35 through.
EVEN_PART = 0.002
#: as sure as a plain yes or no of the scene history is taken to be
P_PLAIN = 0.95
LEARNING = "still learning the background"
_BOUND = 6.0


def answer_scene(key: str, predicate: Predicate, scene: Scene) -> Answer:
    """Of one of KINDS."""
    match predicate.kind:
        case "dark":
            return _plain(key, scene.dark)
        case "covered":
            return _plain(key, scene.covered)
        case "frozen":
            return _plain(key, scene.frozen)
        case "motion" if scene.warm:
            return _measured(key, scene.motion, scene.moving, "motion")
        case "foreground" if scene.warm:
            largest = max((_area(box) for box in scene.foreground), default=0.0)
            return _measured(key, largest, scene.foreground, "object")
        case "motion" | "foreground":
            return Answer(key, unknown_reason=LEARNING)
        case _:
            return Answer(key, unknown_reason=f"the scene history does not know: {predicate.kind}")


def patches(scene: Scene) -> tuple[Detection, ...]:
    """What the background does not hold, as things; none while it is learnt."""
    return _detections(scene.foreground, "object") if scene.warm else ()


def _plain(key: str, holds: bool) -> Answer:
    return Answer(key, margin=logit(P_PLAIN) if holds else logit(1.0 - P_PLAIN))


def _measured(key: str, part: float, boxes: tuple[Box, ...], label: str) -> Answer:
    found = _detections(boxes, label)
    return Answer(key, margin=_margin(part), count=len(found), detections=found)


def _detections(boxes: tuple[Box, ...], label: str) -> tuple[Detection, ...]:
    seen = (Detection(label, probability(_margin(_area(box))), box) for box in boxes)
    return tuple(sorted(seen, key=lambda detection: -detection.score))


def _margin(part: float) -> float:
    """Log-odds of the part against the even one."""
    return min(max(logit(part) - logit(EVEN_PART), -_BOUND), _BOUND)


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
