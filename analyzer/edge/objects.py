"""From things detected to answers about them.

Takes: a question with an `objects` predicate, and what the detector saw.
Gives: the answer: how sure, how many, where.
Knows nothing about: models; zones and thresholds, which the rules apply."""

from collections.abc import Sequence

from analyzer.engine import logit
from contracts.messages import Answer, Detection
from contracts.plan import Predicate

#: as sure as "nothing found" is taken to be: detectors do miss things
P_WHERE_NOTHING_WAS_FOUND = 0.05
#: what is at least so sure is counted
COUNTED_FROM = 0.4


def answer_objects(
    key: str, predicate: Predicate, detections: Sequence[Detection], known_labels: Sequence[str]
) -> Answer:
    """A label that the model does not know makes the answer unknown: not seeing it would mean nothing."""
    strange = [label for label in predicate.labels if label not in known_labels]
    if strange or not predicate.labels:
        named = ", ".join(strange) or "no label at all"
        return Answer(key, unknown_reason=f"the detector does not know: {named}")
    found = tuple(sorted((seen for seen in detections if seen.label in predicate.labels), key=lambda seen: -seen.score))
    return Answer(
        key,
        margin=logit(found[0].score if found else P_WHERE_NOTHING_WAS_FOUND),
        count=sum(seen.score >= COUNTED_FROM for seen in found),
        detections=found,
    )
