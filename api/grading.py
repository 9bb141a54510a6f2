"""From a graded incident or frame to a case of its rule's regression set.

Takes: what was looked at, whether the rule would have been right to tell of it.
Gives: CaseRow; None where nothing is known of the frame that decided.
Knows nothing about: how cases are judged."""

from datetime import datetime

import sqlalchemy as sa

from contracts.messages import Answer, ModelRef
from store.audited_frames import AuditedFrame
from store.incidents import IncidentRow
from store.regression import CaseRow, deciding_answers_of
from store.times import to_text


def case_of_incident(
    connection: sa.Connection, incident: IncidentRow, *, was_right: bool, now: datetime
) -> CaseRow | None:
    """With the answers that stood when it opened."""
    answers = deciding_answers_of(connection, incident.id)
    if not answers or incident.model is None:
        return None
    return CaseRow(
        subject=incident.id,
        rule_id=incident.rule_id,
        rule_version=incident.rule_version,
        camera_id=incident.camera_id,
        captured_at=incident.captured_at,
        model=incident.model,
        answers=answers,
        fired=True,
        truth=was_right,
        at=to_text(now),
        threshold=incident.threshold,
    )


def case_of_audited(frame: AuditedFrame, *, was_right: bool, now: datetime) -> CaseRow:
    """It stands for all the silent frames that chance passed by."""
    return CaseRow(
        subject=frame.id,
        rule_id=frame.rule_id,
        rule_version=frame.rule_version,
        camera_id=frame.camera_id,
        captured_at=frame.captured_at,
        model=_model(frame.model),
        answers=tuple(Answer(key, margin) for key, margin in frame.margins.items()),
        fired=False,
        truth=was_right,
        at=to_text(now),
        weight=1.0 / frame.probability,
    )


def _model(key: str) -> ModelRef:
    """The inverse of store.calibration.model_key."""
    engine, _, rest = key.partition("/")
    name, _, revision = rest.rpartition("@")
    return ModelRef(name, revision, engine)
