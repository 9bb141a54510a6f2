"""/api/v1/rules: what is watched for, in plain language.

Takes: RuleIn, RuleChange, ExplainIn.
Gives: RuleOut with its plan and state; a refusal with the plan that shows why.
Knows nothing about: how a sentence is understood."""

from dataclasses import replace

from fastapi import APIRouter

from api.auth import RuleWriter, Viewer
from api.bodies.rules import ExplainIn, PlanOut, RuleChange, RuleIn, RuleOut, RuleVersionOut
from api.compiling import chosen_cameras, compile_for_site, compile_with, names_of
from api.deps import Deps, DepsHere
from api.known_rule import known_rule, unknown_rule
from api.paging import Cursor, Limit, Page, page_of, position
from api.problems import declared
from api.regressions import check_regressions
from api.rereading import reread
from api.rule_state import rule_out
from api.second_opinion import opinion_on
from contracts.errors import Conflict, Invalid
from contracts.ids import new_id
from contracts.plan import RulePlan, plan_to_json
from rules.plan.proposal import Names
from store.audit import note
from store.cameras import CameraRow, all_cameras
from store.engine_checks import proven_engines
from store.gates import all_gates, drop_gates
from store.regression import drop_cases
from store.rules import RuleRow, add_rule, change_rule, page_of_rules, remove_rule, versions_of_rule
from store.site import next_site_version
from store.times import to_text

router = APIRouter(prefix="/api/v1/rules", tags=["rules"])


@router.post("", status_code=201, response_model_exclude_none=True, responses=declared(), summary="Write a rule")
def write_rule(body: RuleIn, deps: DepsHere, caller: RuleWriter) -> RuleOut:
    """A sentence that no picture can show is refused: 422 with its `plan`."""
    now = deps.clock()
    cameras = _cameras(deps)
    online = deps.live.view(now).capabilities
    opinion = opinion_on(deps, body.text, online) if body.second_opinion else None
    plan = compile_for_site(body.text, cameras, online, opinion=opinion)
    rule = RuleRow(
        id=new_id("rul", now),
        version=1,
        text=body.text,
        plan=plan,
        created_at=to_text(now),
        updated_at=to_text(now),
        name=body.name or "",
        cameras=chosen_cameras(body.cameras, plan, cameras),
        threshold=body.threshold,
        enabled=body.enabled,
        false_alarm_budget_per_week=body.false_alarm_budget_per_week,
    )
    with deps.database.write() as connection:
        add_rule(connection, rule)
        note(connection, actor=caller.key_id, action="rule added", subject=rule.id, detail=rule.text, now=now)
        next_site_version(connection)
    deps.changed()
    return _shown(deps, rule, cameras)


@router.get("", response_model_exclude_none=True, responses=declared(), summary="List rules")
def list_rules(deps: DepsHere, _caller: Viewer, cursor: Cursor = "", limit: Limit = 50) -> Page[RuleOut]:
    """In the order in which they were written."""
    now = deps.clock()
    with deps.database.read() as connection:
        rows = page_of_rules(connection, after=position(cursor), limit=limit + 1)
        cameras = {camera.id: camera for camera in all_cameras(connection)}
        gates, proven = all_gates(connection), proven_engines(connection)
    view = deps.live.view(now)
    zone = deps.settings.timezone

    def shown(row: RuleRow) -> RuleOut:
        return rule_out(row, cameras, view, now, gates, timezone=zone, proven=proven)

    return page_of(rows, limit, lambda row: row.id, shown)


@router.post("/explain", responses=declared(), summary="Explain a sentence")
def explain(body: ExplainIn, deps: DepsHere, _caller: Viewer) -> PlanOut:
    """The plan, also of a sentence that would be refused; stores nothing."""
    capabilities = deps.live.view(deps.clock()).capabilities
    site = names_of(_cameras(deps))
    names = Names(
        site.cameras if body.cameras is None else tuple(body.cameras),
        site.zones if body.zones is None else tuple(body.zones),
    )
    opinion = opinion_on(deps, body.text, capabilities) if body.second_opinion else None
    return _plan_out(compile_with(body.text, names, capabilities, opinion=opinion))


@router.get("/{rule_id}", response_model_exclude_none=True, responses=declared(404), summary="Show a rule")
def show(rule_id: str, deps: DepsHere, _caller: Viewer) -> RuleOut:
    """With its state now."""
    with deps.database.read() as connection:
        rule = known_rule(connection, rule_id)
    return _shown(deps, rule, _cameras(deps))


