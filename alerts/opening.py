"""From a machine's change to an incident's row, with its evidence on disk.

Takes: the change, the rule and camera, what is known about the frame that decided.
Gives: IncidentRow, complete; the pictures are synced before it is handed on.
Knows nothing about: the database, rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from alerts.batch import Sharper
from alerts.calibrating import UNCALIBRATED, Calibration, calibrated_answers, is_calibrated, raw_margins
from alerts.evidence import EvidenceKeeper, Wanted
from alerts.explanation import frames_seen, questions_seen
from alerts.judging import Change, Watch
from contracts.ids import new_id
from contracts.messages import Answer, Answers, ModelRef
from contracts.plan import Severity
from rules.asking.asked import asked_key
from store.incidents import IncidentRow, IncidentState, Latency
from store.times import to_text

DEFAULT_SEVERITY: Severity = "medium"
#: of one answer
BOXES_KEPT = 100


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The last answers of a camera: whose, of which frame and those before it, how long they took, and by what they
    were calibrated."""

    captured_at: datetime
    model: ModelRef
    evidence: str | None
    queue_ms: float
    infer_ms: float
    answers: tuple[Answer, ...] = ()
    calibration: Calibration = UNCALIBRATED
    earlier: tuple[str, ...] = ()


def glimpse_of(answers: Answers, calibration: Calibration = UNCALIBRATED) -> Glimpse:
    """What is worth remembering until the next answers."""
    return Glimpse(
        answers.captured_at,
        answers.model,
        answers.evidence,
        answers.queue_ms,
        answers.infer_ms,
        answers.answers,
        calibration,
        answers.earlier,
    )


def worth_explaining(watch: Watch, incident: IncidentRow, glimpse: Glimpse | None) -> tuple[str, ...]:
    """The questions to ask afterwards; none where the picture kept is not the one that was judged and pinned."""
    if glimpse is None or all(frame.sha256 != glimpse.evidence for frame in incident.evidence.frames):
        return ()
    return questions_seen(watch.spec, _judged(watch, glimpse))


def _judged(watch: Watch, glimpse: Glimpse) -> Mapping[str, Answer]:
    return calibrated_answers(glimpse.calibration, watch.rule, watch.camera, glimpse.model, glimpse.answers)


def _judged_with(watch: Watch, glimpse: Glimpse) -> tuple[str, ...]:
    """The pictures before the one that was judged, of which the rule's widest yes is; none where not all are kept."""
    before = frames_seen(watch.spec, _judged(watch, glimpse)) - 1
    return glimpse.earlier[-before:] if 0 < before <= len(glimpse.earlier) else ()


def deciding_answers(watch: Watch, glimpse: Glimpse | None) -> tuple[Answer, ...]:
    """Raw, those of the rule's questions, as they stood when the incident opened; the weakest boxes are left out."""
    if glimpse is None:
        return ()
    plan = watch.rule.plan
    asked = {asked_key(plan, question) for question in plan.questions}
    return tuple(_surest_boxes(answer) for answer in glimpse.answers if answer.question_key in asked)


def _surest_boxes(answer: Answer) -> Answer:
    best = sorted(answer.detections, key=lambda box: -box.score)[:BOXES_KEPT]
    return msgspec.structs.replace(answer, detections=tuple(best))


def sharper_look(
    watch: Watch, change: Change, *, glimpse: Glimpse | None, keeper: EvidenceKeeper, now: datetime
) -> Sharper:
    """The incident's own id is in the database; the picture has one of its own."""
    evidence = keeper.keep(new_id("look", now), _wanted(watch, change, glimpse), now=now)
    calibrated = _was_calibrated(watch, glimpse)
    return Sharper(watch.rule.id, watch.camera.id, change.confidence, change.zone, evidence, calibrated)


def _was_calibrated(watch: Watch, glimpse: Glimpse | None) -> bool:
    if glimpse is None:
        return False
    return is_calibrated(glimpse.calibration, watch.rule, watch.camera, glimpse.model, glimpse.answers)


def _wanted(watch: Watch, change: Change, glimpse: Glimpse | None) -> Wanted:
    if glimpse is None:
        return Wanted(watch.camera.id, change.at, None, change.boxes)
    before = _judged_with(watch, glimpse)
    return Wanted(watch.camera.id, glimpse.captured_at, glimpse.evidence, change.boxes, before)


def opened_incident(
    watch: Watch, change: Change, *, glimpse: Glimpse | None, keeper: EvidenceKeeper, now: datetime
) -> IncidentRow:
    """`glimpse` None: nothing was answered since this worker started."""
    rule, camera = watch.rule, watch.camera
    incident_id = new_id("inc", now)
    evidence = keeper.keep(incident_id, _wanted(watch, change, glimpse), now=now)
    decided_now = glimpse if glimpse and glimpse.captured_at == change.at else None
    return IncidentRow(
        id=incident_id,
        state=IncidentState.OPENED,
        rule_id=rule.id,
        rule_version=rule.version,
        rule_text=rule.text,
        rule_lang=rule.plan.lang,
        camera_id=camera.id,
        camera_name=camera.name,
        severity=rule.plan.severity or DEFAULT_SEVERITY,
        confidence=change.confidence,
        threshold=watch.spec.threshold,
        calibrated=_was_calibrated(watch, glimpse),
        started_at=to_text(change.started_at),
        captured_at=to_text(change.at),
        decided_at=to_text(now),
        opened_at=to_text(now),
        latency_ms=Latency(
            queue=decided_now.queue_ms if decided_now else 0.0,
            infer=decided_now.infer_ms if decided_now else 0.0,
            total=max(0.0, (now - change.at).total_seconds() * 1000),
        ),
        evidence=evidence,
        model=glimpse.model if glimpse else None,
        zone=change.zone,
        grounded=True if change.boxes else None,
        margins=raw_margins(rule, glimpse.model, glimpse.answers) if glimpse else {},
        camera_group=camera.group,
    )
