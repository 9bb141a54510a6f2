"""The command line's key: kept over restarts, made anew where the database does not know it, for its owner's eyes."""

import stat
from datetime import UTC, datetime
from pathlib import Path

from api.auth import check_key
from plainwatch.house import own_key
from store.database import Database

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def opened(path: Path) -> Database:
    database = Database(f"sqlite:///{path}")
    database.migrate()
    return database


def test_the_key_survives_a_restart_and_a_lost_database_gets_a_new_one(tmp_path: Path) -> None:
    database, file = opened(tmp_path / "one.sqlite"), tmp_path / "cli.key"

    first = own_key(database, file, NOW)
    again = own_key(database, file, NOW)
    other = opened(tmp_path / "two.sqlite")
    new = own_key(other, file, NOW)

    assert first == again != new
    assert check_key(other, new, NOW).may("admin")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    database.close()
    other.close()
