"""The gate's whole life: events close it, quiet frames are spared and counted, a miss that was found opens it again.

Frames go the real way: frame bus, worker, gate, answer stream, shard worker, database, publisher, and back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.closing import learn_from
from alerts.consume import Place, ShardWorker
from alerts.evidence import EvidenceKeeper
from alerts.gating import Chances, GateEvent
from alerts.shards import ShardLease
from analyzer.gate.gated import GatedEngine
from analyzer.gate.score import is_audited
from analyzer.site import SiteWatch
from analyzer.work import Bounds, Worker
from api.publish import Publisher
from contracts.answers import AnswerStream
from contracts.board import Board
from contracts.broker import Client
from contracts.bus import FrameBus
from contracts.gates import GateMemories
from contracts.messages import Keyframe, Scene
from contracts.pins import Pins
from contracts.plan import Question
from contracts.service import Stop
from contracts.site import Bar
from rules.learning.gate import events_needed
from store.cameras import add_camera
from store.database import Database
from store.gates import GateKey, GateRow, all_gates
from store.incidents import IncidentRow, page_of_incidents
from store.progress import FrameTotals, totals
from store.rules import add_rule
from store.site import next_site_version
from tests.alerts.receiver import NOW, Clock
from tests.alerts.scene import CAMERA, RULE, camera_row, plan, rule_row
from tests.analyzer.gate.colours import GREEN, MURKY, RED, Colours, Reader, painted

AUDITED = 0.1
DUE_S = 10.0
#: of one kind of green each: a camera's quiet pictures are not equal
QUIET = (GREEN, painted(5, 245, 20), painted(10, 240, 5))


@dataclass
class Yard:
    """One camera, one rule, one picture a second."""

    database: Database
    client: Client
    folder: Path
    clock: Clock = field(default_factory=Clock)
    seq: int = 0
    reader: Reader = field(default_factory=Reader)

    def __post_init__(self) -> None:
        board, self.pins, self.bus = Board(self.client), Pins(self.client), FrameBus(self.client)
        with self.database.write() as connection:
            add_camera(connection, camera_row())
            add_rule(connection, rule_row(plan(questions=(Question("q1", "Is something red visible?"),))))
            next_site_version(connection)
        memories = GateMemories(self.client)
        engine = GatedEngine(self.reader, Colours(), memories, audit_rate=AUDITED, due_s=DUE_S)
        self.board, self.publisher = board, Publisher(self.database, board)
        self.analyzer = Worker(
            self.bus,
            self.pins,
            SiteWatch(board, engine.capabilities("a")),
            engine,
            name="a",
            bounds=Bounds(1, 8, 1e9),
            clock=self.clock,
        )
        self.alerts = ShardWorker(
            AnswerStream(self.client, shard=0, consumer="w"),
            self.database,
            ShardLease(self.database, 0, worker="w"),
            EvidenceKeeper(self.folder, self.pins),
            Place("http://site.example:8600", "UTC", 1),
            self.clock,
            chances=Chances(AUDITED, DUE_S),
        )
        self.publisher.publish_if_needed()
        self.alerts.turn(Stop())  # what was left over: nothing

    def see(self, *pictures: bytes) -> None:
        for picture in pictures:
            self.clock.pass_by(timedelta(seconds=1))
            self.seq += 1
            self.bus.put(Keyframe(CAMERA, 1, self.seq, self.clock(), picture, 64, 64, Scene(warm=True)))
            assert self.analyzer.turn() == 1
        self.alerts.turn(Stop())
        self.publisher.publish_if_needed()

    def quiet(self, frames: int) -> None:
        self.see(*(QUIET[number % len(QUIET)] for number in range(frames)))

    def event(self, *pictures: bytes) -> None:
        """And quiet for as long as it takes to end."""
        self.see(*pictures)
        self.quiet(3 if self.bar is None else 2 * int(DUE_S))

    def wait_for(self, *, audit: bool) -> None:
        """Until chance picks the next frame, or does not; and a look has just been taken, so that none is due."""
        self.quiet(1)
        while is_audited(CAMERA, 1, self.seq + 1, AUDITED) is not audit or not self.reader.batches[-1]:
            self.quiet(1)

    @property
    def gate(self) -> GateRow:
        with self.database.read() as connection:
            (gate,) = all_gates(connection)
        return gate

    @property
    def incidents(self) -> tuple[IncidentRow, ...]:
        with self.database.read() as connection:
            return page_of_incidents(connection, before="", limit=200)

    @property
    def frames(self) -> FrameTotals:
        with self.database.read() as connection:
            return totals(connection)[CAMERA]

    @property
    def bar(self) -> Bar | None:
        site = self.board.analyzer_site()
        assert site
        return site.cameras[0].questions[0].bar


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'plainwatch.sqlite'}")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def yard(database: Database, client: Client, tmp_path: Path) -> Yard:
    return Yard(database, client, tmp_path / "evidence")


def close_the_gate(yard: Yard) -> None:
    for number in range(events_needed()):
        assert yard.bar is None
        yard.event(painted(250, number, 5))


def close_the_gate_at_once(yard: Yard) -> None:
    """By events that nobody saw."""
    key = GateKey(RULE, 1, "", Colours.name)
    with yard.database.write() as connection:
        learn_from(connection, [GateEvent(key, 0.9, was_open=True)] * events_needed(), now=yard.clock.now)
    yard.publisher.publish_if_needed()
    yard.quiet(2)


def test_events_close_the_gate_quiet_frames_are_spared_and_a_found_miss_opens_it_again(yard: Yard) -> None:
    close_the_gate(yard)
    learnt, published = yard.gate, yard.bar
    while_open, asked_while_open = yard.frames, sum(yard.reader.batches)

    yard.quiet(60)
    while_closed, asked_while_closed = yard.frames, sum(yard.reader.batches) - asked_while_open
    yard.event(RED, RED, RED)
    caught = yard.gate
    yard.wait_for(audit=False)
    yard.event(MURKY)
    overlooked, known = yard.gate, len(yard.incidents)
    yard.wait_for(audit=True)
    yard.event(MURKY)

    assert learnt.bar is not None
    assert (learnt.events, learnt.caught, learnt.missed) == (events_needed(), 0, 0.0)
    assert published is not None
    assert (published.score, published.model) == (learnt.bar, Colours.name)
    assert while_open.dropped == {}
    spared = while_closed.dropped["gated"]
    assert spared >= 40
    assert asked_while_closed == 60 - spared
    assert (caught.caught, caught.missed) == (1, 0.0)
    assert overlooked == caught
    assert known == events_needed() + 1
    assert len(yard.incidents) == known + 1
    assert (yard.gate.events, yard.bar) == (0, None)
    assert "missed" in yard.gate.reason
    assert yard.frames.sampled == yard.seq
    assert yard.frames.sampled == yard.frames.analysed + sum(yard.frames.dropped.values())
    assert yard.frames.in_flight == 0


def test_under_a_closed_gate_an_incident_opens_with_its_first_frame_and_ends_in_bounded_time(yard: Yard) -> None:
    close_the_gate_at_once(yard)
    yard.quiet(30)
    began = yard.clock.now + timedelta(seconds=1)

    yard.see(RED, RED, RED, RED)
    gone = yard.clock.now
    opened = yard.incidents[0]
    yard.quiet(int(DUE_S) + 2)
    ended = yard.incidents[0]

    assert opened.captured_at == began.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert opened.ended_at is None
    assert ended.id == opened.id
    # The first no comes at once, since the last answer was yes; the second when the question is due again.
    assert ended.ended_at is not None
    assert ended.ended_at <= (gone + timedelta(seconds=DUE_S + 2)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_everything_is_asked_again_when_the_bars_month_is_over(yard: Yard) -> None:
    close_the_gate_at_once(yard)
    yard.quiet(10)
    spared = yard.frames.dropped["gated"]

    yard.clock.pass_by(timedelta(days=31))
    yard.quiet(10)
    still = yard.frames.dropped["gated"]
    yard.event(RED, RED)

    assert spared > 0
    assert still == spared
    assert (yard.gate.bar, yard.gate.events, yard.bar) == (None, 1, None)
    assert yard.clock.now > NOW
