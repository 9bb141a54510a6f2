"""The threshold that a rule's graded alarms suggest for a budget of false alarms.

Takes: a rule, its graded frames, how many incidents it told of and for how long, the current time.
Gives: a Suggestion and the time that it rests on.
Knows nothing about: requests, statistics."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from api.regressions import Judged, judged_cases
from contracts.errors import Conflict
from rules.incidents.thresholds import DEFAULT_THRESHOLD
from rules.learning.budget import GRID, WEEK_S, Graded, Suggestion, Watched, suggest
from rules.learning.reach import falls_with_threshold, reach
from store.regression import told_since
from store.rules import RuleRow, versions_of_rule
from store.times import from_text, to_text

#: what is older speaks for a site, and perhaps a season, as it no longer is
SPAN = timedelta(weeks=8)


def suggestion_for(
    connection: sa.Connection, rule: RuleRow, *, budget_per_week: float, timezone: str, now: datetime
) -> tuple[Suggestion, float]:
    """With the weeks that this version was watched. Raises Conflict where no threshold makes its alarms fewer."""
    if not falls_with_threshold(rule.plan):
        raise Conflict(
            f"rule '{rule.id}' cannot be tuned: it tells of what is not seen, or of few, and a higher threshold would "
            "make some of its alarms more",
            "word it by what is seen, or say how long it must last",
        )
    since = max(_since(connection, rule), now - SPAN)
    told = told_since(connection, rule.id, rule.version, to_text(since))
    judged = [
        each
        for each in judged_cases(connection, rule, timezone=timezone)
        if each.row.rule_version == rule.version and each.row.captured_at >= to_text(since)
    ]
    weeks = max(0.0, (now - since).total_seconds() / WEEK_S)
    threshold = DEFAULT_THRESHOLD if rule.threshold is None else rule.threshold
    watched = Watched(weeks, max(told.highest_threshold or 0.0, threshold))
    return suggest(_graded(judged, told.incidents), watched, budget_per_week=budget_per_week), weeks


def _since(connection: sa.Connection, rule: RuleRow) -> datetime:
    written = (each.created_at for each in versions_of_rule(connection, rule.id) if each.version == rule.version)
    return from_text(next(written, rule.created_at))


def _graded(judged: Sequence[Judged], told: int) -> list[Graded]:
    """Those whose frame says how sure it was. What is not graded, or does not say, is as those that do."""
    found = [(each, _reach(each)) for each in judged]
    heard = sum(each.row.fired for each, reached in found if reached is not None)
    share = max(1.0, told / heard) if heard else 1.0
    return [
        Graded(reached, each.row.truth, share if each.row.fired else each.row.weight, not each.row.fired)
        for each, reached in found
        if reached is not None
    ]


def _reach(judged: Judged) -> float | None:
    case = judged.case
    if case is None:
        return None
    reached = reach(case.then, case.answers, GRID)
    # Of what lasted, or followed, the last frame may show less than what opened it.
    if reached is not None and case.fired and reached < case.then.threshold:
        return None if case.then.plan.temporal.kind != "instant" else case.then.threshold
    return reached
