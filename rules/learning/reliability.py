"""How far chances can be believed: calibration error, Brier score, log loss.

Takes: the chances that were told and what turned out true, pair by pair.
Gives: one figure each; smaller is better.
Knows nothing about: margins, rules, models."""

import math
from collections.abc import Sequence

BINS = 15
#: a chance of exactly 0 that turned out true costs this much and not everything
_LEAST = 1e-12


def calibration_error(chances: Sequence[float], truths: Sequence[bool], *, bins: int = BINS) -> float:
    """ECE: the gap between told and true in bins of equal width, weighted by how often each bin was told."""
    told, true, count = [0.0] * bins, [0] * bins, [0] * bins
    for chance, truth in zip(chances, truths, strict=True):
        place = min(int(chance * bins), bins - 1)
        told[place] += chance
        true[place] += truth
        count[place] += 1
    gaps = sum(abs(told[place] - true[place]) for place in range(bins))
    return gaps / len(chances) if chances else 0.0


def brier_score(chances: Sequence[float], truths: Sequence[bool]) -> float:
    """The mean squared distance of a chance from what was true."""
    squares = ((chance - truth) ** 2 for chance, truth in zip(chances, truths, strict=True))
    return sum(squares) / len(chances) if chances else 0.0


def log_loss(chances: Sequence[float], truths: Sequence[bool]) -> float:
    """NLL: the mean surprise, in nats."""
    held = (chance if truth else 1.0 - chance for chance, truth in zip(chances, truths, strict=True))
    return sum(-math.log(max(each, _LEAST)) for each in held) / len(chances) if chances else 0.0
