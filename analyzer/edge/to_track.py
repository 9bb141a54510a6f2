"""What there is to follow: for questions that no single frame answers.

Takes: questions of TRACK_KINDS, what the detector saw, the Scene of the frame.
Gives: unknown answers, the first of which carries everything seen; or the reason why there is nothing to follow.
Knows nothing about: other frames, tracks."""

from collections.abc import Sequence

import msgspec

from analyzer.edge.detector import Sight
from analyzer.edge.scene_answers import LEARNING, patches
from contracts.messages import Answer, Scene
from contracts.plan import TRACK_KINDS, Predicate, PredicateKind

#: without a detector: what was put down shows in the scene history alone
WITHOUT_DETECTOR: tuple[PredicateKind, ...] = ("left", "removed")
_REASON = "no single frame answers it: it is made from several"


def is_to_track(predicate: Predicate | None) -> bool:
    """Whether it takes more than one frame."""
    return predicate is not None and predicate.kind in TRACK_KINDS


def answer_to_track(
    key: str, predicate: Predicate, scene: Scene, sight: Sight | None, known_labels: Sequence[str]
) -> Answer:
    """`sight` None: there is no detector. The detections of all labels: each may explain what another would not."""
    strange = [label for label in (*predicate.labels, *predicate.others) if label not in known_labels]
    if sight is not None and sight.failed:
        return Answer(key, unknown_reason=sight.failed)
    if strange or (sight is None and predicate.kind not in WITHOUT_DETECTOR):
        return Answer(key, unknown_reason=f"no detector knows: {', '.join(strange) or predicate.kind}")
    if not predicate.labels and not scene.warm:
        return Answer(key, unknown_reason=LEARNING)
    seen = (*(sight.detections if sight else ()), *patches(scene))
    return Answer(key, detections=seen, unknown_reason=_REASON, to_track=True)


def said_once(answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """All of one frame: its detections stand in the first that is to be tracked."""
    first = next((answer for answer in answers if answer.to_track), None)
    return tuple(
        msgspec.structs.replace(answer, detections=()) if answer.to_track and answer is not first else answer
        for answer in answers
    )
