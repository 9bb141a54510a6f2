from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from contracts.errors import ConfigError
from store.database import Database
from store.site import next_site_version, site_version


@pytest.mark.parametrize("url", ["hush-hush", "nobody://u:hush-hush@host/x", "postgresql+pg8000://u:hush-hush@host/x"])
def test_an_address_that_cannot_be_opened_is_named_by_its_setting_and_not_shown(url: str) -> None:
    with pytest.raises(ConfigError, match="PLAINWATCH_DATABASE_URL") as raised:
        Database(url)

    assert "hush-hush" not in str(raised.value)
    assert raised.value.remedy


def test_a_transaction_that_failed_leaves_nothing_to_the_next_user_of_its_connection(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        next_site_version(connection)
        raise ZeroDivisionError

    with database.read() as connection:
        before = site_version(connection)
    with database.write() as connection:
        next_site_version(connection)
    with database.read() as connection:
        after = site_version(connection)

    assert after == before + 1


def test_on_sqlite_many_readers_at_once_wait_for_no_connection(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'plainwatch.sqlite'}")) as database, ExitStack() as readers:
        database.migrate()
        connections = [readers.enter_context(database.read()) for _ in range(30)]

        assert [site_version(each) for each in connections] == [0] * 30
