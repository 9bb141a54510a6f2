"""Two alerts services on one PostgreSQL and one Valkey; the one that owns the shards is killed with -9."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook

from alerts.sign import new_secret
from contracts import keys
from contracts.broker import Client
from contracts.messages import Answer, Answers, encode
from contracts.plan import question_key
from store.cameras import add_camera
from store.database import Database
from store.decisions import entries_between
from store.deliveries import DeliveryState
from store.endpoints import EndpointRow
from store.incidents import page_of_incidents
from store.progress import totals
from store.rules import add_rule
from store.schema import deliveries, shards
from store.site import next_site_version
from tests.alerts.receiver import Receiver, answer, eventually
from tests.alerts.scene import CAR, CAR_BOX, MODEL, camera_row, rule_row
from tests.postgres import Postgres

SHARDS = 3
CAMERAS = tuple(f"cam_{number}" for number in range(6))
VISITS = 6
#: a car, then nothing for three seconds
FRAMES = 7


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    database = Database(postgres.migrated())
    yield database
    database.close()


@pytest.fixture
def service(tmp_path: Path, valkey: str, database: Database) -> Iterator[Callable[[str], "subprocess.Popen[bytes]"]]:
    started: list[subprocess.Popen[bytes]] = []
    environment = {
        **os.environ,
        "PLAINWATCH_DATA_DIR": str(tmp_path),
        "PLAINWATCH_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "PLAINWATCH_REDIS_URL": valkey,
        "PLAINWATCH_WEBHOOK_ALLOW": "127.0.0.1",
        "PLAINWATCH_SHARDS": str(SHARDS),
        "PLAINWATCH_GROUP_WINDOW_S": "0",
    }

    def start(worker: str) -> "subprocess.Popen[bytes]":
        with (tmp_path / f"{worker}.log").open("wb") as log:
            command = [sys.executable, "-m", "alerts"]
            started.append(subprocess.Popen(command, env=environment | {"PLAINWATCH_WORKER": worker}, stderr=log))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def visits(client: Client, first: int, last: int, begin: datetime) -> None:
    """On every camera at once."""
    for number in range(first * FRAMES, last * FRAMES):
        at = begin + timedelta(seconds=0.5 * number)
        boxes = (CAR_BOX,) if number % FRAMES == 0 else ()
        given = (Answer(question_key(CAR), 3.0 if boxes else -3.0, count=len(boxes), detections=boxes),)
        for camera in CAMERAS:
            message = Answers(camera, 1, number + 1, at, 1, MODEL, given, 1.0, 2.0)
            client.xadd(keys.answers(keys.shard_of(camera, SHARDS)), {"m": encode(message)})


def owners(database: Database) -> Counter[str]:
    with database.read() as connection:
        return Counter(connection.execute(sa.select(shards.c.owner)).scalars())


def test_of_two_workers_one_is_killed_and_nothing_is_lost_or_doubled(
    database: Database,
    client: Client,
    serve: Callable[..., Receiver],
    endpoint: Callable[..., EndpointRow],
    service: Callable[[str], "subprocess.Popen[bytes]"],
) -> None:
    secret, begin = new_secret(), datetime.now(UTC) - timedelta(minutes=2)
    receiver = serve(answer(500), answer(200))
    endpoint(receiver.url, secret=secret)
    with database.write() as connection:
        for camera in CAMERAS:
            add_camera(connection, camera_row(camera))
        add_rule(connection, rule_row())
        next_site_version(connection)
    first = service("alerts-1")
    eventually(lambda: owners(database) == {"alerts-1": SHARDS})
    second = service("alerts-2")

    visits(client, 0, VISITS // 2, begin)
    eventually(lambda: len(receiver.received) > len(CAMERAS))
    first.send_signal(signal.SIGKILL)
    first.wait()
    visits(client, VISITS // 2, VISITS, begin)

    expected = 2 * VISITS * len(CAMERAS)  # each opened and ended

    def all_delivered() -> bool:
        with database.read() as connection:
            states = Counter(connection.execute(sa.select(deliveries.c.state)).scalars())
        return states == {DeliveryState.DELIVERED.value: expected}

    eventually(all_delivered, within_s=60)
    with database.read() as connection:
        incidents = page_of_incidents(connection, before="", limit=1000)
        counted = totals(connection)
        noted = {
            camera: entries_between(connection, camera, from_ms=0, to_ms=2**60, after=(0, 0, 0), limit=1000)
            for camera in CAMERAS
        }
    assert Counter(row.camera_id for row in incidents) == dict.fromkeys(CAMERAS, VISITS)
    assert len({(row.camera_id, row.started_at) for row in incidents}) == VISITS * len(CAMERAS)
    assert {camera: counted[camera].analysed for camera in CAMERAS} == dict.fromkeys(CAMERAS, VISITS * FRAMES)
    assert {camera: sum(each.frames for each in noted[camera]) for camera in CAMERAS} == dict.fromkeys(
        CAMERAS, VISITS * FRAMES
    )
    assert len({got.headers["webhook-id"] for got in receiver.received}) == expected
    for got in receiver.received:
        Webhook(secret).verify(got.body, got.headers)
    assert owners(database) == {"alerts-2": SHARDS}
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=20) == 0
