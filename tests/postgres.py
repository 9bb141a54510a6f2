"""A real PostgreSQL of our own: a private socket in a folder of its own, gone with the tests."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from store.database import Database

#: for tests whose `database` fixture takes the name of one: on a file of SQLite, and on a real PostgreSQL
ON_BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
READY_WITHIN_S = 30.0
#: PostgreSQL refuses to run as root
ORDINARY_USER = "nobody"
_TEMPLATE = "template"


@dataclass
class Postgres:
    """`folder` holds its data and its socket. A test kills nothing but what it started."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://plainwatch@/{database}?host={self.folder}"

    def fresh(self) -> str:
        """The URL of an empty database."""
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def migrated(self) -> str:
        """The URL of a database with our schema, copied from one that was migrated once."""
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return self.url(name)

    def make_template(self) -> None:
        self._execute(f"CREATE DATABASE {_TEMPLATE}")
        database = Database(self.url(_TEMPLATE))
        database.migrate()
        database.close()

    def _execute(self, statement: str) -> None:
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()


def why_not() -> str:
    """Why there is no PostgreSQL here; empty where there is."""
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed: pip install 'plainwatch[postgres]'"
    if _programs() is None:
        return "no PostgreSQL server is installed: apt-get install postgresql"
    if os.geteuid() == 0 and not _has_ordinary_user():
        return f"PostgreSQL does not run as root, and there is no user {ORDINARY_USER}"
    return ""


def serve() -> Iterator[Postgres]:
    """Until it is closed; whatever happens, nothing of it stays."""
    programs = _programs()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a socket's path must be short, and open to another user
    run_as = _ordinary() if os.geteuid() == 0 else {}
    if run_as:
        os.chown(folder, pwd.getpwnam(ORDINARY_USER).pw_uid, pwd.getpwnam(ORDINARY_USER).pw_gid)
    data = folder / "data"
    arguments = ["-D", str(data), "-U", "plainwatch", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    server: subprocess.Popen[bytes] | None = None
    try:
        subprocess.run([programs / "initdb", *arguments], check=True, **quiet, **run_as)  # type: ignore[call-overload]
        # -F: what these tests hold is not what a power failure leaves.
        command = [programs / "postgres", "-D", data, "-k", folder, "-F", "-c", "listen_addresses="]
        server = subprocess.Popen(command, **quiet, **run_as)  # type: ignore[call-overload]
        running = Postgres(folder)
        _wait_until_it_answers(running)
        running.make_template()
        yield running
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # SIGTERM would wait for every connection that is left open
            try:
                server.wait(timeout=READY_WITHIN_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(folder)


def _programs() -> Path | None:
    """Where initdb and postgres lie, the newest first."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: -float(each.parent.name))
    return next((each for each in folders if (each / "initdb").exists() and (each / "postgres").exists()), None)


def _has_ordinary_user() -> bool:
    try:
        pwd.getpwnam(ORDINARY_USER)
    except KeyError:
        return False
    return True


def _ordinary() -> dict[str, object]:
    return {"user": ORDINARY_USER, "group": pwd.getpwnam(ORDINARY_USER).pw_gid, "extra_groups": []}


def _wait_until_it_answers(server: Postgres) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    engine = sa.create_engine(server.url("postgres"), poolclass=sa.NullPool)
    while True:
        try:
            with engine.connect():
                return
        except sa.exc.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
