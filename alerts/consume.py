"""One shard's worker: answers in, incidents and deliveries committed, then acknowledged.

Takes: the answer stream of a shard, the rulebook, the passing of time.
Gives: batches, each committed in one transaction with progress, machine states, incidents and deliveries.
Knows nothing about: how machines decide, how webhooks are sent.

Kill it anywhere: what was not committed is read again, what was committed is known by its watermark. The states that
it keeps in memory are those it committed, and nobody else writes them while it holds the shard's lease."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from alerts.auditing import Auditor
from alerts.batch import Batch, Ending, Happening, Opening, commit_batch
from alerts.calibrating import UNCALIBRATED, Calibration
from alerts.evidence import EvidenceKeeper
from alerts.following import Follower, Things, things_from
from alerts.gating import Chances, GateEvent, GateEvents
from alerts.judging import Change, ChangeKind, Judges, Key, States, Watch, machine_rows, states_from
from alerts.ledger import Fate, Ledger, Watermark, watermarks_of
from alerts.opening import (
    Glimpse,
    deciding_answers,
    glimpse_of,
    opened_incident,
    sharper_look,
    worth_explaining,
)
from alerts.saying import say
from alerts.shards import LeaseLost, ShardLease
from contracts.answers import AnswerStream, Delivered
from contracts.errors import StoreUnreachable, Unavailable
from contracts.keys import shard_of
from contracts.messages import Answers, StreamMessage
from contracts.service import Stop
from store.audited_frames import AuditedFrame
from store.database import Database
from store.incidents import open_incidents
from store.machines import all_machines
from store.progress import rows_by_camera
from store.rulebook import Rulebook, newest_rulebook
from store.tracks import all_tracks

log = logging.getLogger(__name__)

MOST = 200
TICK_EVERY = timedelta(seconds=0.5)
READ_WAIT_S = 0.4
AWAY_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where this deployment's workers stand."""

    base_url: str
    timezone: str
    shards: int


@dataclass(slots=True)
class _Memory:
    """What was committed, so that a batch needs no reads; begun anew with every lease."""

    judges: Judges
    states: States = field(default_factory=dict)
    things: Things = field(default_factory=dict)
    watermarks: dict[str, Watermark] = field(default_factory=dict)
    glimpses: dict[str, Glimpse] = field(default_factory=dict)
    gates: GateEvents = field(default_factory=GateEvents)


