"""Plainwatch on one machine: a private Valkey, ingest, analyzer, alerts and api over one data directory.

Takes: a data directory, a port, settings to pass on.
Gives: House: its API's address, its keys, its running services.
Knows nothing about: who lives in it; `up` and `demo` do."""

import contextlib
import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from api.auth import CLI_KEY_NAME, check_key, create_key, ensure_setup_key
from contracts.broker import bus_errors, connect
from contracts.errors import BusUnreachable, ConfigError, EngineError, NotAllowed, Unavailable
from contracts.settings import Settings, load_settings
from plainwatch.client import ApiClient
from plainwatch.ports import check_port_is_free
from plainwatch.supervisor import Program, Supervisor
from plainwatch.valkey import private_valkey
from store.database import Database

ROOMS = ("api", "ingest", "analyzer", "alerts")
READY_WITHIN_S = 60.0
#: gigabytes from a slow disk, and the model's proof of itself
MODEL_READY_WITHIN_S = 600.0
LOOK_EVERY_S = 0.1
#: so often an impatient house lets its analyzer try to open its engine
TRIES = 2
CLI_KEY_FILE = "cli.key"


class House:
    """Start it, `watch` it a few times a second, stop it."""

    def __init__(
        self,
        data_dir: Path,
        *,
        host: str,
        port: int,
        environment: Mapping[str, str],
        notify: Callable[[str], None],
        ready_within_s: float = READY_WITHIN_S,
        patient: bool = True,
        room_command: Callable[[str], tuple[str, ...]] = lambda room: (sys.executable, "-m", room),
    ) -> None:
        """`patient`: an analyzer whose model cannot be had is started again and again; else that ends the start."""
        self.data_dir = data_dir.resolve()
        self._notify = notify
        self._lock = _lock(self.data_dir)
        check_port_is_free(host, port)
        self._environment = {
            **environment,
            "PLAINWATCH_DATA_DIR": str(self.data_dir),
            "PLAINWATCH_HOST": host,
            "PLAINWATCH_PORT": str(port),
        }
        self.address = f"http://{host}:{port}"
        self.supervisor = Supervisor(self.data_dir / "logs", clock=time.monotonic, notify=notify)
        self._ready_within_s = ready_within_s
        self._patient = patient
        self._room_command = room_command
        self.setup_key: str | None = None

    def start(self) -> ApiClient:
        """Returns when every room answers. Raises PlainwatchError where one does not come up."""
        given = os.environ.get("PLAINWATCH_REDIS_URL") or os.environ.get("REDIS_URL")
        if not given:
            given = self._start_valkey()
        self._environment["PLAINWATCH_REDIS_URL"] = given
        settings = load_settings(data_dir=self.data_dir)
        key = self._open_doors(settings)
        for room in ROOMS:
            self.supervisor.start(Program(room, self._room_command(room), self._environment))
        client = ApiClient(self.address, key)
        self._wait_for("the services", lambda: client.is_ready(), self._ready_within_s)
        return client

    def watch(self) -> None:
        """Restarts what died."""
        self.supervisor.watch()

    def stop(self) -> None:
        """Safe to call twice."""
        self.supervisor.stop()
        self._lock.close()

    def _start_valkey(self) -> str:
        server = private_valkey(self.data_dir)
        tethered = (sys.executable, "-m", "plainwatch.tether", *server.command)
        self.supervisor.start(Program("valkey", tethered))
        self._wait_for("Valkey", lambda: _answers(server.url), READY_WITHIN_S)
        return server.url

    def _open_doors(self, settings: Settings) -> str:
        """The command line's own key, in a file that only its owner reads; and a set-up key while no admin exists."""
        database = Database(settings.sqlalchemy_url)
        try:
            database.migrate()
            now = datetime.now(UTC)
            key = own_key(database, self.data_dir / CLI_KEY_FILE, now)
            self.setup_key = ensure_setup_key(database, now=now)
        finally:
            database.close()
        return key

    def _wait_for(self, what: str, ready: Callable[[], bool], within_s: float) -> None:
        deadline_s = time.monotonic() + within_s
        while not ready():
            self.watch()
            if not self._patient and self.supervisor.restarts().get("analyzer", 0) >= TRIES:
                said = self.supervisor.last_line("analyzer")
                raise EngineError(f"service 'analyzer': {said}", "or use --engine edge")
            if time.monotonic() > deadline_s:
                raise Unavailable(
                    f"{what} did not come up within {within_s:.0f} s", f"see {self.data_dir / 'logs'}"
                )
            time.sleep(LOOK_EVERY_S)


def ready_within_s(engine: str) -> float:
    """How long the services may take to come up."""
    return READY_WITHIN_S if engine == "edge" else MODEL_READY_WITHIN_S


def own_key(database: Database, path: Path, now: datetime) -> str:
    """The one in the file, if this database knows it; else a new one."""
    with contextlib.suppress(OSError, NotAllowed):
        key = path.read_text().strip()
        check_key(database, key, now)
        return key
    key = create_key(database, CLI_KEY_NAME, ("admin",), now=now)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key)
    return key


def signals_to_end() -> list[int]:
    """Empty until somebody asks this process to end: Ctrl-C or SIGTERM."""
    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda given, _: received.append(given))
    return received


def _answers(url: str) -> bool:
    client = connect(url)
    try:
        with bus_errors("ping"):
            return bool(client.ping())
    except BusUnreachable:
        return False
    finally:
        client.close()


def _lock(data_dir: Path) -> TextIO:
    """Two houses over one data directory would fight for the same socket and database."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        handle = (data_dir / "lock").open("a+")
    except OSError as error:
        raise ConfigError(f"data directory '{data_dir}': {error.strerror}", "choose a writable one") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise ConfigError(
            f"data directory '{data_dir}' is in use by a running plainwatch", "stop it, or name another with --data-dir"
        ) from error
    return handle
