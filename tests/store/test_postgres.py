"""What only a second database can show: workers that write at the same moment."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from contracts.errors import StoreUnreachable
from store.database import Database
from store.deliveries import add_delivery
from store.endpoints import EndpointRow, add_endpoint
from store.shards import SHARD_LEASE, free_shard, hold_shard, take_shard
from store.site import count_up, site_version
from store.times import to_text
from tests.postgres import Postgres
from tests.store.outbox_steps import lease_due

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def together(*jobs: object) -> list[BaseException]:
    """All at once; what went wrong in any."""
    wrong: list[BaseException] = []
    begin = threading.Barrier(len(jobs))

    def do(job: object) -> None:
        begin.wait(timeout=10)
        try:
            job()  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001 - told below
            wrong.append(error)

    threads = [threading.Thread(target=do, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return wrong


@pytest.fixture
def postgresql(postgres: Postgres) -> Database:
    return Database(postgres.migrated())


def test_several_processes_may_migrate_an_empty_database_at_once(postgres: Postgres) -> None:
    url = postgres.fresh()
    databases = [Database(url) for _ in range(4)]

    wrong = together(*(database.migrate for database in databases))

    assert wrong == []
    with databases[0].read() as connection:
        assert site_version(connection) == 0
    for database in databases:
        database.close()


def test_a_shard_has_one_owner_however_many_reach_for_it(postgresql: Database) -> None:
    epochs: list[int | None] = []

    def reach(owner: str) -> None:
        with postgresql.write() as connection:
            epochs.append(take_shard(connection, 0, owner=owner, now=NOW, returning=True))

    wrong = together(*(lambda name=f"alerts-{i}": reach(name) for i in range(6)))

    assert wrong == []
    assert sorted(epochs, key=lambda each: each or 0) == [None] * 5 + [1]
    postgresql.close()


def test_who_lost_the_lease_commits_nothing(postgresql: Database) -> None:
    later = NOW + SHARD_LEASE + timedelta(seconds=1)
    with postgresql.write() as connection:
        first = take_shard(connection, 0, owner="alerts-1", now=NOW, returning=True)
        second = take_shard(connection, 0, owner="alerts-2", now=later, returning=True)

    assert first is not None and second is not None
    with postgresql.write() as connection:
        assert not hold_shard(connection, 0, epoch=first, now=later)
        assert hold_shard(connection, 0, epoch=second, now=later)
        free_shard(connection, 0, epoch=second, now=later)
    postgresql.close()


def test_what_many_count_up_at_once_is_counted_in_full(postgresql: Database) -> None:
    def count() -> None:
        for _ in range(10):
            with postgresql.write() as connection:
                count_up(connection, "version")

    wrong = together(*[count] * 4)

    assert wrong == []
    with postgresql.read() as connection:
        assert site_version(connection) == 40
    postgresql.close()


def test_deliverers_that_look_at_once_share_out_what_is_due(postgresql: Database) -> None:
    with postgresql.write() as connection:
        for name in ("a", "b", "c"):
            row = EndpointRow(f"end_{name}", name, "http://x/", b"", b"", to_text(NOW))
            add_endpoint(connection, row)
            for _ in range(10):
                add_delivery(connection, endpoint_id=row.id, type="test.ping", body="{}", now=NOW)
    taken: list[str] = []

    def take(worker: str) -> None:
        for _ in range(10):
            with postgresql.write() as connection:
                until = NOW + timedelta(seconds=25)
                found = lease_due(connection, worker=worker, now=NOW, until=until, most=4, per_endpoint=10)
            taken.extend(row.id for row in found)

    wrong = together(*(lambda name=f"alerts-{i}": take(name) for i in range(3)))

    assert wrong == []
    assert len(taken) == len(set(taken))
    assert len(taken) == 30
    postgresql.close()


def test_a_reader_sees_one_moment(postgresql: Database) -> None:
    with postgresql.read() as connection:
        before = site_version(connection)
        with postgresql.write() as other:
            count_up(other, "version")

        assert site_version(connection) == before
    postgresql.close()


def test_a_server_that_is_not_there_is_said_within_seconds_and_without_its_password(postgres: Postgres) -> None:
    database = Database("postgresql+psycopg://plainwatch:hush-hush@127.0.0.1:1/plainwatch")

    with pytest.raises(StoreUnreachable) as raised, database.read() as connection:
        connection.execute(sa.text("SELECT 1"))

    assert "hush-hush" not in str(raised.value)
    database.close()
