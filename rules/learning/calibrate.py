"""From raw margins to honest chances: Platt scaling of few labels, held near what all rules of a model share.

Takes: labels (a margin, whether it was right to say yes, how many frames the label stands for) and a prior.
Gives: Platt, by which a margin becomes the log-odds of a chance that is kept in the long run.
Knows nothing about: rules, questions, models, where labels come from.

A fit minimises the labels' log loss plus a quadratic pull towards the prior. Both are convex, so there is one answer,
and a Newton step that is halved until it helps finds it from anywhere; the whole step diverged on separable labels."""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

#: beyond it a chance is 0 or 1 in any case, and products stay numbers
MARGIN_MOST = 100.0
#: a rule whose labels run against its margins is flattened, never turned round
SLOPE_LEAST = 0.02
#: what all rules share is believed from so many labels on, of so many rules, with so many of the rarer truth
SHARED_LABELS = 50
SHARED_RULES = 3
SHARED_OF_EACH = 5
#: one rule with thousands of labels must not speak for all
SHARED_MOST_OF_A_RULE = 100.0
#: a label weighs at most so many times what the lightest does. Which frames are labelled follows from their margins, so
#: weights mend only what a straight line in log-odds cannot, and beyond 5 they cost more: see docs/bench-log.md
WEIGHT_RATIO_MOST = 3.0
_STEPS_MOST = 100
_HALVINGS_MOST = 40
_SETTLED = 1e-12


@dataclass(frozen=True, slots=True)
class Label:
    """`weight`: 1 / the probability with which this frame was chosen to be labelled."""

    margin: float
    truth: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Platt:
    """The log-odds of yes are slope * margin + offset. `labels`: how many stand behind it; slope > 0."""

    slope: float = 1.0
    offset: float = 0.0
    labels: int = 0


@dataclass(frozen=True, slots=True)
class Strength:
    """How hard the prior pulls: the precision of slope and of offset."""

    slope: float
    offset: float


#: takes margins at their word
IDENTITY = Platt()
#: at ten labels a rule follows the prior, at three hundred its own labels: see docs/bench-log.md
RULE_STRENGTH = Strength(60.0, 1.5)
#: just enough that labels which a line separates still have a finite fit
SHARED_STRENGTH = Strength(0.1, 0.1)

Point = tuple[float, float]


def fit(labels: Iterable[Label], prior: Platt = IDENTITY, strength: Strength = RULE_STRENGTH) -> Platt:
    """The prior itself, with no labels, where none is usable: not a number, or without weight."""
    usable = _usable(labels)
    return _fitted(_evened(usable), prior, strength)


def shared(labels_by_rule: Mapping[Hashable, Sequence[Label]]) -> Platt:
    """What the rules of one model have in common; IDENTITY, with no labels, until there are enough to say."""
    evened = [_evened(usable) for labels in labels_by_rule.values() if (usable := _usable(labels))]
    everything = [label for labels in evened for label in _at_most(labels, SHARED_MOST_OF_A_RULE)]
    rarer = min(sum(label.truth for label in everything), sum(not label.truth for label in everything))
    if len(everything) < SHARED_LABELS or len(evened) < SHARED_RULES or rarer < SHARED_OF_EACH:
        return IDENTITY
    return _fitted(everything, IDENTITY, SHARED_STRENGTH)


def apply(platt: Platt, margin: float) -> float:
    """The calibrated margin: greater where the raw one is greater; a number where the raw one is one."""
    if math.isnan(margin):
        return margin
    return platt.slope * _held(margin) + platt.offset


def inverse(platt: Platt, calibrated: float) -> float:
    """The least raw margin that becomes so much or more; without end where every one does, or none."""
    margin = (calibrated - platt.offset) / platt.slope
    return margin if abs(margin) < MARGIN_MOST else math.copysign(math.inf, margin)


def _fitted(labels: Sequence[Label], prior: Platt, strength: Strength) -> Platt:
    """By their weights as they are."""
    start = (max(prior.slope, SLOPE_LEAST), prior.offset)
    if not labels:
        return Platt(*start, 0)
    loss = _Loss(labels, start, strength)
    slope, offset = _descend(loss, start, loss.step)
    if slope < SLOPE_LEAST:  # convex: the best point that is allowed lies on the edge
        slope, offset = _descend(loss, (SLOPE_LEAST, offset), loss.step_along_edge)
    return Platt(slope, offset, len(labels))


