"""A person's word on an incident or an audited frame becomes labels and a case, in the transaction that keeps it.

Takes: what was looked at, the word, the rule as it was then.
Gives: labels of the single questions and a case of the rule's regression set, in place of those of the word before.
Knows nothing about: requests, how labels are used."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from api.grading import case_of_audited, case_of_incident
from rules.learning.labels import truths_from
from store.audited_frames import AuditedFrame
from store.calibration import LabelRow, model_key, set_labels
from store.incidents import IncidentRow
from store.regression import set_case
from store.rules import rule_version
from store.times import to_text

#: a true alarm: what the rule looks for was there
RIGHT = "true_alarm"


def label_incident(connection: sa.Connection, incident: IncidentRow, value: str | None, now: datetime) -> None:
    """None takes back what was said before."""
    rows: tuple[LabelRow, ...] = ()
    if value is not None and incident.model is not None and incident.margins:
        truths = _truths(connection, incident.rule_id, incident.rule_version, incident.margins, value)
        rows = tuple(
            LabelRow(
                subject=incident.id,
                question_key=key,
                rule_id=incident.rule_id,
                rule_version=incident.rule_version,
                camera_group=incident.camera_group,
                model=model_key(incident.model),
                margin=incident.margins[key],
                truth=truth,
                source="feedback",
                at=to_text(now),
            )
            for key, truth in truths.items()
        )
    set_labels(connection, incident.id, rows)
    case = case_of_incident(connection, incident, was_right=value == RIGHT, now=now) if value else None
    set_case(connection, incident.id, case)


def label_audited(connection: sa.Connection, frame: AuditedFrame, value: str, now: datetime) -> None:
    """Each stands for all the frames that chance passed by."""
    truths = _truths(connection, frame.rule_id, frame.rule_version, frame.margins, value)
    rows = tuple(
        LabelRow(
            subject=frame.id,
            question_key=key,
            rule_id=frame.rule_id,
            rule_version=frame.rule_version,
            camera_group=frame.camera_group,
            model=frame.model,
            margin=frame.margins[key],
            truth=truth,
            source="audit",
            at=to_text(now),
            weight=1.0 / frame.probability,
        )
        for key, truth in truths.items()
    )
    set_labels(connection, frame.id, rows)
    set_case(connection, frame.id, case_of_audited(frame, was_right=value == RIGHT, now=now))


def _truths(
    connection: sa.Connection, rule_id: str, version: int, margins: Mapping[str, float], value: str
) -> dict[str, bool]:
    said = rule_version(connection, rule_id, version)
    return truths_from(said.plan, margins, was_right=value == RIGHT) if said else {}
