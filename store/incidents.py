"""What happened: incidents, opened and ended by alerts, acknowledged, snoozed and retracted by people.

Takes: a connection inside the caller's transaction, IncidentRow.
Gives: the same back; Conflict where the state does not allow a change.
Knows nothing about: rules, pictures, webhooks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.errors import Conflict
from contracts.messages import Box, ModelRef
from contracts.plan import Severity
from store.schema import incidents
from store.times import to_text


class IncidentState(StrEnum):
    """`retracted` and `acknowledged` are a person's word, the others ours."""

    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    ENDED = "ended"
    RETRACTED = "retracted"


ALLOWED: dict[IncidentState, frozenset[IncidentState]] = {
    IncidentState.OPENED: frozenset({IncidentState.ACKNOWLEDGED, IncidentState.ENDED, IncidentState.RETRACTED}),
    IncidentState.ACKNOWLEDGED: frozenset({IncidentState.ENDED, IncidentState.RETRACTED}),
    IncidentState.ENDED: frozenset({IncidentState.ACKNOWLEDGED, IncidentState.RETRACTED}),
    IncidentState.RETRACTED: frozenset(),
}


class SeenBox(msgspec.Struct, frozen=True):
    """One thing on an evidence picture; `xyxy` each 0-1 of the picture."""

    label: str
    xyxy: Box
    score: float


class EvidenceFrame(msgspec.Struct, frozen=True, omit_defaults=True):
    """One picture, by its path under the evidence folder; `drawn` is the copy with the boxes on it.

    `off_by_s`: it stands in for the frame that decided, and was taken so much later, or earlier where negative.
    `before`: sha256 of the pictures that it was judged with, oldest first; their pins last for minutes."""

    at: str
    path: str
    sha256: str
    boxes: tuple[SeenBox, ...] = ()
    drawn: str = ""
    off_by_s: float = 0.0
    before: tuple[str, ...] = ()


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """`missing`: a picture should be here and is not, for `reason`. `clip`: a film's path; `clip_missing`: why none."""

    frames: tuple[EvidenceFrame, ...] = ()
    missing: bool = False
    reason: str = ""
    clip: str = ""
    clip_missing: str = ""


class Latency(msgspec.Struct, frozen=True):
    """Milliseconds: waiting for a model, in the model, and from capture to decision."""

    queue: float
    infer: float
    total: float


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """Times as store.times writes them. `sequence` counts what was said about the incident: 1 when it opened.

    `margins`: raw, by question key, as they stood when it opened; `camera_group`: the camera's then. `group_id`: the id
    of the first incident that was told of, of one rule on several cameras; its own where it is the first."""

    id: str
    state: IncidentState
    rule_id: str
    rule_version: int
    rule_text: str
    rule_lang: str
    camera_id: str
    camera_name: str
    severity: Severity
    confidence: float
    threshold: float
    calibrated: bool
    started_at: str
    captured_at: str
    decided_at: str
    opened_at: str
    latency_ms: Latency
    evidence: Evidence
    model: ModelRef | None = None
    sequence: int = 1
    zone: str | None = None
    explanation: str | None = None
    grounded: bool | None = None
    ended_at: str | None = None
    end_reason: str | None = None
    feedback: str | None = None
    margins: Mapping[str, float] = field(default_factory=dict)
    camera_group: str = ""
    group_id: str | None = None
    snoozed_until: str | None = None
    retract_reason: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Empty means any."""

    state: str = ""
    rule_id: str = ""
    camera_id: str = ""
    group_id: str = ""


def add_incident(connection: sa.Connection, incident: IncidentRow) -> None:
    """Raises IntegrityError where the rule has an open incident on the camera already."""
    connection.execute(sa.insert(incidents).values(_values(incident)))


def incident_by_id(connection: sa.Connection, incident_id: str, *, lock: bool = False) -> IncidentRow | None:
    """None where there is none. `lock`: it will be changed, and nobody else may change it meanwhile."""
    return _first(connection, incidents.c.id == incident_id, lock=lock)


def open_incident(connection: sa.Connection, *, rule_id: str, camera_id: str) -> IncidentRow | None:
    """There is at most one: the database holds it so. Read to be changed: nobody else may change it meanwhile."""
    return _first(
        connection,
        sa.and_(incidents.c.rule_id == rule_id, incidents.c.camera_id == camera_id, incidents.c.ended_at.is_(None)),
        lock=True,
    )


def ended_at(connection: sa.Connection, ids: Iterable[str]) -> dict[str, str]:
    """When those of them that are over ended, by id."""
    columns = (incidents.c.id, incidents.c.ended_at)
    wanted = sa.select(*columns).where(incidents.c.id.in_(list(ids)), incidents.c.ended_at.is_not(None))
    return {id: str(at) for id, at in connection.execute(wanted)}


def open_incidents(connection: sa.Connection) -> tuple[IncidentRow, ...]:
    """Oldest first."""
    wanted = sa.select(incidents).where(incidents.c.ended_at.is_(None)).order_by(incidents.c.id)
    return tuple(_row(found) for found in connection.execute(wanted).mappings())


def page_of_incidents(
    connection: sa.Connection, *, before: str, limit: int, only: IncidentFilter | None = None
) -> tuple[IncidentRow, ...]:
    """Newest first, older than the id `before` ("" for the newest of all)."""
    wanted = sa.select(incidents).order_by(incidents.c.id.desc()).limit(limit)
    if before:
        wanted = wanted.where(incidents.c.id < before)
    chosen = only or IncidentFilter()
    for column, value in (
        (incidents.c.state, chosen.state),
        (incidents.c.rule_id, chosen.rule_id),
        (incidents.c.camera_id, chosen.camera_id),
        (incidents.c.group_id, chosen.group_id),
    ):
        if value:
            wanted = wanted.where(column == value)
    return tuple(_row(found) for found in connection.execute(wanted).mappings())


def end_incident(connection: sa.Connection, incident: IncidentRow, *, at: datetime, reason: str | None) -> IncidentRow:
    """The row as it is now; a retracted one stays retracted, and is over."""
    state = incident.state if incident.state is IncidentState.RETRACTED else IncidentState.ENDED
    return _change(
        connection,
        replace(incident, state=state, ended_at=to_text(at), end_reason=reason, sequence=incident.sequence + 1),
    )


def sharpen_incident(
    connection: sa.Connection,
    incident: IncidentRow,
    *,
    confidence: float,
    zone: str | None,
    evidence: Evidence,
    calibrated: bool = False,
) -> IncidentRow:
    """A surer look at what goes on: its picture comes beside those before."""
    seen = _beside(incident.evidence, evidence)
    grounded = True if any(frame.boxes for frame in evidence.frames) else incident.grounded
    changed = replace(incident, confidence=confidence, zone=zone or incident.zone, evidence=seen, grounded=grounded)
    changed = replace(changed, calibrated=calibrated)
    return _change(connection, replace(changed, sequence=incident.sequence + 1))


def explain_incident(
    connection: sa.Connection, incident: IncidentRow, *, explanation: str, grounded: bool, evidence: Evidence
) -> IncidentRow:
    """What was seen, said later, also of an incident that is over by now: its state stays."""
    changed = replace(incident, explanation=explanation, grounded=grounded, evidence=evidence)
    return _change(connection, replace(changed, sequence=incident.sequence + 1))


def acknowledge_incident(connection: sa.Connection, incident: IncidentRow) -> IncidentRow:
    """A person has seen it. Raises Conflict where that was said already, or it was retracted."""
    _check(incident, IncidentState.ACKNOWLEDGED)
    return _change(connection, replace(incident, state=IncidentState.ACKNOWLEDGED, sequence=incident.sequence + 1))


def retract_incident(connection: sa.Connection, incident: IncidentRow, *, reason: str, at: datetime) -> IncidentRow:
    """A person takes it back, and it is over; what its rule still sees opens no other. Raises Conflict."""
    _check(incident, IncidentState.RETRACTED)
    changed = replace(incident, state=IncidentState.RETRACTED, retract_reason=reason or None)
    if changed.ended_at is None:
        changed = replace(changed, ended_at=to_text(at), end_reason="retracted")
    return _change(connection, replace(changed, sequence=incident.sequence + 1))


def snooze_incident(connection: sa.Connection, incident: IncidentRow, until: datetime | None) -> IncidentRow:
    """Its rule is quiet on its camera until then; None: no longer. In any state: who retracts wants peace most."""
    return _change(
        connection,
        replace(incident, snoozed_until=to_text(until) if until else None, sequence=incident.sequence + 1),
    )


def give_feedback(connection: sa.Connection, incident: IncidentRow, feedback: str | None) -> IncidentRow:
    """A person's verdict on ours; None takes it back."""
    return _change(connection, replace(incident, feedback=feedback))


