"""One shard's worker: answers in, incidents and deliveries committed, then acknowledged.

Takes: the answer stream of a shard, the rulebook, the passing of time.
Gives: batches, each committed in one transaction with progress, machine states, incidents and deliveries.
Knows nothing about: how machines decide, how webhooks are sent.

Kill it anywhere: what was not committed is read again, what was committed is known by its watermark. The states that
it keeps in memory are those it committed, and nobody else writes them while it holds the shard's lease."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from alerts.arming import is_armed
from alerts.auditing import Auditor
from alerts.batch import Batch, Ending, Happening, Opening, commit_batch
from alerts.calibrating import UNCALIBRATED, Calibration
from alerts.decisions import Notebook
from alerts.evidence import EvidenceKeeper
from alerts.following import things_from
from alerts.gating import Chances, GateEvents
from alerts.hearing import Ears, Hearing, Memory
from alerts.judging import Change, ChangeKind, Judges, States, Watch, machine_rows, states_from
from alerts.ledger import watermarks_of
from alerts.noting import Scribe
from alerts.opening import deciding_answers, opened_incident, sharper_look, worth_explaining
from alerts.saying import say
from alerts.shards import LeaseLost, ShardLease
from alerts.unanswered import Unanswered
from contracts.answers import AnswerStream, Delivered
from contracts.errors import StoreUnreachable, Unavailable
from contracts.keys import shard_of
from contracts.messages import Answers
from contracts.service import Stop
from store.database import Database
from store.decisions import held_upto, journal_rows
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
    group_window_s: float = 0.0


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
        notes: bool = True,
        unanswered: Unanswered | None = None,
    ) -> None:
        self._stream = stream
        self._database = database
        self._lease = lease
        self._keeper = keeper
        self._place = place
        self._clock = clock
        self._explains = explains
        self._calibration = calibration
        self._chances = chances
        self._ears = Ears(auditor or Auditor(keeper), archive, unanswered or Unanswered(), clock, notes)
        self._away = ""
        self._stale, self._replaying, self._caught_up = True, True, False
        self._ticked_at = clock()
        self._memory = self._blank()

    def owns(self, camera_id: str) -> bool:
        """Whether this worker counts and judges the camera now."""
        return self._lease.held and shard_of(camera_id, self._place.shards) == self._lease.shard

    @property
    def holds(self) -> bool:
        """Whether the shard is this worker's now."""
        return self._lease.held

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
            hearing = Hearing(self._memory, self._calibration(), self._ears, self._happening)
            for entry in entries:
                hearing.hear(entry)
            if self._settle(hearing.batch(), hearing.states, stop):
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

    def _tick(self, stop: Stop) -> None:
        """Only once all that waits was heard: an answer that waits may say that it did not happen."""
        now = self._clock()
        if not self._caught_up or abs(now - self._ticked_at) < TICK_EVERY:
            return
        self._ticked_at = now
        memory = self._memory
        moved, changes = memory.judges.tick(memory.states, now)
        scribe = Scribe(memory.judges, {}, keeps=self._ears.notes)
        scribe.time(changes, now)
        happenings = tuple(self._happening(watch, change) for watch, change in changes)
        heard = (memory.gates.hear(watch, moved[watch.key], None, [change]) for watch, change in changes)
        machines = machine_rows(moved, memory.judges)
        gated, noted = tuple(chain.from_iterable(heard)), tuple(scribe.noted)
        batch = Batch(machines=machines, happenings=happenings, gate_events=gated, noted=noted)
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
        if batch.is_empty and not self._memory.notebook.is_due(self._clock()):
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
                window = timedelta(seconds=self._place.group_window_s)
                counted = commit_batch(connection, batch, base_url=self._place.base_url, now=now, group_window=window)
                written = self._memory.notebook.write(connection, batch.noted, now)
        except StoreUnreachable as error:
            self._say_away(error)
            return False
        self._memory.notebook.turn(written, now)
        say(counted)
        return True

    def _follow_rulebook(self, stop: Stop) -> None:
        """A rule or camera that changed ends its incidents, and its machines begin anew."""
        with self._database.read() as connection:
            now, zone = self._clock(), self._place.timezone
            known = self._memory.judges.rulebook
            newest = newest_rulebook(connection, known, lambda camera: is_armed(camera, zone, now))
            if newest is known:
                return
            opened = [each for each in open_incidents(connection) if self.owns(each.camera_id)]
            kept = [each for each in all_machines(connection) if self.owns(each.camera_id)]
        judges = Judges(newest, timezone=self._place.timezone)
        states, over = states_from(kept, judges)
        endings, scribe = [], Scribe(judges, {}, keeps=self._ears.notes)
        for each in opened:
            why = judges.why_over(each.rule_id, each.rule_version, each.camera_id)
            if why is not None:
                endings.append(Ending(each.rule_id, each.camera_id, now, why))
                scribe.over(each, why, now)
        batch = Batch(over=tuple(over), happenings=tuple(endings), noted=tuple(scribe.noted))
        if self._settle(batch, states, stop):
            self._memory.judges, self._memory.states = judges, states

    def _remember(self) -> None:
        """After taking the shard: what was committed is all there is."""
        self._forget()
        with self._database.read() as connection:
            self._memory.watermarks = watermarks_of(rows_by_camera(connection))
            self._memory.things = things_from(all_tracks(connection))
            self._memory.notebook.open(journal_rows(connection), held_upto(connection), self.owns)

    def _forget(self) -> None:
        self._memory = self._blank()
        self._stale, self._caught_up = True, False

    def _blank(self) -> Memory:
        judges = Judges(Rulebook(), timezone=self._place.timezone)
        return Memory(judges, Notebook(self._lease.shard), gates=GateEvents(self._chances))

    def _say_away(self, error: Unavailable) -> None:
        if self._away != error.code:
            log.warning("waiting", extra={"shard": self._lease.shard, "problem": str(error)})
        self._away = error.code