def _usable(labels: Iterable[Label]) -> list[Label]:
    return [
        Label(_held(label.margin), label.truth, label.weight)
        for label in labels
        if math.isfinite(label.margin) and math.isfinite(label.weight) and label.weight > 0.0
    ]


def _held(margin: float) -> float:
    return min(max(margin, -MARGIN_MOST), MARGIN_MOST)


def _evened(labels: Sequence[Label]) -> list[Label]:
    """In proportion, held within WEIGHT_RATIO_MOST, the sum being what they are worth (Kish's effective number).

    One audited frame that stands for a hundred is one piece of evidence, and must not outweigh the prior as a hundred.
    """
    if not labels:
        return []
    lightest = min(label.weight for label in labels)
    shares = [min(label.weight / lightest, WEIGHT_RATIO_MOST) for label in labels]
    scale = sum(shares) / sum(share * share for share in shares)
    return [Label(label.margin, label.truth, share * scale) for label, share in zip(labels, shares, strict=True)]


def _at_most(labels: Sequence[Label], most: float) -> list[Label]:
    worth = sum(label.weight for label in labels)
    scale = min(1.0, most / worth)
    return [Label(label.margin, label.truth, label.weight * scale) for label in labels]


class _Loss:
    """Log loss of the labels and the pull of the prior, with its Newton steps."""

    def __init__(self, labels: Sequence[Label], prior: Point, strength: Strength) -> None:
        self._labels = labels
        self._prior = prior
        self._strength = strength

    def at(self, point: Point) -> float:
        slope, offset = point
        pull = (
            self._strength.slope * (slope - self._prior[0]) ** 2
            + self._strength.offset * (offset - self._prior[1]) ** 2
        )
        return pull / 2 + sum(
            label.weight * _softplus(-(slope * label.margin + offset) if label.truth else slope * label.margin + offset)
            for label in self._labels
        )

    def step(self, point: Point) -> tuple[Point, float]:
        """Newton's step, and how much it promises."""
        (down_slope, down_offset), (bend_slope, bend_both, bend_offset) = self._bends(point)
        area = bend_slope * bend_offset - bend_both * bend_both
        by_slope = (down_slope * bend_offset - down_offset * bend_both) / area
        by_offset = (down_offset * bend_slope - down_slope * bend_both) / area
        return (by_slope, by_offset), by_slope * down_slope + by_offset * down_offset

    def step_along_edge(self, point: Point) -> tuple[Point, float]:
        """As `step`, the slope standing still."""
        (_, down_offset), (_, _, bend_offset) = self._bends(point)
        by_offset = down_offset / bend_offset
        return (0.0, by_offset), by_offset * down_offset

    def _bends(self, point: Point) -> tuple[Point, tuple[float, float, float]]:
        """The way down, and the curvature; the prior keeps the latter positive."""
        slope, offset = point
        down_slope = -self._strength.slope * (slope - self._prior[0])
        down_offset = -self._strength.offset * (offset - self._prior[1])
        bend_slope, bend_both, bend_offset = self._strength.slope, 0.0, self._strength.offset
        for label in self._labels:
            chance = chance_of(slope * label.margin + offset)
            miss = label.weight * ((1.0 if label.truth else 0.0) - chance)
            bend = label.weight * chance * (1.0 - chance)
            down_slope += miss * label.margin
            down_offset += miss
            bend_slope += bend * label.margin * label.margin
            bend_both += bend * label.margin
            bend_offset += bend
        return (down_slope, down_offset), (bend_slope, bend_both, bend_offset)


def _descend(loss: _Loss, point: Point, step: Callable[[Point], tuple[Point, float]]) -> Point:
    here = loss.at(point)
    for _ in range(_STEPS_MOST):
        direction, promise = step(point)
        if promise <= _SETTLED:
            break
        length = 1.0
        for _ in range(_HALVINGS_MOST):
            there = (point[0] + length * direction[0], point[1] + length * direction[1])
            reached = loss.at(there)
            if reached <= here - 0.1 * length * promise:
                break
            length /= 2
        else:
            break  # no step helps any more: the numbers are as fine as they get
        point, here = there, reached
    return point


def chance_of(log_odds: float) -> float:
    """The logistic function, without overflow."""
    if log_odds >= 0.0:
        return 1.0 / (1.0 + math.exp(-log_odds))
    grown = math.exp(max(log_odds, -700.0))
    return grown / (1.0 + grown)


def _softplus(number: float) -> float:
    return max(number, 0.0) + math.log1p(math.exp(-abs(number)))
