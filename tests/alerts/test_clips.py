"""Clips become evidence: a real database, a real Valkey, and ingest's own desk answering the job."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from alerts.clips import ATTEMPTS, Clipper, Span
from contracts.board import Board
from contracts.broker import Client
from contracts.clips import JOB, ClipReply, ClipRequest, clip_room
from contracts.keys import jobs
from contracts.messages import CameraHealth
from contracts.service import Stop
from ingest.desk import Desk
from ingest.source import Clock as IngestClock
from store.clips import claim_clip
from store.database import Database
from store.endpoints import EndpointRow
from store.incidents import (
    Evidence,
    EvidenceFrame,
    IncidentRow,
    IncidentState,
    add_incident,
    incident_by_id,
    retract_incident,
    sharpen_incident,
)
from store.schema import deliveries
from tests.alerts.incident_rows import incident_row
from tests.alerts.receiver import NOW, Clock, eventually
from tests.alerts.scene import CAMERA
from tests.postgres import ON_BOTH

pytestmark = ON_BOTH

SPAN = Span(pre_s=5.0, post_s=5.0)
FRAME = EvidenceFrame("2026-11-22T12:00:00.000Z", "p/1.jpg", "ab")


class Films:
    """The ingest worker that reads the camera, as far as clips go."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self.asked: list[ClipRequest] = []
        self.reply = ClipReply(b"an mp4")
        self._stop = Stop()
        desk = Desk(client, {JOB: self._answer}, IngestClock(clock, lambda: 0.0), room=clip_room("ingest-1"), places=1)
        self._thread = threading.Thread(target=desk.run, args=(self._stop,))
        self._thread.start()
        health = CameraHealth(CAMERA, "ingest-1", 1, clock(), "online", clock())
        Board(client).report_health(health)

    def end(self) -> None:
        self._stop.set()
        self._thread.join()

    def _answer(self, payload: bytes) -> bytes:
        self.asked.append(msgspec.msgpack.decode(payload, type=ClipRequest))
        return msgspec.msgpack.encode(self.reply)


@pytest.fixture
def films(client: Client, clock: Clock) -> Iterator[Films]:
    made = Films(client, clock)
    yield made
    made.end()


@pytest.fixture
def clipper(database: Database, client: Client, tmp_path: Path, clock: Clock) -> Clipper:
    return Clipper(database, client, tmp_path, SPAN, base_url="http://site.example", worker="alerts-1", clock=clock)


@pytest.fixture
def opened(database: Database) -> IncidentRow:
    row = replace(incident_row(), evidence=Evidence((FRAME,)))
    with database.write() as connection:
        add_incident(connection, row)
    return row


def now_of(database: Database) -> IncidentRow:
    with database.read() as connection:
        found = incident_by_id(connection, "inc_1")
    assert found
    return found


def bodies(database: Database) -> list[dict[str, object]]:
    with database.read() as connection:
        return [json.loads(body) for body in connection.execute(sa.select(deliveries.c.body)).scalars()]


def test_a_clip_is_asked_for_when_its_end_was_seen_kept_and_told_as_an_update(
    database: Database,
    clipper: Clipper,
    films: Films,
    opened: IncidentRow,
    endpoint: Callable[..., EndpointRow],
    clock: Clock,
    tmp_path: Path,
) -> None:
    endpoint("http://hook.example/")
    clock.pass_by(timedelta(seconds=5))
    assert not clipper.look(Stop())
    clock.pass_by(timedelta(seconds=2))

    assert clipper.look(Stop())

    (asked,) = films.asked
    assert (asked.camera, asked.at, asked.pre_s, asked.post_s) == (CAMERA, NOW, 5.0, 5.0)
    incident = now_of(database)
    assert (tmp_path / incident.evidence.clip).read_bytes() == b"an mp4"
    assert incident.evidence.frames == (FRAME,)
    (told,) = bodies(database)
    assert (told["type"], incident.sequence) == ("incident.updated", 2)
    assert ".mp4?exp=" in told["data"]["evidence"]["clip_url"]  # type: ignore[index]
    assert not clipper.look(Stop())


