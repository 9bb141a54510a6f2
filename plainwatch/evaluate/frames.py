"""The frames of one clip as one statement's examples.

Takes: for each frame when it was, how likely it was told to be, whether yes was told; the labels.
Gives: figures over the labelled frames.
Knows nothing about: incidents, engines."""

from collections.abc import Sequence
from dataclasses import dataclass

from plainwatch.evaluate.labels import Labelled
from plainwatch.evaluate.matching import lies_in, shrunk
from plainwatch.evaluate.metrics import auc, average_precision, f1
from rules.learning.reliability import calibration_error


@dataclass(frozen=True, slots=True)
class Told:
    """One frame. `chance` None: nothing was known. `yes`: at the threshold that the rule runs with."""

    at_s: float
    chance: float | None
    yes: bool


@dataclass(frozen=True, slots=True)
class Example:
    """One frame that is labelled and was answered."""

    chance: float
    yes: bool
    truth: bool


@dataclass(frozen=True, slots=True)
class FrameFigures:
    """`unanswered`: labelled frames of which nothing was known; they are in no other figure.

    `true_part` is what AP gives to scores that say nothing."""

    frames: int
    unanswered: int
    true_part: float | None
    auc: float | None
    ap: float | None
    f1: float | None
    calibration_error: float | None


def examples(labelled: Labelled, told: Sequence[Told]) -> tuple[tuple[Example, ...], int]:
    """Within the borders' tolerance nobody knows; and how many labelled frames were not answered."""
    surely_true, surely_false = shrunk(labelled.true, labelled.tol_s), shrunk(labelled.false, labelled.tol_s)
    found, unanswered = [], 0
    for each in told:
        truth = lies_in(each.at_s, surely_true)
        if not truth and not lies_in(each.at_s, surely_false):
            continue
        if each.chance is None:
            unanswered += 1
        else:
            found.append(Example(each.chance, each.yes, truth))
    return tuple(found), unanswered


def figures(found: Sequence[Example], unanswered: int = 0) -> FrameFigures:
    """Of one clip, or of several together."""
    chances, truths = [one.chance for one in found], [one.truth for one in found]
    return FrameFigures(
        frames=len(found),
        unanswered=unanswered,
        true_part=sum(truths) / len(truths) if truths else None,
        auc=auc(chances, truths),
        ap=average_precision(chances, truths),
        f1=f1([one.yes for one in found], truths),
        calibration_error=calibration_error(chances, truths) if found else None,
    )
