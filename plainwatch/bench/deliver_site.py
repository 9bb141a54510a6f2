"""A site to measure: the real alerts process, a private Valkey, SQLite with fsync, receivers in a process of their own.

Takes: a folder.
Gives: Site: tell the endpoints, publish answers, ask what arrived.
Knows nothing about: what is measured."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import redis

from alerts.sign import new_secret
from contracts import keys
from contracts.broker import Client, connect
from contracts.errors import Unavailable
from contracts.ids import new_id
from contracts.messages import StreamMessage, encode
from contracts.seal import Sealer, sealer_from
from contracts.service import PARENT_VARIABLE
from contracts.settings import load_settings
from plainwatch.valkey import private_valkey
from store.database import Database
from store.deliveries import add_deliveries
from store.endpoints import EndpointRow, add_endpoint
from store.times import to_text

READY_WITHIN_S = 20.0
#: an incident's webhook has about 2 kB
_PADDING = "x" * 1_500


@dataclass(frozen=True, slots=True)
class Site:
    """`database` is what the alerts process reads too."""

    database: Database
    client: Client
    sealer: Sealer
    receiver: dict[str, int]

    def add_endpoints(self, count: int, name: str, *, event_type: str, dead: bool = False) -> None:
        """Each has a path of its own at one receiver."""
        now = datetime.now(UTC)
        port = self.receiver["dead_port" if dead else "port"]
        with self.database.write() as connection:
            for number in range(count):
                url = f"http://127.0.0.1:{port}/{name}/{number}"
                row = EndpointRow(
                    id=new_id("end", now),
                    name=f"{name} {number}",
                    url=url,
                    sealed_url=self.sealer.seal(url),
                    sealed_secret=self.sealer.seal(new_secret()),
                    created_at=to_text(now),
                    event_types=(event_type,),
                )
                add_endpoint(connection, row)

    def tell(self, event_type: str, phase: str, *, times: int = 1) -> int:
        """One transaction. Gives how many deliveries it made."""
        made = 0
        with self.database.write() as connection:
            for _ in range(times):
                now = datetime.now(UTC)
                data = {"phase": phase, "told_s": now.timestamp(), "padding": _PADDING}
                content = {"type": event_type, "timestamp": to_text(now), "data": data}
                body = msgspec.json.encode(content).decode()
                made += len(add_deliveries(connection, type=event_type, body=body, incident_id=None, now=now))
        return made

    def publish(self, messages: Sequence[StreamMessage]) -> None:
        """As analyzers do, without frames to take."""
        pipe = self.client.pipeline(transaction=False)
        for message in messages:
            pipe.xadd(keys.answers(0), {"m": encode(message)})
        pipe.execute()

    def waiting(self) -> int:
        """Answers that are not acknowledged yet."""
        length: Any = self.client.xlen(keys.answers(0))
        return int(length)

    def arrived(self) -> dict[str, dict[str, float]]:
        """By phase."""
        answer = httpx2.get(f"http://127.0.0.1:{self.receiver['port']}/", trust_env=False, timeout=30)
        found: dict[str, dict[str, float]] = answer.json()
        return found

    def wait_for(self, phase: str, count: int, *, within_s: float) -> dict[str, float]:
        """What arrived, when all did or the time is over."""
        deadline_s = time.monotonic() + within_s
        while True:
            found = self.arrived().get(phase, {})
            if found.get("different", 0) >= count or time.monotonic() > deadline_s:
                return found
            time.sleep(0.2)


@contextmanager
def open_site(folder: Path) -> Iterator[Site]:
    """`Site` without its alerts process: see `alerts_process`."""
    settings = load_settings(data_dir=folder)
    database = Database(settings.sqlalchemy_url)
    database.migrate()
    server = private_valkey(folder)
    with ExitStack() as opened:
        opened.enter_context(_process(server.command))
        receiving = (sys.executable, "-m", "plainwatch.bench.deliver_receiver")
        receiver = opened.enter_context(_process(receiving, reads=True))
        assert receiver.stdout is not None
        ports: dict[str, int] = json.loads(receiver.stdout.readline())
        client = connect(server.url)
        opened.callback(client.close)
        _until_it_answers(client)
        yield Site(database, client, sealer_from(settings.key_file, ""), ports)
    database.close()


@dataclass(frozen=True, slots=True)
class Running:
    """A process that is measured."""

    pid: int

    def processor_s(self) -> float | None:
        """What it has taken so far; None where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def alerts_process(folder: Path) -> Iterator[Running]:
    """The service as `up` runs it, its log in the folder; every incident is told of by itself."""
    environment = {
        "PLAINWATCH_DATA_DIR": str(folder),
        "PLAINWATCH_REDIS_URL": private_valkey(folder).url,
        "PLAINWATCH_WEBHOOK_ALLOW": "127.0.0.1",
        "PLAINWATCH_ARCHIVE_HOURS": "0",
        "PLAINWATCH_GROUP_WINDOW_S": "0",
    }
    with _process((sys.executable, "-m", "alerts"), log=folder / "alerts.log", environment=environment) as process:
        yield Running(process.pid)


@contextmanager
def _process(
    command: Sequence[str], *, reads: bool = False, log: Path | None = None, environment: dict[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    with ExitStack() as opened:
        errors = opened.enter_context(log.open("wb")) if log else subprocess.DEVNULL
        running = subprocess.Popen(
            command,
            stdout=subprocess.PIPE if reads else subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, **(environment or {}), PARENT_VARIABLE: str(os.getpid())},
        )
        try:
            yield running
        finally:
            running.kill()
            running.wait()
            if running.stdout:
                running.stdout.close()


def _until_it_answers(client: Client) -> None:
    deadline_s = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            client.ping()
            return
        except redis.exceptions.ConnectionError as error:
            if time.monotonic() > deadline_s:
                raise Unavailable(
                    "the private Valkey did not start", "look for its program with ./run doctor"
                ) from error
            time.sleep(0.05)
