from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from contracts.errors import Conflict
from store.database import Database
from store.deliveries import (
    Attempt,
    DeliveryFilter,
    DeliveryState,
    add_deliveries,
    add_delivery,
    attempts_of,
    bury_pending,
    delivery_by_id,
    page_of_deliveries,
    replay_delivery,
)
from store.endpoints import EndpointRow, add_endpoint
from store.outbox import anything_due, return_leases
from store.schema import endpoints
from store.times import to_text
from tests.store.outbox_steps import lease_due, record_attempt

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=25)


@pytest.fixture
def database(database: Database) -> Database:
    """With three endpoints: one that wants everything, one with a type of its own, one that is disabled."""
    with database.write() as connection:
        for name, types in (("a", ()), ("b", ("incident.ended",)), ("c", ())):
            row = EndpointRow(f"end_{name}", name, "http://x/", b"", b"", to_text(NOW), event_types=types)
            add_endpoint(connection, row)
        connection.execute(sa.update(endpoints).where(endpoints.c.name == "c").values(enabled=False))
    return database


def add(connection: sa.Connection, endpoint: str, *, at: datetime = NOW) -> str:
    return add_delivery(connection, endpoint_id=endpoint, type="test.ping", body="{}", now=at)


def lease(connection: sa.Connection, *, now: datetime = NOW, per_endpoint: int = 2, worker: str = "w") -> list[str]:
    rows = lease_due(connection, worker=worker, now=now, until=now + LEASE, most=10, per_endpoint=per_endpoint)
    return [row.id for row in rows]


def test_an_event_goes_to_the_enabled_endpoints_that_want_its_type_under_one_message_id(database: Database) -> None:
    with database.write() as connection:
        opened = add_deliveries(connection, type="incident.opened", body="{}", incident_id="inc_1", now=NOW)
        ended = add_deliveries(connection, type="incident.ended", body="{}", incident_id="inc_1", now=NOW)
        rows = [delivery_by_id(connection, each) for each in ended]

    assert (len(opened), len(ended)) == (1, 2)
    assert {row.endpoint_id for row in rows if row} == {"end_a", "end_b"}
    assert len({row.message_id for row in rows if row}) == 1


def test_what_is_leased_is_not_leased_again_until_the_lease_runs_out(database: Database) -> None:
    with database.write() as connection:
        sent = add(connection, "end_a")
        assert lease(connection) == [sent]
        assert lease(connection) == []
        assert not anything_due(connection, now=NOW)
        assert lease(connection, now=NOW + LEASE + timedelta(seconds=1)) == [sent]


def test_an_endpoint_never_holds_more_leases_than_its_share(database: Database) -> None:
    with database.write() as connection:
        for _ in range(5):
            add(connection, "end_a", at=NOW - timedelta(minutes=1))
        other = add(connection, "end_b")

        first, second = lease(connection), lease(connection)

    assert len(first) == 3
    assert other in first
    assert second == []


def test_disabled_endpoints_and_future_deliveries_are_not_due(database: Database) -> None:
    with database.write() as connection:
        add(connection, "end_c")
        add(connection, "end_a", at=NOW + timedelta(seconds=1))

        assert lease(connection) == []


def test_a_failed_attempt_waits_for_its_time_and_a_delivered_one_is_over(database: Database) -> None:
    later = NOW + timedelta(seconds=5)
    with database.write() as connection:
        sent = add(connection, "end_a")
        (row,) = lease_due(connection, worker="w", now=NOW, until=NOW + LEASE, most=9, per_endpoint=2)
        failed = Attempt(to_text(NOW), 3.0, 500, "answered 500", "oops")
        assert record_attempt(connection, row, failed, state=DeliveryState.PENDING, next_at=later)
        assert lease(connection) == []
        (row,) = lease_due(connection, worker="w", now=later, until=later + LEASE, most=9, per_endpoint=2)
        done = Attempt(to_text(later), 3.0, 200)
        assert record_attempt(connection, row, done, state=DeliveryState.DELIVERED, next_at=later)
        found = delivery_by_id(connection, sent)
        tried = attempts_of(connection, sent)

    assert found
    assert (found.state, found.attempts, found.finished_at) == (DeliveryState.DELIVERED, 2, to_text(later))
    assert tried == (failed, done)


def test_an_attempt_whose_lease_another_took_is_not_recorded(database: Database) -> None:
    after = NOW + LEASE + timedelta(seconds=1)
    with database.write() as connection:
        add(connection, "end_a")
        (row,) = lease_due(connection, worker="w", now=NOW, until=NOW + LEASE, most=9, per_endpoint=2)
        lease(connection, now=after, worker="other")

        recorded = record_attempt(
            connection, row, Attempt(to_text(after), 3.0, 200), state=DeliveryState.DELIVERED, next_at=after
        )

    assert not recorded


def test_a_worker_that_comes_back_frees_its_own_leases_and_no_others(database: Database) -> None:
    with database.write() as connection:
        mine = add(connection, "end_a")
        lease(connection, worker="w")
        add(connection, "end_b")
        lease(connection, worker="other")

        return_leases(connection, worker="w")

        assert lease(connection) == [mine]


def test_only_what_is_over_can_be_replayed_and_it_keeps_its_message_id(database: Database) -> None:
    with database.write() as connection:
        sent = add(connection, "end_a")
        row = delivery_by_id(connection, sent)
        assert row
        with pytest.raises(Conflict):
            replay_delivery(connection, row, now=NOW)
        assert bury_pending(connection, endpoint_id="end_a", reason="gone", now=NOW) == 1
        dead = delivery_by_id(connection, sent)
        assert dead
        replay_delivery(connection, dead, now=NOW)
        again = delivery_by_id(connection, sent)

    assert dead.state is DeliveryState.DEAD
    assert again
    assert (again.state, again.message_id, again.attempts) == (DeliveryState.PENDING, row.message_id, 0)


def test_pages_go_from_the_newest_back_and_filters_narrow_them(database: Database) -> None:
    with database.write() as connection:
        ids = [add(connection, "end_a", at=NOW + timedelta(seconds=number)) for number in range(4)]

        first = page_of_deliveries(connection, before="", limit=3)
        rest = page_of_deliveries(connection, before=first[-1].id, limit=3)
        none = page_of_deliveries(connection, before="", limit=3, only=DeliveryFilter(state="dead"))

    assert [row.id for row in first + rest] == ids[::-1]
    assert none == ()


def test_deliveries_go_with_their_endpoint(database: Database) -> None:
    with database.write() as connection:
        sent = add(connection, "end_a")
        connection.execute(sa.delete(endpoints).where(endpoints.c.id == "end_a"))

        assert delivery_by_id(connection, sent) is None