@router.get("/{rule_id}/versions", responses=declared(404), summary="List what a rule said")
def versions(rule_id: str, deps: DepsHere, _caller: Viewer) -> Page[RuleVersionOut]:
    """Oldest first, all on one page; also of a rule that was removed."""
    with deps.database.read() as connection:
        found = versions_of_rule(connection, rule_id)
    if not found:
        raise unknown_rule(rule_id)
    items = [
        RuleVersionOut(version=row.version, text=row.text, plan=_plan_out(row.plan), created_at=row.created_at)
        for row in found
    ]
    return Page(items=items, next_cursor=None)


@router.patch("/{rule_id}", response_model_exclude_none=True, responses=declared(404, 409), summary="Change a rule")
def change(rule_id: str, body: RuleChange, deps: DepsHere, caller: RuleWriter) -> RuleOut:
    """Another text is compiled as a new one would be, and makes a new version; so do the same text and other cameras,
    where a zone or camera is there that the text names and the plan does not.

    409 with `regressions` where another text or threshold would judge frames wrongly that people graded."""
    now = deps.clock()
    cameras = _cameras(deps)
    with deps.database.read() as connection:
        stored = known_rule(connection, rule_id)
    rule = _changed(stored, body, cameras, deps)
    new_version = (rule.text, rule.plan) != (stored.text, stored.plan)
    rule = replace(rule, version=stored.version + new_version, updated_at=to_text(now))
    if not body.accept_regressions:
        with deps.database.read() as connection:
            check_regressions(connection, rule, stored, timezone=deps.settings.timezone)
    with deps.database.write() as connection:
        current = known_rule(connection, rule_id)
        if current != stored:
            raise Conflict(f"rule '{rule_id}' was changed by somebody else meanwhile", "read it again, then change it")
        change_rule(connection, rule, new_version=new_version)
        changed = ", ".join(sorted(body.model_fields_set))  # names accept_regressions too, where it was given
        note(connection, actor=caller.key_id, action="rule changed", subject=rule.id, detail=changed, now=now)
        next_site_version(connection)
    deps.changed()
    return _shown(deps, rule, cameras)


@router.delete("/{rule_id}", status_code=204, responses=declared(404), summary="Remove a rule")
def remove(rule_id: str, deps: DepsHere, caller: RuleWriter) -> None:
    """Its incidents and versions stay."""
    now = deps.clock()
    with deps.database.write() as connection:
        if not remove_rule(connection, rule_id):
            raise unknown_rule(rule_id)
        drop_gates(connection, rule_id)
        drop_cases(connection, rule_id)
        note(connection, actor=caller.key_id, action="rule removed", subject=rule_id, now=now)
        next_site_version(connection)
    deps.changed()


def _changed(stored: RuleRow, body: RuleChange, cameras: tuple[CameraRow, ...], deps: Deps) -> RuleRow:
    given = body.model_fields_set
    rule = stored
    online = deps.live.view(deps.clock()).capabilities
    if body.text is not None and body.text != stored.text:
        opinion = opinion_on(deps, body.text, online) if body.second_opinion else None
        plan = compile_for_site(body.text, cameras, online, opinion=opinion)
        # A sentence that names cameras chooses them; one that names none leaves the choice as it was.
        named = chosen_cameras(None, plan, cameras) if body.cameras is None else ()
        rule = replace(rule, text=body.text, plan=plan, cameras=named or rule.cameras)
    if body.cameras is not None:
        rule = replace(rule, cameras=chosen_cameras(body.cameras, rule.plan, cameras))
    if rule.text == stored.text and given & {"text", "cameras"}:
        rule = reread(rule, cameras, online) or rule
    if "name" in given:
        rule = replace(rule, name=body.name or "")
    if "threshold" in given:
        rule = replace(rule, threshold=body.threshold)
    if "false_alarm_budget_per_week" in given:
        rule = replace(rule, false_alarm_budget_per_week=body.false_alarm_budget_per_week)
    if body.enabled is None and "enabled" in given:
        raise Invalid("enabled: null is neither on nor off", "send true or false, or leave it out")
    return rule if body.enabled is None else replace(rule, enabled=body.enabled)


def _cameras(deps: Deps) -> tuple[CameraRow, ...]:
    with deps.database.read() as connection:
        return all_cameras(connection)


def _shown(deps: Deps, rule: RuleRow, cameras: tuple[CameraRow, ...]) -> RuleOut:
    now = deps.clock()
    with deps.database.read() as connection:
        gates, proven = all_gates(connection), proven_engines(connection)
    by_id, view = {camera.id: camera for camera in cameras}, deps.live.view(now)
    return rule_out(rule, by_id, view, now, gates, timezone=deps.settings.timezone, proven=proven)


def _plan_out(plan: RulePlan) -> PlanOut:
    return PlanOut(plan_to_json(plan))
