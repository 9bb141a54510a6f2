"""A version of a rule held against every frame of it that a person graded.

Takes: the rule as it is or would be, its cases, the site's cameras, the scalings known now.
Gives: each case with its outcome; Regressed where a change would fail some.
Knows nothing about: requests, how a frame is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from alerts.calibrating import Calibration, calibrated_answers
from alerts.fitting import calibration_from
from api.problems import ProblemWith
from contracts.errors import Conflict
from contracts.plan import RulePlan
from rules.incidents.spec import RuleSpec, spec_for
from rules.learning.regression import Case, Outcome, Replay, not_watched, replay
from store.calibration import all_calibrations
from store.cameras import CameraRow, all_cameras
from store.regression import CaseRow, cases_of_rule
from store.rules import RuleRow, versions_of_rule
from store.times import from_text

#: of those that fail, so many are named in the refusal
_NAMED_MOST = 50


class Regressed(Conflict):
    """A change that people's own words speak against."""

    code = "regressed"


@dataclass(frozen=True, slots=True)
class Judged:
    """A case and what this version makes of it. `case` None: nothing is left to judge it by."""

    row: CaseRow
    case: Case | None
    replay: Replay


@dataclass(frozen=True, slots=True)
class _Site:
    cameras: Mapping[str, CameraRow]
    plans: Mapping[int, RulePlan]
    calibration: Calibration
    timezone: str


def judged_cases(connection: sa.Connection, rule: RuleRow, *, timezone: str) -> tuple[Judged, ...]:
    """Newest word first. Raises Invalid where the rule's threshold is none."""
    rows = cases_of_rule(connection, rule.id)
    if not rows:
        return ()
    cameras = {camera.id: camera for camera in all_cameras(connection)}
    plans = {version.version: version.plan for version in versions_of_rule(connection, rule.id)}
    site = _Site(cameras, plans, calibration_from(all_calibrations(connection)), timezone)
    return tuple(_judged(rule, row, site) for row in rows)


def check_regressions(connection: sa.Connection, rule: RuleRow, stored: RuleRow, *, timezone: str) -> None:
    """Raises Regressed, with the cases that fail in the problem's body, and what `stored` made of each.

    Only another plan or threshold can judge otherwise; what is graded wrong already speaks against either."""
    if (rule.plan, rule.threshold) == (stored.plan, stored.threshold):
        return
    failed = [each for each in judged_cases(connection, rule, timezone=timezone) if _failed(each)]
    if not failed:
        return
    before = {each.row.subject: each for each in judged_cases(connection, stored, timezone=timezone)}
    repeated = sum(not each.row.truth for each in failed)
    problem = (
        f"rule '{rule.id}' would judge {len(failed)} graded frames wrongly: "
        f"false alarms {repeated}, true alarms missed {len(failed) - repeated}"
    )
    remedy = "look at them, then write it otherwise, or send accept_regressions: true"
    shown = [
        case_json(each) | {"before": before[each.row.subject].replay.outcome.value} for each in failed[:_NAMED_MOST]
    ]
    raise ProblemWith(Regressed(problem, remedy), {"regressions": shown})


def case_json(judged: Judged) -> dict[str, object]:
    """As it is shown; `subject` is an incident's or an audited frame's id."""
    row = judged.row
    shown: dict[str, object] = {
        "subject": row.subject,
        "camera_id": row.camera_id,
        "captured_at": row.captured_at,
        "rule_version": row.rule_version,
        "value": "true_alarm" if row.truth else "false_alarm",
        "outcome": judged.replay.outcome.value,
    }
    return shown | ({"reason": judged.replay.reason} if judged.replay.reason else {})


def spec_on(rule: RuleRow, camera: CameraRow, *, timezone: str) -> RuleSpec:
    """The rule as one camera runs it. Raises Invalid."""
    return spec_for(
        rule.plan,
        rule_id=rule.id,
        version=rule.version,
        zones={zone.name: zone.polygon for zone in camera.zones},
        timezone=camera.timezone or timezone,
        threshold=rule.threshold,
    )


def _failed(judged: Judged) -> bool:
    return judged.replay.outcome is Outcome.FAILED


def _judged(rule: RuleRow, row: CaseRow, site: _Site) -> Judged:
    camera, plan = site.cameras.get(row.camera_id), site.plans.get(row.rule_version)
    if camera is None or plan is None:
        gone = "its camera was removed" if camera is None else "what the rule said then is not known"
        return Judged(row, None, Replay(Outcome.NOT_REPLAYED, gone))
    # As it was graded: that version's own scaling is the best that is known of these margins.
    before = replace(rule, version=row.rule_version, plan=plan, threshold=row.threshold or rule.threshold)
    case = Case(
        calibrated_answers(site.calibration, before, camera, row.model, row.answers),
        spec_on(before, camera, timezone=site.timezone),
        from_text(row.captured_at),
        row.fired,
        row.truth,
    )
    if rule.cameras and camera.id not in rule.cameras:
        return Judged(row, case, not_watched(case))
    return Judged(row, case, replay(spec_on(rule, camera, timezone=site.timezone), case))
