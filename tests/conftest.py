"""Fixtures that every room's tests share: the assets, and a real Valkey of our own."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from contracts.broker import Client, connect
from plainwatch.valkey import private_valkey
from tests.postgres import Postgres, serve, why_not

READY_WITHIN_S = 10.0


@pytest.fixture(scope="session")
def assets() -> Path:
    """Real footage and models; never part of the project."""
    named = os.environ.get("PLAINWATCH_ASSETS", "")
    if not named or not Path(named).is_dir():
        pytest.skip("PLAINWATCH_ASSETS names no folder with footage and models")
    return Path(named).resolve()


@pytest.fixture(scope="session")
def taught_model(request: pytest.FixtureRequest) -> Path:
    """The folder of a tiny model that has learned to see: takes minutes, once for each form of the lessons."""
    # Not above: the tests of other rooms run without torch.
    from tests.analyzer.vlm.trained import lessons_hash, train

    folder: Path = request.config.cache.mkdir("taught") / lessons_hash()
    if not folder.exists():
        unfinished = folder.with_name(f"unfinished-{os.getpid()}")
        unfinished.mkdir()
        train(unfinished).rename(folder)
    return folder


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for the whole run."""
    server = private_valkey(tmp_path_factory.mktemp("valkey"))
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_it_answers(server.url)
        yield server.url
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def valkey(valkey_server: str) -> str:
    """The URL of an empty Valkey."""
    client = connect(valkey_server)
    client.flushall()
    client.close()
    return valkey_server


@pytest.fixture
def client(valkey: str) -> Iterator[Client]:
    """A connection to the empty Valkey."""
    client = connect(valkey)
    yield client
    client.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for the whole run; each test has a database of its own in it."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with contextmanager(serve)() as server:
        yield server


def _wait_until_it_answers(url: str) -> None:
    client = connect(url)
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            client.ping()
            break
        except redis.exceptions.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    client.close()
