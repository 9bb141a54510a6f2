"""One batch of the answer stream, heard: what each message comes to for each rule that watches its camera.

Takes: what the shard's worker remembers, messages in their order.
Gives: the Batch to commit, and the states after it; memory is not touched.
Knows nothing about: the stream, the database, the commit."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from alerts.auditing import Auditor
from alerts.batch import Batch, Happening
from alerts.calibrating import Calibration
from alerts.decisions import Notebook
from alerts.following import Follower, Things
from alerts.gating import GateEvent, GateEvents
from alerts.judging import Change, Judges, Key, States, Watch, machine_rows
from alerts.ledger import Fate, Ledger, Watermark
from alerts.noting import Scribe
from alerts.opening import Glimpse, glimpse_of
from alerts.unanswered import Unanswered
from contracts.answers import Delivered
from contracts.messages import Answers, StreamMessage
from store.audited_frames import AuditedFrame

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Memory:
    """What was committed, so that a batch needs no reads; begun anew with every lease."""

    judges: Judges
    notebook: Notebook
    states: States = field(default_factory=dict)
    things: Things = field(default_factory=dict)
    watermarks: dict[str, Watermark] = field(default_factory=dict)
    glimpses: dict[str, Glimpse] = field(default_factory=dict)
    gates: GateEvents = field(default_factory=GateEvents)


@dataclass(frozen=True, slots=True)
class Ears:
    """Who else listens. `archive`: gets the frames of open incidents. `notes`: whether the ledger is kept."""

    auditor: Auditor
    archive: Callable[[Answers], None]
    unanswered: Unanswered
    clock: Callable[[], datetime]
    notes: bool = True


class Hearing:
    """For one batch. `happening`: what a change of an incident comes to."""

    def __init__(
        self, memory: Memory, calibration: Calibration, ears: Ears, happening: Callable[[Watch, Change], Happening]
    ) -> None:
        self.states = dict(memory.states)
        self._memory = memory
        self._calibration = calibration
        self._ears = ears
        self._happening = happening
        self._ledger = Ledger(memory.watermarks)
        self._follower = Follower(memory.things)
        self._scribe = Scribe(memory.judges, memory.watermarks, keeps=ears.notes)
        self._heard: set[Key] = set()
        self._happenings: list[Happening] = []
        self._audited: list[AuditedFrame] = []
        self._gated: list[GateEvent] = []

    def hear(self, entry: Delivered) -> None:
        """In the order of the stream."""
        message = entry.message
        if message is None:
            log.warning("message not understood", extra={"stream_id": entry.id.decode()})
            return
        admitted = self._ledger.admit(message, entry.id.decode())
        if admitted.fate is Fate.LATE:
            self._scribe.late(message)
        if admitted.fate is Fate.FRESH:
            self._judge(message, admitted.skipped)

    def batch(self) -> Batch:
        """All of it."""
        moved = {key: self.states[key] for key in self._heard if self.states[key] is not self._memory.states.get(key)}
        return Batch(
            self._ledger.steps(),
            self._ledger.moved(),
            machine_rows(moved, self._memory.judges),
            happenings=tuple(self._happenings),
            audited=tuple(self._audited),
            gate_events=tuple(self._gated),
            things=self._follower.moved,
            noted=tuple(self._scribe.noted),
        )

    def _judge(self, message: StreamMessage, skipped: int) -> None:
        judges, states = self._memory.judges, self.states
        told = self._follower.hear(judges, message)
        message = told.message
        if told.shown is not None:
            self._memory.glimpses[message.camera] = glimpse_of(told.shown, self._calibration)
        watches = judges.watches(message.camera)
        for watch in watches:
            self._heard.add(watch.key)
            before = states.get(watch.key)
            changes = judges.hear(
                watch, states, message, skipped=skipped, calibration=self._calibration, again=told.again
            )
            after = states[watch.key]
            self._happenings += [self._happening(watch, change) for change in changes]
            self._audit(watch, message, is_open=after.open is not None)
            self._gated += self._memory.gates.hear(watch, after, message, changes)
            self._ears.unanswered.hear(watch, after, message)
            self._scribe.judged(watch, before, after, message, changes)
        self._scribe.frame(message, skipped)
        if isinstance(message, Answers) and any(states[watch.key].open is not None for watch in watches):
            self._ears.archive(message)

    def _audit(self, watch: Watch, message: StreamMessage, *, is_open: bool) -> None:
        """A silent frame that chance chose for a person to look at."""
        if not isinstance(message, Answers) or is_open:
            return
        chosen = self._ears.auditor.choose(watch.rule, watch.camera, message, now=self._ears.clock())
        if chosen:
            self._audited.append(chosen)