def keep_evidence(
    connection: sa.Connection, incident: IncidentRow, evidence: Evidence, *, is_told: bool
) -> IncidentRow:
    """Of an incident in any state. `is_told`: webhooks bear it, under the next number."""
    sequence = incident.sequence + int(is_told)
    return _change(connection, replace(incident, evidence=evidence, sequence=sequence))


def _check(incident: IncidentRow, to: IncidentState) -> None:
    if to in ALLOWED[incident.state]:
        return
    if incident.state is to:
        raise Conflict(f"incident '{incident.id}' is {to} already", "nothing is left to do")
    raise Conflict(
        f"incident '{incident.id}' is {incident.state}, so it cannot become {to}", "a retraction is the last word on it"
    )


def _beside(before: Evidence, more: Evidence) -> Evidence:
    frames = (*before.frames, *more.frames)
    if not frames:
        return before
    return Evidence(frames, clip=before.clip, clip_missing=before.clip_missing)


def _change(connection: sa.Connection, incident: IncidentRow) -> IncidentRow:
    connection.execute(sa.update(incidents).where(incidents.c.id == incident.id).values(_values(incident)))
    return incident


def _first(connection: sa.Connection, where: sa.ColumnElement[bool], *, lock: bool = False) -> IncidentRow | None:
    wanted = sa.select(incidents).where(where)
    found = connection.execute(wanted.with_for_update() if lock else wanted).mappings().first()
    return _row(found) if found else None


_JSON = ("latency_ms", "evidence", "model", "margins")


def _values(incident: IncidentRow) -> dict[str, object]:
    values: dict[str, object] = {field.name: getattr(incident, field.name) for field in fields(incident)}
    written = {name: msgspec.json.encode(values[name] or {}).decode() for name in _JSON}
    return values | written | {"state": incident.state.value}


def _row(found: Mapping[Any, Any]) -> IncidentRow:
    values = dict(found)
    values["state"] = IncidentState(values["state"])
    values["latency_ms"] = msgspec.json.decode(values["latency_ms"], type=Latency)
    values["evidence"] = msgspec.json.decode(values["evidence"], type=Evidence)
    values["model"] = None if values["model"] == "{}" else msgspec.json.decode(values["model"], type=ModelRef)
    values["margins"] = msgspec.json.decode(values["margins"], type=dict[str, float])
    return IncidentRow(**values)
