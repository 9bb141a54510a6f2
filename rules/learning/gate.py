"""When a cheap look may spare the model a frame: only where enough events prove that few would be missed.

Takes: the gate scores of past events of a rule, a recall target; later, what audits found.
Gives: the bar below which frames need not be asked about, or None; whether it must come down again.
Knows nothing about: models, pictures, time.

The bar is an order statistic, so the promise needs no assumption about how scores are distributed: with the k-th
smallest of n scores as the bar, the chance that more than 1 - recall of all such events lie below it is
P[Bin(n, 1 - recall) <= k - 1]; k is the largest for which that stays within `doubt`. It takes 59 events for a recall of
95 % at 5 % doubt, 29 for 90 %, 299 for 99 %. An event counts once, with the best score of its frames: the frames of one
event are not independent. The promise is relative to the model behind the gate, whose word makes an event.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.plan import RulePlan
from rules.incidents.logic import asked_affirmatively, parse_logic

RECALL = 0.95
DOUBT = 0.05
#: newer events push the oldest out: a camera's world drifts
MOST_EVENTS = 1000


def bar_of(scores: Sequence[float], *, recall: float = RECALL, doubt: float = DOUBT) -> float | None:
    """None: too few events, nothing may be skipped."""
    ordered, miss = sorted(score for score in scores if math.isfinite(score)), 1.0 - recall
    best: float | None = None
    below = 0.0
    for k in range(1, len(ordered) + 1):
        below += _binomial(len(ordered), k - 1, miss)
        if below > doubt:
            break
        best = ordered[k - 1]
    return best


def events_needed(*, recall: float = RECALL, doubt: float = DOUBT) -> int:
    """With fewer there is no bar, whatever the scores."""
    return math.ceil(math.log(doubt) / math.log(recall))


@dataclass(frozen=True, slots=True)
class Watched:
    """What became of events since the gate closed. `missed`: those below the bar, each weighted by how rarely such a
    one is looked at (1 / audit rate, or 1 where it was asked about because it was due)."""

    caught: int = 0
    missed: float = 0.0


def must_reopen(watched: Watched, *, recall: float = RECALL) -> bool:
    """One miss found by chance stands for many that were not: the doubt is the user's, so the gate opens."""
    seen = watched.caught + watched.missed
    return watched.missed > 0 and watched.caught < recall * seen


def gateable(plan: RulePlan) -> bool:
    """Whether a frame that is not asked about does the rule no harm: it must only ever wait for one yes.

    Of k events that must be found, the best says nothing about the others."""
    if plan.status == "refused" or not plan.questions or plan.negated:
        return False
    if plan.temporal.kind in {"absent", "sequence", "k_of_n"} or (plan.count and plan.count.op in {"<", "<=", "=="}):
        return False
    names = {question.id for question in plan.questions}
    return asked_affirmatively(parse_logic(plan.logic)) >= names and "not" not in plan.logic.split()


def _binomial(n: int, k: int, p: float) -> float:
    """P[Bin(n, p) = k], by logarithms: n may be a thousand."""
    return math.exp(
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p)
    )
