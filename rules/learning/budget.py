"""The threshold for a budget of false alarms: the lowest that people's words prove to keep within it.

Takes: graded frames with the highest threshold at which each still alarms, how long was watched, a budget per week.
Gives: Suggestion: the threshold and what to expect of it, or why there is none.
Knows nothing about: rules' plans, the database.

False alarms come as a Poisson process. Of a weighted count the upper bound is that of Fay and Feuer (1997): a Gamma
quantile with the count's own mean and variance, and room for one more of the heaviest; without weights it is the
exact bound of a Poisson count. With no false alarm at all it is 2.3 in the time watched, so a short time proves
little, and that is said rather than guessed over.

An alarm that nobody graded is taken to be false as often as those that were. Below the threshold from which all was
told, only silent frames that chance chose can speak: one on which an alarm would be false stands for all that chance
passed by, each an alarm of its own. That is on the safe side; without such frames nothing is suggested there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: thresholds that are tried
GRID = tuple(step / 100 for step in range(5, 96))
SURE = 0.9
WEEK_S = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Graded:
    """`reach`: the highest threshold of GRID at which it alarms, 0 where at none. `weight`: how many it stands for.

    `silent`: nothing was told of it; chance chose it to be looked at."""

    reach: float
    truth: bool
    weight: float = 1.0
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Watched:
    """`told_from`: all that alarms at this threshold or above was told."""

    weeks: float
    told_from: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`threshold` None: `reason` says why. `expected_recall`: of the graded true alarms, those it still tells of."""

    threshold: float | None
    labels: int
    false_labels: int
    expected_false_per_week: float | None = None
    at_most_false_per_week: float | None = None
    expected_recall: float | None = None
    reason: str = ""


def suggest(graded: Sequence[Graded], watched: Watched, *, budget_per_week: float, sure: float = SURE) -> Suggestion:
    """With a probability of `sure` no more false alarms than the budget."""
    false = [each for each in graded if not each.truth]
    told = [each for each in false if not each.silent]
    if not graded or watched.weeks <= 0:
        return Suggestion(None, len(graded), len(false), reason="nobody has said yet which of its alarms were right")
    for threshold in GRID if any(each.silent for each in graded) else (step for step in GRID if _told(watched, step)):
        speaking = told if _told(watched, threshold) else false
        weights = [each.weight for each in speaking if each.reach >= threshold]
        at_most = upper_bound(weights, _heaviest(speaking), sure=sure) / watched.weeks
        if at_most <= budget_per_week:
            expected, recall = sum(weights) / watched.weeks, _recall(graded, threshold)
            return Suggestion(threshold, len(graded), len(false), expected, at_most, recall)
    return Suggestion(None, len(graded), len(false), reason=_why_none(watched, _heaviest(told), budget_per_week, sure))


def upper_bound(weights: Sequence[float], heaviest: float, *, sure: float = SURE) -> float:
    """Of the expected weighted count, where these were counted; `heaviest`: the most that one may weigh."""
    mean = sum(weights) + heaviest
    variance = sum(weight * weight for weight in weights) + heaviest * heaviest
    return gamma_quantile(sure, mean * mean / variance) * variance / mean


def gamma_quantile(part: float, shape: float) -> float:
    """Of the Gamma distribution with scale 1, by halving: a few dozen steps to full precision."""
    low, high = 0.0, shape + 10.0
    while gamma_part(high, shape) < part:
        high *= 2.0
    for _ in range(80):
        middle = (low + high) / 2.0
        low, high = (middle, high) if gamma_part(middle, shape) < part else (low, middle)
    return high


def gamma_part(x: float, shape: float) -> float:
    """The part of a Gamma variable with scale 1 that lies below `x`: the series of the incomplete gamma function."""
    if x <= 0.0:
        return 0.0
    if x > shape + 40.0 * math.sqrt(shape) + 100.0:  # beyond any digit
        return 1.0
    term = total = 1.0 / shape
    number = shape
    while term > total * 1e-15:
        number += 1.0
        term *= x / number
        total += term
    return min(1.0, total * math.exp(shape * math.log(x) - x - math.lgamma(shape)))


def _told(watched: Watched, threshold: float) -> bool:
    return threshold >= watched.told_from


def _recall(graded: Sequence[Graded], threshold: float) -> float | None:
    true = [each for each in graded if each.truth]
    return sum(each.reach >= threshold for each in true) / len(true) if true else None


def _heaviest(false: Sequence[Graded]) -> float:
    return max((each.weight for each in false), default=1.0)


def _why_none(watched: Watched, heaviest: float, budget_per_week: float, sure: float) -> str:
    needed = upper_bound((), 1.0, sure=sure) / budget_per_week
    if watched.weeks < needed:
        days = f"{watched.weeks * 7:.1f} of {needed * 7:.1f} days"
        return f"too little was watched to prove it, even without a single false alarm: {days}"
    if watched.weeks < needed * heaviest:
        return f"too few of its alarms are graded: each that is false stands for {heaviest:.1f}"
    return "no threshold keeps within it: what is wrong looks as sure as what is right"
