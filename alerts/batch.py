"""What one batch of answers, or one tick, comes to; and the one transaction that makes it true.

Takes: progress, machine states, incidents that open and end.
Gives: all of it in the database with its webhooks, or nothing of it.
Knows nothing about: where it came from, pictures, Redis."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from alerts.closing import learn_from
from alerts.following import Things, tracks_rows
from alerts.gating import GateEvent
from alerts.ledger import Watermark
from alerts.lifecycle import tell
from alerts.links import Links
from contracts.messages import Answer
from store.audited_frames import AuditedFrame, add_audited_frames
from store.decision_block import Noted
from store.explanations import want_explanation
from store.gates import GateRow
from store.incident_groups import group_of, lock_groups
from store.incidents import (
    Evidence,
    EvidenceFrame,
    IncidentRow,
    IncidentState,
    add_incident,
    end_incident,
    explain_incident,
    incident_by_id,
    open_incident,
    sharpen_incident,
)
from store.links import link_secret
from store.machines import MachineRow, drop_machine, keep_machines
from store.progress import Advance, advance
from store.regression import keep_deciding_answers
from store.tracks import keep_tracks


@dataclass(frozen=True, slots=True)
class Ending:
    """The open incident of a rule on a camera is over."""

    rule_id: str
    camera_id: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Sharper:
    """The open incident of a rule on a camera is seen better now."""

    rule_id: str
    camera_id: str
    confidence: float
    zone: str | None
    evidence: Evidence
    calibrated: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """An incident begins. `questions`: what to ask about it afterwards; empty where nobody will.

    `answers`: of the frame that decided, so that a later version of the rule can be held against it."""

    incident: IncidentRow
    questions: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What was said about an incident's first picture. `frame`: with the boxes of it, where there were none before."""

    incident_id: str
    explanation: str
    grounded: bool
    frame: EvidenceFrame


Happening = Opening | Sharper | Ending


@dataclass(frozen=True, slots=True)
class Batch:
    """`happenings` in the order in which they happened. `over`: machines to forget, as (rule, camera).

    `gate_events`: of the endings among them, those that teach a gate. `things`: the tracks that moved, by camera.
    `noted`: for the decision ledger."""

    steps: tuple[Advance, ...] = ()
    watermarks: Mapping[str, Watermark] = field(default_factory=dict)
    machines: tuple[MachineRow, ...] = ()
    over: tuple[tuple[str, str], ...] = ()
    happenings: tuple[Happening, ...] = ()
    audited: tuple[AuditedFrame, ...] = ()
    gate_events: tuple[GateEvent, ...] = ()
    things: Things = field(default_factory=dict)
    noted: tuple[Noted, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing to commit."""
        return not (self.steps or self.machines or self.over or self.happenings or self.audited)


@dataclass(frozen=True, slots=True)
class Counted:
    """For the log, after the commit."""

    opened: tuple[IncidentRow, ...] = ()
    updated: tuple[IncidentRow, ...] = ()
    ended: tuple[IncidentRow, ...] = ()
    deliveries: int = 0
    gates: tuple[GateRow, ...] = ()


def commit_batch(
    connection: sa.Connection, batch: Batch, *, base_url: str, now: datetime, group_window: timedelta = timedelta(0)
) -> Counted:
    """Inside the caller's transaction, which holds the shard's lease. `group_window`: see store.incident_groups."""
    advance(connection, batch.steps)
    for rule_id, camera_id in batch.over:
        drop_machine(connection, rule_id=rule_id, camera_id=camera_id)
    keep_machines(connection, batch.machines, now=now)
    keep_tracks(connection, tracks_rows(batch.things), now=now)
    add_audited_frames(connection, batch.audited)
    if not batch.happenings:
        return Counted()
    if group_window:
        lock_groups(connection, (each.incident.rule_id for each in batch.happenings if isinstance(each, Opening)))
    desk = _Desk(connection, base_url, now, group_window)
    for happening in batch.happenings:
        if isinstance(happening, Opening):
            desk.open(happening)
        elif isinstance(happening, Sharper):
            desk.sharpen(happening)
        else:
            desk.end(happening)
    return replace(desk.counted, gates=learn_from(connection, batch.gate_events, now=now))


def commit_explanation(connection: sa.Connection, told: Told, *, base_url: str, now: datetime) -> IncidentRow | None:
    """Inside the transaction that ends the wish for it. None: the incident is gone, or was retracted meanwhile."""
    return _Desk(connection, base_url, now).explain(told)


class _Desk:
    """Incidents and their webhooks, in one transaction."""

    def __init__(
        self, connection: sa.Connection, base_url: str, now: datetime, group_window: timedelta = timedelta(0)
    ) -> None:
        self._connection = connection
        self._group_window = group_window
        self._links = Links(base_url, link_secret(connection), now)
        self._now = now
        self.counted = Counted()

    def open(self, opening: Opening) -> None:
        """A machine that began anew does not know what its forerunner left open: that is ended first.

        What another camera has just told of is told as an update: people are called once."""
        incident = opening.incident
        ending = Ending(incident.rule_id, incident.camera_id, self._now, "another incident took its place")
        self.end(ending)
        incident = replace(incident, group_id=group_of(self._connection, incident, self._group_window))
        add_incident(self._connection, incident)
        if opening.answers:
            keep_deciding_answers(self._connection, incident.id, opening.answers)
        self.counted = replace(self.counted, opened=(*self.counted.opened, incident))
        self._tell("incident.opened" if incident.group_id == incident.id else "incident.updated", incident)
        if opening.questions:
            want_explanation(self._connection, incident.id, opening.questions, now=self._now)

    def sharpen(self, sharper: Sharper) -> None:
        """No incident is open: a person may have retracted it meanwhile."""
        found = open_incident(self._connection, rule_id=sharper.rule_id, camera_id=sharper.camera_id)
        if found is None:
            return
        incident = sharpen_incident(
            self._connection,
            found,
            confidence=sharper.confidence,
            zone=sharper.zone,
            evidence=sharper.evidence,
            calibrated=sharper.calibrated,
        )
        self.counted = replace(self.counted, updated=(*self.counted.updated, incident))
        self._tell("incident.updated", incident)

    def end(self, ending: Ending) -> None:
        """No incident is open: nothing to end."""
        found = open_incident(self._connection, rule_id=ending.rule_id, camera_id=ending.camera_id)
        if found is None:
            return
        incident = end_incident(self._connection, found, at=ending.at, reason=ending.reason)
        self.counted = replace(self.counted, ended=(*self.counted.ended, incident))
        self._tell("incident.ended", incident)

    def explain(self, told: Told) -> IncidentRow | None:
        """A detector's boxes stay: they are what the rule was decided by, and they ground it."""
        found = incident_by_id(self._connection, told.incident_id, lock=True)
        if found is None or found.state is IncidentState.RETRACTED:
            return None
        had_boxes, evidence = any(frame.boxes for frame in found.evidence.frames), found.evidence
        if not had_boxes:
            frames = (told.frame if each.path == told.frame.path else each for each in evidence.frames)
            evidence = msgspec.structs.replace(evidence, frames=tuple(frames))
        grounded = had_boxes or (told.grounded and bool(told.frame.boxes))
        incident = explain_incident(
            self._connection, found, explanation=told.explanation, grounded=grounded, evidence=evidence
        )
        self._tell("incident.updated", incident)
        return incident

    def _tell(self, kind: str, incident: IncidentRow) -> None:
        told = tell(self._connection, kind, incident, links=self._links, now=self._now)
        self.counted = replace(self.counted, deliveries=self.counted.deliveries + told)
