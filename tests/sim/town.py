"""A whole site in one thread: the real bus, store, analyzer loop, alert worker and outbox under a clock moved by hand.

Nothing here waits, so a schedule of faults that Hypothesis has found once fails again in the same way."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from alerts.consume import Place, ShardWorker
from alerts.counting import Accountant
from alerts.evidence import EvidenceKeeper
from alerts.outcomes import Outcome, Terms, settle
from alerts.shards import LeaseLost, ShardLease
from alerts.webhook import Sent
from analyzer.site import SiteWatch
from analyzer.work import Bounds, Worker
from contracts.board import Board
from contracts.broker import Client
from contracts.errors import BusUnreachable, StoreUnreachable, Unavailable
from contracts.leases import Leases
from contracts.messages import (
    CameraHealth,
    Keyframe,
    Scene,
    Unchanged,
)
from contracts.pins import Pins
from contracts.plan import question_key
from contracts.site import AnalyzerSite, AskedQuestion, CameraQuestions, IngestSite
from store.outbox import Room, lease_turn, return_leases
from store.progress import epoch_floors
from tests.alerts.receiver import NOW
from tests.alerts.scene import CAR
from tests.sim.breakable import NOT_SEEN, Books, Bus, Killed, Moment, OneTurn, ScriptedEngine, Store, Stream

CAMERAS = ("cam_1", "cam_2", "cam_3")
ENDPOINTS = ("end_1", "end_2")
ANALYZERS = ("analyzer-1", "analyzer-2")
DELIVERERS = ("deliverer-1", "deliverer-2")
ANOTHER_DELIVERER = "deliverer-3"
QUESTION = AskedQuestion(question_key(CAR), CAR.text, CAR.predicate)
#: what a dead worker held comes free before it is too old to be looked at
BOUNDS = Bounds(shards=1, batch_frames=2, max_age_s=60.0, engine_deadline_s=30.0)
LEASE = timedelta(seconds=25)
ROOM = Room(most=8, per_endpoint=2, suspects=8, per_suspect=2)


@dataclass
class Ingest:
    """One camera's: numbers its frames, counts its losses, and is sometimes killed with what it had not told."""

    camera: str
    epoch: int
    sampled: int = 0
    last_key: int = 0
    said: int = 0
    told: int = 0
    dropped: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class Town:
    """All parts of a site. `client` is an empty Valkey, `template` a database with cameras, a rule and endpoints."""

    def __init__(self, client: Client, database: Store, folder: Path) -> None:
        self.moment, self.books = Moment(), Books()
        self.client, self.database, self.folder = client, database, folder
        database.books = self.books
        self.bus, self.board, self.pins = Bus(client, self.books), Board(client), Pins(client)
        self.leases = Leases(client, worker="ingest-1")
        self.was_emptied = False
        #: deliverers that were killed and have not started anew
        self.gone: set[str] = set()
        #: keyframes by camera that an ingest sampled; and those that it told of before it was killed
        self.sampled: dict[str, int] = defaultdict(int)
        self.untold: dict[str, int] = defaultdict(int)
        #: attempts that were written down, by delivery
        self.tries: Counter[str] = Counter()
        self.inbox: dict[str, list[str]] = {endpoint: [] for endpoint in ENDPOINTS}
        self.publish()
        self.ingests = {camera: Ingest(camera, self._lease(camera)) for camera in CAMERAS}
        self.analyzers = {name: self._analyzer(name) for name in ANALYZERS}
        self.alerts = self._shard_worker()
        self.accountant = Accountant(self.board, database, owns=lambda _: True)

    # Ingest.

    def sample(self, camera: str, shown: bytes | None) -> None:
        """None: nothing has changed since the last keyframe."""
        ingest = self.ingests[camera]
        ingest.sampled += 1
        self.sampled[camera] += 1
        at = self.moment.now
        message: Keyframe | Unchanged
        if shown is None and ingest.last_key:
            message = Unchanged(camera, ingest.epoch, ingest.sampled, at, ingest.last_key)
        else:
            message = Keyframe(camera, ingest.epoch, ingest.sampled, at, shown or NOT_SEEN, 320, 180, Scene())
            ingest.last_key = ingest.sampled
        try:
            self.books.lose("put")
            put = self.bus.put(message)
        except BusUnreachable:
            ingest.dropped["bus_down"] += 1
            ingest.last_key = 0
            return
        ingest.dropped["overwritten"] += put.evicted
        if put.fenced:
            ingest.dropped["fenced"] += 1

    def report(self) -> None:
        """Ingest's word on every camera, as it is said once a second."""
        for ingest in self.ingests.values():
            self.board.report_health(
                CameraHealth(
                    ingest.camera,
                    "ingest-1",
                    ingest.epoch,
                    self.moment.now,
                    "online",
                    NOW,
                    sampled=ingest.sampled,
                    dropped={reason: number for reason, number in ingest.dropped.items() if number},
                )
            )
            ingest.said = ingest.sampled

    def kill_ingest(self, camera: str) -> None:
        ingest = self.ingests[camera]
        self.untold[camera] += ingest.sampled - ingest.told
        self.ingests[camera] = Ingest(camera, self._lease(camera))

    def _lease(self, camera: str) -> int:
        with self.database.read() as connection:
            floor = epoch_floors(connection).get(camera, 0)
        epoch = self.leases.acquire(camera, now=self.moment.now, floor=floor)
        assert epoch is not None
        return epoch

    # The bus.

    def empty_bus(self) -> None:
        self.was_emptied = True
        self.client.flushall()
        self.books.overtaken.clear()
        self.publish()

    def publish(self) -> None:
        cameras = tuple(CameraQuestions(camera, (QUESTION,)) for camera in CAMERAS)
        self.board.publish_site(IngestSite(1), AnalyzerSite(1, cameras))

    # The analyzers.

    def analyse(self, name: str) -> None:
        """One round; a killed one is started anew."""
        loop, _ = self.analyzers[name]
        try:
            loop.run(OneTurn(self.moment))
        except Killed:
            self.analyzers[name] = self._analyzer(name)

    def _analyzer(self, name: str) -> tuple[Worker, ScriptedEngine]:
        engine = ScriptedEngine(self.moment, self.books)
        site = SiteWatch(self.board, engine.capabilities(name))
        return Worker(self.bus, self.pins, site, engine, name=name, bounds=BOUNDS, clock=self.moment), engine

    # Alerts.

    def judge(self) -> None:
        """One round of the shard's worker, and one count; a killed one is started anew."""
        try:
            self.alerts.turn(OneTurn(self.moment, turns=1_000_000))
        except (Killed, LeaseLost, Unavailable):
            self.alerts = self._shard_worker()

    def count(self) -> None:
        try:
            self.accountant.count()
        except (Killed, Unavailable):
            self.accountant = Accountant(self.board, self.database, owns=lambda _: True)
            return
        for ingest in self.ingests.values():
            ingest.told = ingest.said

    def _shard_worker(self) -> ShardWorker:
        return ShardWorker(
            Stream(self.client, "alerts-1", self.books),
            self.database,
            ShardLease(self.database, 0, worker="alerts-1"),
            EvidenceKeeper(self.folder / "evidence", self.pins),
            Place("http://site.example:8600", "UTC", 1),
            self.moment,
        )

    # The outbox.

    def deliver(
        self, name: str, status: Callable[[str], int | None], *, dies: str = "", comes_back: bool = True
    ) -> None:
        """One turn of a deliverer; it may be killed before it sends, or before it records what it sent.

        One that does not come back at once starts anew with its next turn, if it has another."""
        now = self.moment.now
        if name in self.gone:
            self._return_leases(name)
        try:
            with self.database.write() as connection:
                rows = lease_turn(connection, ROOM, worker=name, now=now, until=now + LEASE)
            if dies == "before sending":
                raise Killed(dies)
            outcomes = []
            for row in rows:
                answered = status(row.endpoint_id)
                if answered is not None and answered < 300:
                    self.inbox[row.endpoint_id].append(row.message_id)
                outcomes.append(Outcome(row, now, Sent(answered, 1.0, "" if answered else "no answer")))
            if dies == "before recording":
                raise Killed(dies)
            with self.database.write() as connection:
                recorded = settle(connection, outcomes, Terms(lambda: 0.0), now=now)
            self.tries.update(each.delivery.id for each in recorded)
        except Killed:
            self.gone.add(name)
            if comes_back:
                self._return_leases(name)
        except StoreUnreachable:
            return

    def _return_leases(self, name: str) -> None:
        """What a deliverer does first when it starts anew."""
        self.books.planned = [fault for fault in self.books.planned if "commit" not in fault and fault != "store"]
        with self.database.write() as connection:
            return_leases(connection, worker=name)
        self.gone.discard(name)

    # For assertions.

    def rows(self, wanted: sa.Select[tuple[object, ...]]) -> list[sa.Row[tuple[object, ...]]]:
        with self.database.read() as connection:
            return list(connection.execute(wanted))