def test_a_film_that_cannot_be_had_is_said_and_the_incident_stays_as_it_was(
    database: Database,
    clipper: Clipper,
    films: Films,
    opened: IncidentRow,
    endpoint: Callable[..., EndpointRow],
    clock: Clock,
) -> None:
    endpoint("http://hook.example/")
    films.reply = ClipReply(reason="the moment is no longer kept")
    clock.pass_by(timedelta(seconds=7))

    clipper.look(Stop())

    incident = now_of(database)
    evidence = Evidence((FRAME,), clip_missing="the moment is no longer kept")
    assert incident == replace(opened, evidence=evidence)
    assert bodies(database) == []
    assert not clipper.look(Stop())


def test_a_camera_that_nobody_reads_is_asked_for_three_times_and_given_up(
    database: Database, clipper: Clipper, opened: IncidentRow, clock: Clock
) -> None:
    clock.pass_by(timedelta(seconds=7))
    looks = 0

    while clipper.look(Stop()):
        looks += 1
        clock.pass_by(timedelta(seconds=3))

    assert looks == ATTEMPTS
    assert "no ingest worker reads the camera" in now_of(database).evidence.clip_missing


def test_what_a_killed_worker_had_claimed_is_taken_up_when_its_lease_is_over(
    database: Database, clipper: Clipper, films: Films, opened: IncidentRow, clock: Clock
) -> None:
    clock.pass_by(timedelta(seconds=7))
    with database.write() as connection:
        claim_clip(connection, "inc_1", worker="killed", now=clock(), until=clock() + timedelta(seconds=60))
    assert not clipper.look(Stop())

    clock.pass_by(timedelta(seconds=61))

    assert clipper.look(Stop())
    assert now_of(database).evidence.clip


def test_an_end_does_not_wait_for_a_worker_that_does_not_answer_and_its_successor_asks_again(
    database: Database, clipper: Clipper, client: Client, opened: IncidentRow, clock: Clock
) -> None:
    clock.pass_by(timedelta(seconds=7))
    Board(client).report_health(CameraHealth(CAMERA, "ingest-1", 1, clock(), "online", clock()))
    stop = Stop()
    running = threading.Thread(target=clipper.run, args=(stop,))
    running.start()
    eventually(lambda: client.llen(jobs(clip_room("ingest-1"))) == 1)

    stop.set()
    running.join(timeout=5)

    assert not running.is_alive()
    again = threading.Thread(target=clipper.run, args=(later := Stop(),))
    again.start()
    eventually(lambda: client.llen(jobs(clip_room("ingest-1"))) == 2)
    later.set()
    again.join(timeout=5)


def test_no_clip_is_asked_for_where_the_incident_is_old_or_was_retracted(
    database: Database, clipper: Clipper, films: Films, opened: IncidentRow, clock: Clock
) -> None:
    clock.pass_by(timedelta(minutes=11))
    assert not clipper.look(Stop())
    clock.now = NOW + timedelta(seconds=7)
    with database.write() as connection:
        retract_incident(connection, opened, reason="", at=NOW)

    assert not clipper.look(Stop())
    assert now_of(database).state is IncidentState.RETRACTED


def test_a_sharper_look_keeps_the_clip(
    database: Database, clipper: Clipper, films: Films, opened: IncidentRow, clock: Clock
) -> None:
    clock.pass_by(timedelta(seconds=7))
    clipper.look(Stop())

    with database.write() as connection:
        found = incident_by_id(connection, "inc_1", lock=True)
        assert found
        sharpen_incident(connection, found, confidence=0.99, zone=None, evidence=Evidence((FRAME,)))

    assert now_of(database).evidence.clip
    assert len(now_of(database).evidence.frames) == 2
