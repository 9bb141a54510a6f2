"""/api/v1/rules/{id}/cases, /check and /tune: what people's words on a rule's alarms are good for.

Takes: a rule, a budget of false alarms.
Gives: CaseOut, CheckOut; TuneOut, and the threshold in the rule where that is wished.
Knows nothing about: how a frame is judged, how a threshold is found."""

from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter

from api.auth import Caller, RuleWriter, Viewer
from api.bodies.tuning import CaseOut, CheckIn, CheckOut, TuneIn, TuneOut
from api.deps import Deps, DepsHere
from api.engine_check import EngineCheck, checked
from api.known_rule import known_rule
from api.paging import Page
from api.problems import declared
from api.regressions import case_json, check_regressions, judged_cases
from api.tuning import suggestion_for
from contracts.errors import Conflict, Invalid, Refused, Unavailable
from contracts.messages import ModelRef
from rules.asking.history import shown_by_one_picture
from rules.asking.questions import answerable_by
from rules.incidents.thresholds import DEFAULT_THRESHOLD
from rules.learning.regression import Outcome
from store.audit import note
from store.calibration import model_key
from store.engine_checks import mark_checked
from store.rules import RuleRow, change_rule, rule_by_id
from store.site import next_site_version
from store.times import to_text

router = APIRouter(prefix="/api/v1/rules", tags=["rules"])


@router.get(
    "/{rule_id}/cases",
    response_model_exclude_none=True,
    responses=declared(404),
    summary="List the frames that people graded",
)
def list_cases(rule_id: str, deps: DepsHere, _caller: Viewer) -> Page[CaseOut]:
    """Newest word first, all on one page. Another text or threshold must pass them before it goes live."""
    with deps.database.read() as connection:
        rule = known_rule(connection, rule_id)
        cases = judged_cases(connection, rule, timezone=deps.settings.timezone)
    return Page(items=[CaseOut.model_validate(case_json(each)) for each in cases], next_cursor=None)


@router.post(
    "/{rule_id}/check",
    response_model_exclude_none=True,
    responses=declared(404, 504),
    summary="Hold the engine online against the frames that people graded",
)
def check(rule_id: str, body: CheckIn, deps: DepsHere, caller: RuleWriter) -> CheckOut:
    """After the model was changed: it is shown the pictures again, for half a minute at most."""
    now = deps.clock()
    with deps.database.read() as connection:
        rule = known_rule(connection, rule_id)
    found = checked(deps, rule, _model_online(deps, rule, now))
    accepted = not found.left and (body.accept_regressions or not found.regressed)
    if accepted:
        with deps.database.write() as connection:
            mark_checked(connection, rule.id, model_key(found.model), to_text(now))
            note(
                connection,
                actor=caller.key_id,
                action="rule checked",
                subject=rule.id,
                detail=f"{model_key(found.model)}: {len(found.regressed)} of {len(found.judged)} cases worse",
                now=now,
            )
    return _check_out(found, accepted)


def _model_online(deps: Deps, rule: RuleRow, now: datetime) -> ModelRef:
    if not shown_by_one_picture(rule.plan):
        raise Refused(
            f"rule '{rule.id}' cannot be checked: no single picture shows what it is about", "watch what it tells"
        )
    view = deps.live.view(now)
    online = next((each for each in view.capabilities if answerable_by(rule.plan, each)), None)
    if online is None:
        raise Unavailable(view.away or f"no engine online can answer rule '{rule.id}'", "see GET /health")
    return online.model


def _check_out(found: EngineCheck, accepted: bool) -> CheckOut:
    outcomes = [each.replay.outcome for each in found.judged]
    return CheckOut(
        model=model_key(found.model),
        cases=len(outcomes),
        passed=outcomes.count(Outcome.PASSED),
        failed=outcomes.count(Outcome.FAILED),
        not_replayed=outcomes.count(Outcome.NOT_REPLAYED),
        left=found.left,
        regressions=[CaseOut.model_validate(case_json(each)) for each in found.regressed],
        accepted=accepted,
    )


@router.post(
    "/{rule_id}/tune",
    response_model_exclude_none=True,
    responses=declared(404, 409),
    summary="Find the threshold for a budget of false alarms",
)
def tune(rule_id: str, body: TuneIn, deps: DepsHere, caller: RuleWriter) -> TuneOut:
    """Changes nothing without `apply`. The version stays, and incidents keep the threshold that they opened at.

    409 with `regressions` where the threshold would judge frames wrongly that people graded."""
    now = deps.clock()
    with deps.database.read() as connection:
        rule = known_rule(connection, rule_id)
        budget = body.false_alarm_budget_per_week or rule.false_alarm_budget_per_week
        if budget is None:
            raise Invalid("false_alarm_budget_per_week: neither here nor in the rule", "send one, such as 2")
        found, weeks = suggestion_for(
            connection, rule, budget_per_week=budget, timezone=deps.settings.timezone, now=now
        )
    applied = body.apply and found.threshold is not None
    if applied:
        tuned = replace(rule, threshold=found.threshold, false_alarm_budget_per_week=budget, updated_at=to_text(now))
        if not body.accept_regressions:
            with deps.database.read() as connection:
                check_regressions(connection, tuned, rule, timezone=deps.settings.timezone)
        _apply(deps, rule, tuned, caller, now)
    return TuneOut(
        threshold=found.threshold,
        current_threshold=DEFAULT_THRESHOLD if rule.threshold is None else rule.threshold,
        false_alarm_budget_per_week=budget,
        expected_false_per_week=_rounded(found.expected_false_per_week),
        at_most_false_per_week=_rounded(found.at_most_false_per_week),
        expected_recall=_rounded(found.expected_recall),
        labels=found.labels,
        false_labels=found.false_labels,
        watched_weeks=round(weeks, 3),
        applied=applied,
        reason=found.reason or None,
    )


def _apply(deps: Deps, rule: RuleRow, tuned: RuleRow, caller: Caller, now: datetime) -> None:
    with deps.database.write() as connection:
        if rule_by_id(connection, rule.id) != rule:
            raise Conflict(f"rule '{rule.id}' was changed by somebody else meanwhile", "tune it again")
        change_rule(connection, tuned, new_version=False)
        detail = f"threshold {tuned.threshold} for {tuned.false_alarm_budget_per_week} false alarms a week"
        note(connection, actor=caller.key_id, action="rule tuned", subject=rule.id, detail=detail, now=now)
        next_site_version(connection)
    deps.changed()


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 3)
