"""A rule's graded frames before an engine that did not tell of them: the model changed, and people's words did not.

Takes: the rule, its cases, the pictures that are still kept, an analyzer to ask.
Gives: each case as the new engine judges it, beside what was judged before.
Knows nothing about: requests, how a frame is judged."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import sqlalchemy as sa

from alerts.calibrating import Calibration, calibrated_answers
from alerts.fitting import calibration_from
from api.deps import Deps
from api.regressions import Judged, judged_cases, spec_on
from contracts.errors import NotFound
from contracts.messages import Answer, Keyframe, ModelRef, Scene
from rules.asking.questions import asked_questions
from rules.learning.regression import Outcome, Replay, replay_anew
from store.audited_frames import audited_frame_by_id
from store.calibration import all_calibrations, model_key
from store.cameras import CameraRow, all_cameras
from store.engine_checks import case_answers_of, keep_case_answers
from store.incidents import EvidenceFrame, incident_by_id
from store.regression import CaseRow, cases_of_rule
from store.rules import RuleRow
from store.times import from_text

#: what is left over is asked by the next check
ASK_FOR = timedelta(seconds=30)
_EPOCH = 1


@dataclass(frozen=True, slots=True)
class EngineCheck:
    """`judged`: as this model judges; `before`: what was made of the same case, in the same order. `left`: not asked
    yet."""

    model: ModelRef
    judged: tuple[Judged, ...]
    before: tuple[Outcome, ...]
    left: int

    @property
    def regressed(self) -> tuple[Judged, ...]:
        """What was judged rightly, and no longer is."""
        pairs = zip(self.judged, self.before, strict=True)
        return tuple(
            now for now, before in pairs if now.replay.outcome is Outcome.FAILED and before is Outcome.PASSED
        )


@dataclass(slots=True)
class _Asked:
    """`gone`: cases whose picture is no longer kept; `left`: those that there was no time for."""

    gone: set[str] = field(default_factory=set)
    said: dict[str, tuple[Answer, ...]] = field(default_factory=dict)
    left: int = 0


def checked(deps: Deps, rule: RuleRow, model: ModelRef) -> EngineCheck:
    """Asks the analyzer about cases that `model` has not answered yet. Raises JobTimedOut, BusUnreachable."""
    key = model_key(model)
    with deps.database.read() as connection:
        known = case_answers_of(connection, rule.id, key)
        cases = cases_of_rule(connection, rule.id)
        cameras = {camera.id: camera for camera in all_cameras(connection)}
        strange = [case for case in cases if model_key(case.model) != key and case.subject not in known]
        frames = {case.subject: _evidence(connection, case) for case in strange}
    asked = _ask(deps, rule, model, strange, frames, keep_local=any(camera.keep_local for camera in cameras.values()))
    with deps.database.write() as connection:
        keep_case_answers(connection, key, {subject: said for subject, said in asked.said.items() if _is_whole(said)})
    with deps.database.read() as connection:
        native = judged_cases(connection, rule, timezone=deps.settings.timezone)
        calibration = calibration_from(all_calibrations(connection))
    judge = _Anew(rule, model, cameras, calibration, deps.settings.timezone, known | asked.said, asked.gone)
    judged = tuple(
        each if model_key(each.row.model) == key else replace(each, replay=judge.replay(each)) for each in native
    )
    return EngineCheck(model, judged, tuple(each.replay.outcome for each in native), asked.left)


def _ask(
    deps: Deps,
    rule: RuleRow,
    model: ModelRef,
    cases: Sequence[CaseRow],
    frames: dict[str, EvidenceFrame | None],
    *,
    keep_local: bool,
) -> _Asked:
    asked, until = _Asked(), deps.clock() + ASK_FOR
    waiting = {case.subject: case for case in cases}

    def pictures() -> Iterator[Keyframe]:
        for seq, case in enumerate(cases, 1):
            if deps.clock() >= until:
                return
            jpeg = _picture(deps, frames[case.subject])
            if jpeg is None:
                asked.gone.add(case.subject)
                waiting.pop(case.subject)
                continue
            yield Keyframe(case.subject, _EPOCH, seq, from_text(case.captured_at), jpeg, 0, 0, Scene())

    if not cases:
        return asked
    with deps.slow_request():
        for answers in deps.asker.answered(pictures(), asked_questions([rule.plan]), keep_local=keep_local):
            if answers.model == model:
                asked.said[answers.camera] = answers.answers
                waiting.pop(answers.camera)
    asked.left = len(waiting)
    return asked


@dataclass(frozen=True, slots=True)
class _Anew:
    rule: RuleRow
    model: ModelRef
    cameras: Mapping[str, CameraRow]
    calibration: Calibration
    timezone: str
    said: Mapping[str, tuple[Answer, ...]]
    gone: Collection[str]

    def replay(self, judged: Judged) -> Replay:
        """What the native answers do not show, no other engine's show."""
        subject, camera = judged.row.subject, self.cameras.get(judged.row.camera_id)
        if judged.case is None or camera is None or judged.replay.outcome is Outcome.NOT_REPLAYED:
            return judged.replay
        if subject in self.gone:
            return Replay(Outcome.NOT_REPLAYED, "its picture is no longer kept")
        if subject not in self.said:
            return Replay(Outcome.NOT_REPLAYED, "there was no time for it: check again")
        answers = calibrated_answers(self.calibration, self.rule, camera, self.model, self.said[subject])
        return replay_anew(spec_on(self.rule, camera, timezone=self.timezone), judged.case, answers)


def _evidence(connection: sa.Connection, case: CaseRow) -> EvidenceFrame | None:
    """None where it is another moment's than the one that was judged."""
    found = incident_by_id(connection, case.subject) or audited_frame_by_id(connection, case.subject)
    frames = found.evidence.frames if found else ()
    return next((frame for frame in frames if frame.at == case.captured_at), None)


def _is_whole(said: tuple[Answer, ...]) -> bool:
    """A failure of the moment is asked again next time."""
    return all(answer.unknown_reason is None for answer in said)


def _picture(deps: Deps, frame: EvidenceFrame | None) -> bytes | None:
    if frame is None:
        return None
    try:
        jpeg = deps.pictures.file(frame.path).read_bytes()
    except (NotFound, OSError):
        return None
    return jpeg if hashlib.sha256(jpeg).hexdigest() == frame.sha256 else None