class ShardWorker:
    """`run` in a thread of its own, one for each shard. `explains`: whether incidents will be explained afterwards.

    `calibration`: the scalings known now; they are asked for once a batch. `chances`: of the gate before the model."""

    def __init__(
        self,
        stream: AnswerStream,
        database: Database,
        lease: ShardLease,
        keeper: EvidenceKeeper,
        place: Place,
        clock: Callable[[], datetime],
        *,
        explains: Callable[[], bool] = lambda: False,
        calibration: Callable[[], Calibration] = lambda: UNCALIBRATED,
        auditor: Auditor | None = None,
        chances: Chances = Chances(),  # noqa: B008 - frozen
        archive: Callable[[Answers], None] = lambda _: None,
    ) -> None:
        self._stream = stream
        self._database = database
        self._lease = lease
        self._keeper = keeper
        self._place = place
        self._clock = clock
        self._explains = explains
        self._calibration = calibration
        self._auditor = auditor or Auditor(keeper)
        self._chances = chances
        self._archive = archive
        self._away = ""
        self._stale, self._replaying, self._caught_up = True, True, False
        self._ticked_at = clock()
        self._memory = self._blank()

    def owns(self, camera_id: str) -> bool:
        """Whether this worker counts and judges the camera now."""
        return self._lease.held and shard_of(camera_id, self._place.shards) == self._lease.shard

    def run(self, stop: Stop) -> None:
        """Until it is time to end; Redis, the database or the lease being away is no reason to."""
        while not stop.is_set():
            try:
                self.turn(stop)
                self._away = ""
            except LeaseLost as error:
                log.warning("shard lost", extra={"shard": self._lease.shard, "problem": str(error)})
                self._forget()
            except Unavailable as error:
                self._say_away(error)
                self._stale = True
                stop.wait(AWAY_WAIT_S)
        try:
            self._lease.give_up(now=self._clock())
        except Unavailable as error:
            self._say_away(error)

    def turn(self, stop: Stop) -> None:
        """One read of the stream and what follows from it. Raises Unavailable, and then nothing was acknowledged."""
        if not self._lease.held:
            if not self._lease.take(now=self._clock()):
                stop.wait(AWAY_WAIT_S)
                return
            self._remember()
        self._lease.keep_alive(now=self._clock())
        self._follow_rulebook(stop)
        try:
            entries = self._read()
        except Unavailable:
            self._stale = True
            self._tick(stop)  # no frame comes, and time goes on
            raise
        if entries:
            states = dict(self._memory.states)
            if self._settle(self._hear(entries, states), states, stop):
                self._stream.ack([entry.id for entry in entries])
        self._tick(stop)

    def _read(self) -> list[Delivered]:
        """What was delivered before and never acknowledged comes first, and ends with an empty read."""
        if self._stale:
            self._stream.rewind()
            self._stale, self._replaying = False, True
        entries = self._stream.read(most=MOST, wait_s=READ_WAIT_S)
        self._caught_up = not self._replaying and len(entries) < MOST
        self._replaying = self._replaying and bool(entries)
        return entries

    def _hear(self, entries: list[Delivered], states: States) -> Batch:
        """Moves the states given; memory is not touched before the commit."""
        memory = self._memory
        calibration = self._calibration()
        ledger = Ledger(memory.watermarks)
        follower = Follower(memory.things)
        heard: set[Key] = set()
        happenings: list[Happening] = []
        audited: list[AuditedFrame] = []
        gated: list[GateEvent] = []
        for entry in entries:
            message = entry.message
            if message is None:
                log.warning("message not understood", extra={"stream_id": entry.id.decode()})
                continue
            admitted = ledger.admit(message, entry.id.decode())
            if admitted.fate is not Fate.FRESH:
                continue
            told = follower.hear(memory.judges, message)
            message = told.message
            if told.shown is not None:
                memory.glimpses[message.camera] = glimpse_of(told.shown, calibration)
            for watch in memory.judges.watches(message.camera):
                heard.add(watch.key)
                changes = memory.judges.hear(
                    watch, states, message, skipped=admitted.skipped, calibration=calibration, again=told.again
                )
                happenings += [self._happening(watch, change) for change in changes]
                audited += self._audited(watch, states, message)
                gated += memory.gates.hear(watch, states[watch.key], message, changes)
            watched = (states[watch.key] for watch in memory.judges.watches(message.camera))
            if isinstance(message, Answers) and any(state.open is not None for state in watched):
                self._archive(message)
        moved = {key: states[key] for key in heard if states[key] is not memory.states.get(key)}
        machines = machine_rows(moved, memory.judges)
        happened = (tuple(happenings), tuple(audited), tuple(gated))
        return Batch(ledger.steps(), ledger.moved(), machines, (), *happened, things=follower.moved)

    def _audited(self, watch: Watch, states: States, message: StreamMessage) -> list[AuditedFrame]:
        """At most one: a silent frame that chance chose for a person to look at."""
        if not isinstance(message, Answers) or states[watch.key].open is not None:
            return []
        chosen = self._auditor.choose(watch.rule, watch.camera, message, now=self._clock())
        return [chosen] if chosen else []

    def _tick(self, stop: Stop) -> None:
        """Only once all that waits was heard: an answer that waits may say that it did not happen."""
        now = self._clock()
        if not self._caught_up or abs(now - self._ticked_at) < TICK_EVERY:
            return
        self._ticked_at = now
        memory = self._memory
        moved, changes = memory.judges.tick(memory.states, now)
        happenings = tuple(self._happening(watch, change) for watch, change in changes)
        heard = (memory.gates.hear(watch, moved[watch.key], None, [change]) for watch, change in changes)
        machines = machine_rows(moved, memory.judges)
        batch = Batch(machines=machines, happenings=happenings, gate_events=tuple(chain.from_iterable(heard)))
        self._settle(batch, memory.states | moved, stop)

    def _happening(self, watch: Watch, change: Change) -> Happening:
        if change.kind is ChangeKind.ENDED:
            return Ending(watch.rule.id, watch.camera.id, change.at, change.reason.value)
        glimpse = self._memory.glimpses.get(watch.camera.id)
        if change.kind is ChangeKind.UPDATED:
            return sharper_look(watch, change, glimpse=glimpse, keeper=self._keeper, now=self._clock())
        incident = opened_incident(watch, change, glimpse=glimpse, keeper=self._keeper, now=self._clock())
        questions = worth_explaining(watch, incident, glimpse) if self._explains() else ()
        return Opening(incident, questions, deciding_answers(watch, glimpse))

    def _settle(self, batch: Batch, states: States, stop: Stop) -> bool:
        """Commits, however long the database is away; False: it is time to end first. Then memory follows."""
        if batch.is_empty:
            return True
        while not self._commit(batch):
            if stop.wait(AWAY_WAIT_S):
                return False
        self._memory.states = states
        self._memory.watermarks.update(batch.watermarks)
        self._memory.things.update(batch.things)
        return True

    def _commit(self, batch: Batch) -> bool:
        now = self._clock()
        try:
            with self._database.write() as connection:
                self._lease.renew(connection, now=now)
                counted = commit_batch(connection, batch, base_url=self._place.base_url, now=now)
        except StoreUnreachable as error:
            self._say_away(error)
            return False
        say(counted)
        return True

    def _follow_rulebook(self, stop: Stop) -> None:
        """A rule or camera that changed ends its incidents, and its machines begin anew."""
        with self._database.read() as connection:
            newest = newest_rulebook(connection, self._memory.judges.rulebook)
            if newest is self._memory.judges.rulebook:
                return
            opened = [each for each in open_incidents(connection) if self.owns(each.camera_id)]
            kept = [each for each in all_machines(connection) if self.owns(each.camera_id)]
        judges = Judges(newest, timezone=self._place.timezone)
        states, over = states_from(kept, judges)
        endings = []
        for each in opened:
            why = judges.why_over(each.rule_id, each.rule_version, each.camera_id)
            if why is not None:
                endings.append(Ending(each.rule_id, each.camera_id, self._clock(), why))
        if self._settle(Batch(over=tuple(over), happenings=tuple(endings)), states, stop):
            self._memory.judges, self._memory.states = judges, states

    def _remember(self) -> None:
        """After taking the shard: what was committed is all there is."""
        self._forget()
        with self._database.read() as connection:
            self._memory.watermarks = watermarks_of(rows_by_camera(connection))
            self._memory.things = things_from(all_tracks(connection))

    def _forget(self) -> None:
        self._memory = self._blank()
        self._stale, self._caught_up = True, False

    def _blank(self) -> _Memory:
        return _Memory(Judges(Rulebook(), timezone=self._place.timezone), gates=GateEvents(self._chances))

    def _say_away(self, error: Unavailable) -> None:
        if self._away != error.code:
            log.warning("waiting", extra={"shard": self._lease.shard, "problem": str(error)})
        self._away = error.code
