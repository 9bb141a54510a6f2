"""What people do to an incident, and how each step of its life is told: one webhook with a higher sequence.

Takes: a connection inside the caller's transaction, an incident, a person's word.
Gives: the row as it is now, its webhooks in the outbox; NotFound or Conflict where there is nothing to say.
Knows nothing about: HTTP, how an incident is found.

A snooze works like a cooldown: the rule opens nothing on that camera until it is over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from alerts.incident_json import incident_body
from alerts.links import Links
from contracts.errors import Conflict, NotFound
from store.deliveries import add_deliveries
from store.incident_groups import cameras_of_group
from store.incidents import (
    IncidentRow,
    acknowledge_incident,
    incident_by_id,
    retract_incident,
    snooze_incident,
)
from store.rules import rule_by_id
from store.snoozes import SnoozeRow, keep_snooze, lift_snooze
from store.times import to_text


@dataclass(frozen=True, slots=True)
class Word:
    """Whose word it is, when it was given, and what makes the links of its webhook."""

    by: str
    links: Links
    now: datetime


def tell(connection: sa.Connection, kind: str, incident: IncidentRow, *, links: Links, now: datetime) -> int:
    """To the endpoints that want it; gives how many there are."""
    body = incident_body(
        kind,
        incident,
        picture_url=links.picture,
        feedback_url=links.feedback,
        cameras=group_cameras(connection, incident),
        now=now,
    )
    made = add_deliveries(
        connection, type=kind, body=body, incident_id=incident.id, severity=incident.severity, now=now
    )
    return len(made)


def group_cameras(connection: sa.Connection, incident: IncidentRow) -> tuple[tuple[str, str], ...]:
    """Who else saw it before; none where the incident is the first, or alone."""
    if incident.group_id in (None, incident.id):
        return ()
    return cameras_of_group(connection, incident.group_id or "")


def acknowledge(connection: sa.Connection, incident_id: str, word: Word) -> IncidentRow:
    """Somebody has seen it."""
    seen = partial(acknowledge_incident, connection)
    return _said(connection, incident_id, word, "incident.acknowledged", seen)


def retract(connection: sa.Connection, incident_id: str, word: Word, *, reason: str) -> IncidentRow:
    """It was none. Its cooldown runs on: it was sent."""
    back = partial(retract_incident, connection, reason=reason, at=word.now)
    return _said(connection, incident_id, word, "incident.retracted", back)


def snooze(connection: sa.Connection, incident_id: str, word: Word, *, lasts: timedelta) -> IncidentRow:
    """From now on, also where it was snoozed already."""
    until = word.now + lasts

    def kept(row: IncidentRow) -> IncidentRow:
        if rule_by_id(connection, row.rule_id) is None:
            raise Conflict(
                f"incident '{row.id}': its rule '{row.rule_id}' was removed", "a removed rule opens nothing: no need"
            )
        at = to_text(word.now)
        keep_snooze(connection, SnoozeRow(row.rule_id, row.camera_id, to_text(until), word.by, row.id, at))
        return snooze_incident(connection, row, until)

    return _said(connection, incident_id, word, "incident.snoozed", kept)


def wake(connection: sa.Connection, incident_id: str, word: Word) -> IncidentRow:
    """Lifts the snooze of the incident's rule on its camera, whichever incident it came from; none: nothing is told."""
    row = _found(connection, incident_id)
    lifted = lift_snooze(connection, rule_id=row.rule_id, camera_id=row.camera_id, now=word.now)
    if not lifted:
        return row
    row = snooze_incident(connection, row, None)
    tell(connection, "incident.updated", row, links=word.links, now=word.now)
    return row


def _said(
    connection: sa.Connection, incident_id: str, word: Word, kind: str, move: Callable[[IncidentRow], IncidentRow]
) -> IncidentRow:
    row = move(_found(connection, incident_id))
    tell(connection, kind, row, links=word.links, now=word.now)
    return row


def _found(connection: sa.Connection, incident_id: str) -> IncidentRow:
    row = incident_by_id(connection, incident_id, lock=True)
    if row is None:
        raise NotFound(f"incident '{incident_id}' does not exist", "GET /api/v1/incidents lists those that do")
    return row
