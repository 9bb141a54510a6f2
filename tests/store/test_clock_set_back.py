from datetime import timedelta

import sqlalchemy as sa

from store.clock_set_back import mend_times
from store.database import Database
from store.deliveries import Attempt, DeliveryRow, DeliveryState, add_delivery, delivery_by_id
from store.endpoints import EndpointRow, add_endpoint
from store.schema import endpoints
from store.times import from_text, to_text
from tests.alerts.receiver import NOW
from tests.store.outbox_steps import lease_due, record_attempt

HOUR = timedelta(hours=1)
LEASE = timedelta(seconds=25)


def a_failed_delivery(database: Database, *, made: timedelta, tried: timedelta, again: timedelta) -> str:
    """Made, tried and put off at these times, seen from NOW."""
    with database.write() as connection:
        add_endpoint(connection, EndpointRow("end_1", "one", "http://203.0.113.1/", b"", b"", to_text(NOW)))
        delivery_id = add_delivery(connection, endpoint_id="end_1", type="test.ping", body="{}", now=NOW + made)
        until = NOW + tried + LEASE
        (row,) = lease_due(connection, worker="w", now=NOW + tried, until=until, most=1, per_endpoint=1)
        attempt = Attempt(to_text(NOW + tried), 1.0, 500, "answered 500")
        record_attempt(connection, row, attempt, state=DeliveryState.PENDING, next_at=NOW + again)
    return delivery_id


def read(database: Database, delivery_id: str) -> DeliveryRow:
    with database.read() as connection:
        row = delivery_by_id(connection, delivery_id)
    assert row is not None
    return row


def test_what_a_clock_that_ran_ahead_put_off_is_due_once_it_is_set_back(database: Database) -> None:
    seconds = timedelta(seconds=5)
    delivery_id = a_failed_delivery(database, made=-seconds, tried=HOUR, again=HOUR + seconds)

    with database.write() as connection:
        mended = mend_times(connection, now=NOW)

    assert mended == 1
    assert from_text(read(database, delivery_id).next_at) == NOW


def test_what_honestly_waits_for_hours_goes_on_waiting(database: Database) -> None:
    delivery_id = a_failed_delivery(database, made=-HOUR, tried=-timedelta(seconds=5), again=10 * HOUR)

    with database.write() as connection:
        mended = mend_times(connection, now=NOW)

    assert mended == 0
    assert from_text(read(database, delivery_id).next_at) == NOW + 10 * HOUR


def test_a_lease_and_a_breaker_of_the_clock_before_hold_up_nothing(database: Database) -> None:
    delivery_id = a_failed_delivery(database, made=-HOUR, tried=HOUR, again=-timedelta(seconds=1))
    with database.write() as connection:
        lease_due(connection, worker="w", now=NOW, until=NOW + HOUR, most=1, per_endpoint=1)
        connection.execute(sa.update(endpoints).values(open_until=to_text(NOW + HOUR)))

    with database.write() as connection:
        mend_times(connection, now=NOW)
        leased = lease_due(connection, worker="v", now=NOW, until=NOW + LEASE, most=1, per_endpoint=1)

    assert [row.id for row in leased] == [delivery_id]


def test_a_pause_that_an_endpoint_asked_for_outlasts_a_restart(database: Database) -> None:
    a_failed_delivery(database, made=-HOUR, tried=-timedelta(minutes=1), again=5 * HOUR)
    with database.write() as connection:
        connection.execute(sa.update(endpoints).values(open_until=to_text(NOW + 5 * HOUR)))

    with database.write() as connection:
        mend_times(connection, now=NOW)

    with database.read() as connection:
        assert connection.execute(sa.select(endpoints.c.open_until)).scalar() == to_text(NOW + 5 * HOUR)
