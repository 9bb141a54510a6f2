"""Opening the database, and the one kind of transaction that we use.

Takes: a SQLAlchemy URL.
Gives: Database.write and Database.read as context managers; migrations run by `migrate`.
Knows nothing about: tables."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import QueuePool

from contracts.errors import ConfigError, StoreUnreachable

BUSY_TIMEOUT_MS = 5_000
_POSTGRESQL = {
    "connect_timeout": BUSY_TIMEOUT_MS // 1000,
    "tcp_user_timeout": 2 * BUSY_TIMEOUT_MS,
    "options": f"-c lock_timeout={BUSY_TIMEOUT_MS}",
}
#: To open a connection costs more than most reads. Nobody waits for one: those above the size are closed after use.
_SQLITE: dict[str, Any] = {"poolclass": QueuePool, "pool_size": 4, "max_overflow": -1}
#: whoever migrates waits for whoever does; the number means nothing
_MIGRATION_LOCK = 6_029_113
_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """SQLite runs in WAL with synchronous=FULL: a commit that returned survives power loss where fsync is honoured.

    On PostgreSQL several workers write at once; on both a reader sees one moment."""

    def __init__(self, url: str) -> None:
        self._sqlite = url.startswith("sqlite")
        if self._sqlite and url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = _SQLITE if self._sqlite else {"pool_pre_ping": True}
        if url.startswith("postgresql"):
            options["connect_args"] = _POSTGRESQL
        # Else PostgreSQL's driver forgets how many rows an INSERT that may do nothing has made.
        self.engine = _engine(url, {**options, "execution_options": {"preserve_rowcount": True}})
        self._reading = {"plainwatch_read": True} | ({} if self._sqlite else {"isolation_level": "REPEATABLE READ"})
        if self._sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_immediately)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Commits at the end, rolls back on any error. Raises StoreUnreachable."""
        with store_errors(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A snapshot; nothing is written. Raises StoreUnreachable."""
        with store_errors(), self.engine.connect().execution_options(**self._reading) as connection:
            yield connection

    def migrate(self) -> None:
        """To the newest schema; safe to call from several processes at once, and again."""
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        with store_errors(), self.engine.begin() as connection:
            config.attributes["connection"] = connection
            if not self._sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            command.upgrade(config, "head")

    def close(self) -> None:
        """Safe to call twice."""
        self.engine.dispose()


def _engine(url: str, options: dict[str, Any]) -> sa.Engine:
    """Neither error shows the URL: it may hold a password."""
    setting = "setting PLAINWATCH_DATABASE_URL"
    try:
        return sa.create_engine(url, **options)
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{setting}: the driver '{error.name}' is not installed", "pip install 'plainwatch[postgres]'"
        ) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError(
            f"{setting}: not an address that is understood", "write postgresql+psycopg://user:password@host/database"
        ) from error


@contextmanager
def store_errors() -> Iterator[None]:
    """Our errors from the driver's; constraint violations pass through for the caller to name."""
    try:
        yield
    except OperationalError as error:
        raise StoreUnreachable(f"database: {error.orig}", "check its disk space and that it runs") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnreachable("database: the connection broke", "check that it runs") from error
        raise


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions begin too late for BEGIN IMMEDIATE: leave them to the "begin" event.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediately(connection: sa.Connection) -> None:
    # A transaction that begins as a reader and then writes may fail with SQLITE_BUSY at once, timeout or not.
    read_only = connection.get_execution_options().get("plainwatch_read", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
