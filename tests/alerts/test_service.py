"""The whole service in a process of its own, killed with -9 while it works."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from alerts.sign import new_secret
from contracts.board import Board
from contracts.broker import Client
from contracts.messages import CameraHealth
from store.database import Database
from store.deliveries import DeliveryState, page_of_deliveries
from store.endpoints import EndpointRow
from store.progress import totals
from tests.alerts.receiver import Clock, Receiver, answer, eventually
from tests.alerts.scene import CAMERA, CAR_BOX, Site, seconds

KILLS = 3
VISITS = 9


@pytest.fixture
def service(tmp_path: Path, valkey: str) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    started: list[subprocess.Popen[bytes]] = []
    environment = {
        **os.environ,
        "PLAINWATCH_DATA_DIR": str(tmp_path),
        "PLAINWATCH_REDIS_URL": valkey,
        "PLAINWATCH_WEBHOOK_ALLOW": "127.0.0.1",
        "PLAINWATCH_WORKER": "alerts-1",
    }

    def start() -> "subprocess.Popen[bytes]":
        log = (tmp_path / f"alerts-{len(started)}.log").open("wb")
        started.append(subprocess.Popen([sys.executable, "-m", "alerts"], env=environment, stderr=log))
        log.close()
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def visit(site: Site, clock: Clock) -> None:
    """A car comes, and goes."""
    site.see(CAR_BOX)
    for _ in range(6):
        clock.pass_by(seconds(0.5))
        site.see()
    clock.pass_by(seconds(0.5))


def test_kill_9_in_the_middle_of_the_work_loses_nothing_and_doubles_nothing(
    site: Site,
    database: Database,
    clock: Clock,
    client: Client,
    serve: Callable[..., Receiver],
    endpoint: Callable[..., EndpointRow],
    service: Callable[[], "subprocess.Popen[bytes]"],
) -> None:
    dice, secret = random.Random(7), new_secret()
    receiver = serve(answer(500), answer(200))
    endpoint(receiver.url, secret=secret)
    clock.now = datetime.now(UTC)
    site.register()

    for _ in range(KILLS):
        process, before = service(), len(site.incidents())
        for _ in range(VISITS // KILLS):
            visit(site, clock)
        eventually(lambda before=before: len(site.incidents()) > before)  # type: ignore[misc]
        time.sleep(dice.uniform(0, 0.05))  # the moment of the kill is the experiment
        process.send_signal(signal.SIGKILL)
        process.wait()
    last = service()
    Board(client).report_health(CameraHealth(CAMERA, "ingest-1", 1, clock(), "online", clock(), sampled=site.seq))

    def all_delivered() -> bool:
        with database.read() as connection:
            rows = page_of_deliveries(connection, before="", limit=100)
        return len(rows) == 2 * VISITS and all(row.state is DeliveryState.DELIVERED for row in rows)

    eventually(all_delivered, within_s=40)
    incidents = site.incidents()
    assert len(incidents) == VISITS
    assert all(incident.ended_at and incident.evidence.frames for incident in incidents)
    assert len({incident.started_at for incident in incidents}) == VISITS
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 2 * VISITS
    for got in receiver.received:
        Webhook(secret).verify(got.body, got.headers)
    with database.read() as connection:
        found = totals(connection)[CAMERA]
    assert (found.analysed, found.sampled, found.dropped, found.in_flight) == (site.seq, site.seq, {}, 0)
    last.send_signal(signal.SIGTERM)
    assert last.wait(timeout=20) == 0


def test_a_service_without_redis_says_so_and_waits(tmp_path: Path, database: Database) -> None:
    process = service_without_redis(tmp_path)
    try:
        log = tmp_path / "without.log"
        eventually(lambda: "waiting" in log.read_text())
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()


def service_without_redis(tmp_path: Path) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "PLAINWATCH_DATA_DIR": str(tmp_path),
        "PLAINWATCH_REDIS_URL": f"unix://{tmp_path / 'nobody.sock'}",
    }
    with (tmp_path / "without.log").open("wb") as log:
        return subprocess.Popen([sys.executable, "-m", "alerts"], env=environment, stderr=log)


@pytest.mark.parametrize("point", ["before_commit", "before_ack"])
def test_a_kill_at_the_worst_moment_leaves_one_incident_one_delivery_and_the_right_count(
    point: str,
    site: Site,
    database: Database,
    clock: Clock,
    valkey: str,
    tmp_path: Path,
    endpoint: Callable[..., EndpointRow],
) -> None:
    endpoint("http://203.0.113.1/")
    site.register()
    site.see(CAR_BOX)
    clock.pass_by(seconds(0.5))
    site.see(CAR_BOX)
    command = [sys.executable, "-m", "tests.alerts.doomed_worker", point, str(tmp_path), valkey, clock().isoformat()]

    killed = subprocess.run(command, timeout=60, check=False, cwd=Path(__file__).parents[2])
    site.turn(site.worker())

    assert killed.returncode == -signal.SIGKILL
    assert len(site.incidents()) == 1
    with database.read() as connection:
        assert len(page_of_deliveries(connection, before="", limit=9)) == 1
        found = totals(connection)[CAMERA]
    assert (found.analysed, found.dropped) == (2, {})
