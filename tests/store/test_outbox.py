"""Whose turn it is: the healthy first, each endpoint in a round, the dead behind their breakers."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from store.database import Database
from store.deliveries import (
    Attempt,
    DeliveryRow,
    DeliveryState,
    Stretch,
    add_deliveries,
    add_delivery,
    attempts_of,
    delivery_by_id,
    replay_stretch,
)
from store.endpoint_health import (
    BREAK_AFTER,
    BREAK_FIRST,
    BREAK_MAX,
    Failure,
    endpoint_answered,
    endpoint_failed,
    open_breakers,
)
from store.endpoints import EndpointRow, add_endpoint, endpoint_by_id, endpoints_by_ids
from store.outbox import Recorded, Room, anything_due, lease_turn, record_attempts
from store.schema import endpoints
from store.times import to_text

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=25)


@pytest.fixture
def connection(database: Database) -> Iterator[sa.Connection]:
    with database.write() as connection:
        yield connection


def register(connection: sa.Connection, name: str, **values: object) -> str:
    given: dict[str, object] = {"status": "healthy"} | values
    row = EndpointRow(f"end_{name}", name, "http://x/", b"u", b"s", to_text(NOW), **given)  # type: ignore[arg-type]
    add_endpoint(connection, row)
    return row.id


def wait(connection: sa.Connection, endpoint: str, count: int = 1, *, at: datetime = NOW) -> list[str]:
    return [add_delivery(connection, endpoint_id=endpoint, type="test.ping", body="{}", now=at) for _ in range(count)]


def room(most: int = 10, *, suspects: int = 10, **values: object) -> Room:
    given: dict[str, object] = {"per_endpoint": 4, "per_suspect": 2} | values
    return Room(most, suspects=suspects, **given)  # type: ignore[arg-type]


def turn(connection: sa.Connection, has: Room, *, now: datetime = NOW) -> tuple[DeliveryRow, ...]:
    return lease_turn(connection, has, worker="w", now=now, until=now + LEASE)


def shares(rows: tuple[DeliveryRow, ...]) -> dict[str, int]:
    return dict(Counter(row.endpoint_id for row in rows))


def fail(connection: sa.Connection, endpoint: str, times: int, *, now: datetime = NOW) -> EndpointRow:
    for _ in range(times):
        endpoint_failed(connection, endpoint, Failure("answered 500", now))
    found = endpoint_by_id(connection, endpoint)
    assert found
    return found


def test_a_long_queue_takes_no_turn_of_a_short_one(connection: sa.Connection) -> None:
    long, short = register(connection, "long"), register(connection, "short")
    wait(connection, long, 20, at=NOW - timedelta(hours=1))
    wait(connection, short, 2)

    rows = turn(connection, room(4))

    assert shares(rows) == {long: 2, short: 2}


def test_turns_go_round_where_there_is_no_room_for_all(connection: sa.Connection) -> None:
    names = [register(connection, name) for name in "abc"]
    for each in names:
        wait(connection, each, 3)

    first = turn(connection, room(2))
    second = turn(connection, room(2, after="end_b"))

    assert set(shares(first)) == {"end_a", "end_b"}
    assert set(shares(second)) == {"end_c", "end_a"}


def test_suspects_get_what_is_theirs_and_the_untried_come_before_the_failing(connection: sa.Connection) -> None:
    for name, status in (("a", "failing"), ("b", "untried"), ("c", "healthy")):
        wait(connection, register(connection, name, status=status), 9)

    rows = turn(connection, room(10, suspects=3))
    none = turn(connection, room(10, suspects=0))

    assert shares(rows) == {"end_c": 4, "end_b": 2, "end_a": 1}
    assert shares(none) == {}


def test_an_endpoint_that_is_left_out_gets_nothing(connection: sa.Connection) -> None:
    for name in "ab":
        wait(connection, register(connection, name))

    assert shares(turn(connection, room(besides=("end_a",)))) == {"end_b": 1}


def test_the_breaker_opens_after_failures_in_a_row_and_its_wait_doubles_up_to_a_limit(
    connection: sa.Connection,
) -> None:
    endpoint, now = register(connection, "a"), NOW
    assert fail(connection, endpoint, BREAK_AFTER - 1).open_until is None

    opened = fail(connection, endpoint, 1)
    waits = []
    for _ in range(8):
        now += timedelta(hours=1)
        until = fail(connection, endpoint, 1, now=now).open_until
        waits.append(until)

    assert opened.open_until == to_text(NOW + BREAK_FIRST)
    assert waits[0] == to_text(NOW + timedelta(hours=1) + 2 * BREAK_FIRST)
    assert waits[-1] == to_text(now + BREAK_MAX)


def test_failures_that_were_under_way_when_it_opened_do_not_lengthen_the_wait(connection: sa.Connection) -> None:
    endpoint = register(connection, "a")

    opened = fail(connection, endpoint, BREAK_AFTER)
    later = fail(connection, endpoint, 5)

    assert (later.failures, later.open_until) == (opened.failures, opened.open_until)


def test_behind_an_open_breaker_nothing_is_due_and_then_one_probe_goes_alone(connection: sa.Connection) -> None:
    endpoint, then = register(connection, "a"), NOW + BREAK_FIRST
    first = min(wait(connection, endpoint, 5))
    fail(connection, endpoint, BREAK_AFTER)

    while_open = turn(connection, room()), anything_due(connection, now=NOW)
    probe, more = turn(connection, room(), now=then), turn(connection, room(), now=then)

    assert while_open == ((), False)
    assert [row.id for row in probe] == [first]
    assert more == ()


def test_an_answer_closes_the_breaker_and_all_goes_again(connection: sa.Connection) -> None:
    endpoint = register(connection, "a")
    wait(connection, endpoint, 5)
    fail(connection, endpoint, BREAK_AFTER)

    endpoint_answered(connection, endpoint)

    found = endpoint_by_id(connection, endpoint)
    assert found
    assert (found.status, found.failures, found.open_until, found.failing_since) == ("healthy", 0, None, None)
    assert len(turn(connection, room())) == 4


def test_who_says_that_an_endpoint_is_well_again_gets_a_probe_at_once(connection: sa.Connection) -> None:
    endpoint = register(connection, "a")
    wait(connection, endpoint, 2)
    fail(connection, endpoint, BREAK_AFTER)

    open_breakers(connection, [endpoint])

    assert len(turn(connection, room())) == 1


@pytest.mark.parametrize("pause", [timedelta(seconds=90), timedelta(hours=3)])
def test_what_it_was_asked_to_pause_for_holds_for_all_that_waits_there(
    connection: sa.Connection, pause: timedelta
) -> None:
    endpoint = register(connection, "a")
    wait(connection, endpoint, 2)

    endpoint_failed(connection, endpoint, Failure("answered 429", NOW, pause=pause))

    assert turn(connection, room(), now=NOW + pause - timedelta(seconds=1)) == ()
    assert turn(connection, room(), now=NOW + pause) != ()


def test_many_attempts_are_recorded_at_once_each_under_its_next_number(connection: sa.Connection) -> None:
    for name in "ab":
        wait(connection, register(connection, name), 3)
    rows = turn(connection, room())
    failed = [Recorded(row, Attempt(to_text(NOW), 1.0, 500, "no"), DeliveryState.PENDING, NOW) for row in rows]

    kept = record_attempts(connection, failed)
    again = record_attempts(connection, failed)
    rows = turn(connection, room())
    done = [Recorded(row, Attempt(to_text(NOW), 1.0, 204), DeliveryState.DELIVERED, NOW) for row in rows]
    record_attempts(connection, done)

    assert len(kept) == len(rows) == 6
    assert again == frozenset()
    for row in rows:
        assert [each.status for each in attempts_of(connection, row.id)] == [500, 204]
        assert [each.status for each in attempts_of(connection, row.id, after=1, limit=1)] == [204]
        found = delivery_by_id(connection, row.id)
        assert found and (found.state, found.attempts, found.leased_until) == (DeliveryState.DELIVERED, 2, None)


def test_severities_below_an_endpoints_least_are_not_told_and_what_has_none_is(connection: sa.Connection) -> None:
    register(connection, "all")
    register(connection, "high", min_severity="high")
    register(connection, "types", event_types=("incident.ended",), min_severity="low")

    def told(type: str, severity: str | None) -> set[str]:
        made = add_deliveries(
            connection,
            type=type,
            body="{}",
            incident_id=None,
            now=NOW,
            severity=severity,  # type: ignore[arg-type]
        )
        rows = [delivery_by_id(connection, each) for each in made]
        return {row.endpoint_id.removeprefix("end_") for row in rows if row}

    assert told("incident.opened", "critical") == {"all", "high"}
    assert told("incident.opened", "high") == {"all", "high"}
    assert told("incident.opened", "medium") == {"all"}
    assert told("incident.ended", "medium") == {"all", "types"}
    assert told("incident.ended", "info") == {"all"}
    assert told("camera.offline", None) == {"all", "high"}


def test_a_stretch_is_replayed_under_the_same_ids_and_nothing_beside_it(connection: sa.Connection) -> None:
    here, there = register(connection, "a"), register(connection, "b")
    hour = timedelta(hours=1)
    early, inside, late = (wait(connection, here, at=NOW + number * hour)[0] for number in range(3))
    other = wait(connection, there, at=NOW + hour)[0]
    connection.execute(sa.text("UPDATE deliveries SET state = 'dead', attempts = 10"))
    before = delivery_by_id(connection, inside)

    count = replay_stretch(connection, Stretch(NOW + hour, NOW + 2 * hour, endpoint_id=here), now=NOW + 5 * hour)

    rows = {each: delivery_by_id(connection, each) for each in (early, inside, late, other)}
    states = {each: row.state for each, row in rows.items() if row}
    again = rows[inside]
    assert count == 1
    assert states == {early: "dead", inside: "pending", late: "dead", other: "dead"}
    assert before and again
    assert (again.message_id, again.attempts, again.next_at) == (before.message_id, 0, to_text(NOW + 5 * hour))


def test_a_look_beside_a_thousand_dead_endpoints_touches_none_of_their_deliveries(connection: sa.Connection) -> None:
    if connection.dialect.name != "sqlite":
        pytest.skip("the steps of another database cannot be counted")
    until = to_text(NOW + timedelta(hours=1))
    for number in range(1000):
        register(connection, f"dead {number}", status="failing", failures=9, open_until=until)
    add_deliveries(connection, type="camera.offline", body="{}", incident_id=None, now=NOW)
    mine = wait(connection, register(connection, "well"))
    steps = [0]
    raw = connection.connection.driver_connection
    assert raw
    raw.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 1), 100)

    rows = turn(connection, room())

    raw.set_progress_handler(None, 0)
    assert [row.id for row in rows] == mine
    # Hundreds of the machine's steps: a look at each short row of an endpoint costs about ten of them.
    assert steps[0] < 300


def test_endpoints_are_found_many_at_a_time(connection: sa.Connection) -> None:
    register(connection, "a")
    connection.execute(sa.update(endpoints).values(min_severity="high"))

    found = endpoints_by_ids(connection, ["end_a", "end_z"])

    assert {name: row.min_severity for name, row in found.items()} == {"end_a": "high"}
