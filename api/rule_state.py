"""Whether a rule is evaluated now, and if not, why: silence is never taken for "no".

Takes: a rule, the site's cameras, its gates, a LiveView, the current time.
Gives: RuleState, GateOut.
Knows nothing about: requests, verdicts."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from alerts.arming import is_armed
from api.bodies.rules import GateOut, PlanOut, RuleOut, RuleState
from api.camera_view import status_of
from api.compiling import compiled_with_names
from api.live import LiveView
from api.rule_zones import zone_missing
from contracts.plan import plan_to_json
from rules.asking.history import shown_by_one_picture
from rules.asking.questions import answerable_by
from rules.learning.gate import events_needed
from store.calibration import model_key
from store.cameras import CameraRow
from store.engine_checks import Proven
from store.gates import GateRow
from store.rules import RuleRow
from store.times import to_text

_NAMED_MOST = 3


def rule_state(
    rule: RuleRow,
    cameras: Mapping[str, CameraRow],
    view: LiveView,
    now: datetime,
    *,
    timezone: str,
    proven: Proven | None = None,
) -> RuleState:
    """The first thing that is wrong, from the rule outwards: switched off, no zone, no engine, a strange one, blind."""
    if not rule.enabled:
        return RuleState(state="degraded", reason="the rule is switched off")
    placeless = zone_missing(rule, cameras)
    if placeless:
        return RuleState(state="degraded", reason=placeless)
    if view.away:
        return RuleState(state="degraded", reason=view.away)
    missing = _engine_missing(rule, cameras, view)
    if missing:
        return RuleState(state="pending_engine", reason=missing)
    strange = strange_models(rule, view, proven)
    if strange and proven is not None:
        reason = f"the model changed since its {proven.cases} cases were checked; POST /api/v1/rules/{rule.id}/check"
        return RuleState(state="degraded", reason=reason)
    blind = _blind_spots(rule, cameras, view, now, timezone)
    if blind:
        more = f" and {len(blind) - _NAMED_MOST} more" if len(blind) > _NAMED_MOST else ""
        return RuleState(state="degraded", reason="; ".join(blind[:_NAMED_MOST]) + more)
    return RuleState(state="live")


def strange_models(rule: RuleRow, view: LiveView, proven: Proven | None) -> tuple[str, ...]:
    """Those online that were never held against the rule's cases, where pictures could do it."""
    if proven is None or not shown_by_one_picture(rule.plan):
        return ()
    online = [model_key(each.model) for each in view.capabilities if answerable_by(rule.plan, each)]
    return tuple(model for model in dict.fromkeys(online) if model not in proven.models)


def _engine_missing(rule: RuleRow, cameras: Mapping[str, CameraRow], view: LiveView) -> str:
    if not view.capabilities:
        return "no analyzer is online"
    if any(answerable_by(rule.plan, offered) for offered in view.capabilities):
        return ""
    # Compiled once more, for the reasons of just those engines online now; a zone elsewhere is of no use to it.
    watched = rule.cameras or tuple(cameras)
    known = [each if each.id in watched else replace(each, zones=()) for each in cameras.values()]
    judged = compiled_with_names(rule.text, known, view.capabilities).answerable
    # Both kinds: what the detector lacks, and that no engine is there which reads.
    reasons = "; ".join(f"{one.engine}: {one.reason}" for one in judged if one.reason)
    return "no engine online can answer it" + (f": {reasons}" if reasons else "")


def _blind_spots(
    rule: RuleRow, cameras: Mapping[str, CameraRow], view: LiveView, now: datetime, timezone: str
) -> list[str]:
    if not cameras:
        return ["there is no camera yet"]
    blind = []
    for camera_id in rule.cameras or tuple(cameras):
        camera = cameras.get(camera_id)
        if camera is None:
            blind.append(f"camera '{camera_id}' was removed")
        elif not is_armed(camera, timezone, now):
            blind.append(f"camera '{camera.name}' is disarmed")
        elif (status := status_of(camera, view, now)).state != "online":
            reason = f": {status.reason}" if status.reason else ""
            blind.append(f"camera '{camera.name}' is {status.state}{reason}")
    return blind


def gate_out(gate: GateRow, now: datetime) -> GateOut:
    """One whose month is over is open, whatever its row says until the next event."""
    closed = gate.bar is not None and (gate.until is None or to_text(now) < gate.until)
    return GateOut(
        state="closed" if closed else "open",
        camera_group=gate.key.camera_group,
        model=gate.key.model,
        events=gate.events,
        needed=events_needed(),
        since=gate.since,
        bar=gate.bar if closed else None,
        until=gate.until if closed else None,
        caught=gate.caught if closed else None,
        missed=round(gate.missed, 1) if closed else None,
        reason=gate.reason or None,
    )


def rule_out(
    rule: RuleRow,
    cameras: Mapping[str, CameraRow],
    view: LiveView,
    now: datetime,
    gates: Iterable[GateRow] = (),
    *,
    timezone: str,
    proven: Mapping[str, Proven] | None = None,
) -> RuleOut:
    """A rule as it is shown; of `gates` those of its version, of `proven` its own. `timezone`: the site's."""
    mine = [gate for gate in gates if (gate.key.rule_id, gate.key.rule_version) == (rule.id, rule.version)]
    return RuleOut(
        id=rule.id,
        version=rule.version,
        name=rule.name or None,
        text=rule.text,
        plan=PlanOut(plan_to_json(rule.plan)),
        cameras=list(rule.cameras),
        threshold=rule.threshold,
        false_alarm_budget_per_week=rule.false_alarm_budget_per_week,
        enabled=rule.enabled,
        state=rule_state(rule, cameras, view, now, timezone=timezone, proven=(proven or {}).get(rule.id)),
        gates=[gate_out(gate, now) for gate in mine] or None,
        created_at=rule.created_at,
        updated_at=rule.updated_at,
    )
