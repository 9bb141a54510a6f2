"""How high a rule's threshold may be, and a frame still shows what the rule tells of.

Takes: the rule as one camera runs it, the answers of one frame.
Gives: the highest threshold, or None where the frame does not say; whether a plan has such a thing at all.
Knows nothing about: time, labels, budgets."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace

from contracts.messages import Answer
from contracts.plan import RulePlan
from rules.incidents.logic import Truth, asked_affirmatively, parse_logic
from rules.incidents.spec import RuleSpec
from rules.learning.regression import holds


def falls_with_threshold(plan: RulePlan) -> bool:
    """Whether a higher threshold only ever means fewer alarms. With a "not", or "fewer than", it means more of some."""
    if plan.temporal.kind == "absent" or (plan.temporal.kind == "sequence" and plan.negated):
        return False
    if plan.count is not None and plan.count.op not in {">", ">="}:
        return False
    return asked_affirmatively(parse_logic(plan.logic)) >= {question.id for question in plan.questions}


def reach(spec: RuleSpec, answers: Mapping[str, Answer], grid: Sequence[float]) -> float | None:
    """Of `grid`, which rises; 0 where it shows at none. Only for plans that fall with the threshold."""

    def shows(threshold: float) -> Truth:
        return holds(replace(spec, threshold=threshold), answers)

    if shows(grid[0]) is Truth.UNKNOWN:
        return None
    passed = bisect_right(grid, 0, key=lambda threshold: 0 if shows(threshold) is Truth.YES else 1)
    return grid[passed - 1] if passed else 0.0
