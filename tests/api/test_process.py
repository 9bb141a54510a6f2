import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from contracts.board import Board
from contracts.broker import connect
from store.database import Database
from tests.api.running import now, until


def start(valkey: str, data: Path, port: int) -> subprocess.Popen[str]:
    settings = {
        "PLAINWATCH_DATA_DIR": str(data),
        "PLAINWATCH_REDIS_URL": valkey,
        "PLAINWATCH_PORT": str(port),
    }
    command = [sys.executable, "-m", "api"]
    return subprocess.Popen(command, env=os.environ | settings, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        number: int = sock.getsockname()[1]
    yield number


def test_the_process_offers_a_set_up_key_serves_publishes_beats_and_ends_by_a_signal(
    valkey: str, tmp_path: Path, port: int
) -> None:
    process = start(valkey, tmp_path / "data", port)
    try:
        board = Board(connect(valkey))
        until(lambda: board.ingest_site() is not None)
        until(lambda: any(beat.room == "api" for beat in board.beats(now=now())))
        until(lambda: _answers(port))
        setup = (tmp_path / "data" / "setup.key").read_text().strip()
        made = httpx2.post(
            f"http://127.0.0.1:{port}/api/v1/keys", headers={"authorization": f"Bearer {setup}"}, json={"name": "me"}
        )
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "listening" in log
    assert made.status_code == 201
    assert "set-up key written" in log
    assert setup not in log
    assert (tmp_path / "data" / "setup.key").stat().st_mode & 0o777 == 0o600
    assert "Traceback" not in log
    database = Database(f"sqlite:///{tmp_path / 'data' / 'plainwatch.sqlite'}")
    with database.read() as connection:
        connection.exec_driver_sql("SELECT * FROM cameras")
    database.close()


def test_a_port_that_is_taken_is_named_with_the_remedy(valkey: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = start(valkey, tmp_path / "data", port)
        _, log = process.communicate(timeout=60)

    assert process.returncode == 2
    assert f"port {port}" in log
    assert "PLAINWATCH_PORT" in log
    assert "Traceback" not in log


def _answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health", timeout=2).status_code == 200
    except httpx2.TransportError:
        return False
