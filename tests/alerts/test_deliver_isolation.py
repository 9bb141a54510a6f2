"""One endpoint's trouble is no other's: breakers, fair turns, secrets in rotation, two workers."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest
import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook

from alerts.schedule import DISABLE_AFTER, LONGEST_GAP
from alerts.sign import new_secret
from contracts.seal import Sealer
from store.database import Database
from store.deliveries import DeliveryRow, DeliveryState, attempts_of, page_of_deliveries
from store.endpoint_health import BREAK_AFTER
from store.endpoints import EndpointRow, endpoint_by_id
from store.schema import endpoints
from store.times import to_text
from tests.alerts.receiver import Clock, Receiver, answer, eventually
from tests.postgres import ON_BOTH
from tests.store.outbox_steps import fail_for

pytestmark = ON_BOTH

Serve = Callable[..., Receiver]
Register = Callable[..., EndpointRow]
Look = Callable[[str], DeliveryRow]
Deliver = Callable[..., None]
Send = Callable[[EndpointRow], str]


@pytest.fixture
def hole() -> Iterator[str]:
    """The URL of a port that accepts and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(512)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def found(database: Database, endpoint: EndpointRow) -> EndpointRow:
    with database.read() as connection:
        row = endpoint_by_id(connection, endpoint.id)
    assert row
    return row


def change(database: Database, endpoint: EndpointRow, **values: object) -> None:
    with database.write() as connection:
        connection.execute(sa.update(endpoints).where(endpoints.c.id == endpoint.id).values(values))


def test_many_endpoints_that_hang_leave_the_healthy_one_its_turn(
    database: Database, serve: Serve, endpoint: Register, deliver: Deliver, send: Send, look: Look, hole: str
) -> None:
    for number in range(100):
        send(endpoint(f"{hole}{number}", name=f"dead {number}"))
    well = endpoint(serve().url, name="well")
    change(database, well, status="healthy")
    sent = [send(well) for _ in range(20)]

    deliver(timeout_s=10.0)

    eventually(lambda: all(look(each).state is DeliveryState.DELIVERED for each in sent), within_s=8)
    with database.read() as connection:
        rows = page_of_deliveries(connection, before="", limit=200)
    assert all(row.attempts == 0 for row in rows if row.endpoint_id != well.id)


def test_a_failing_endpoint_is_left_alone_until_one_probe_says_that_it_is_well(
    database: Database,
    serve: Serve,
    endpoint: Register,
    deliver: Deliver,
    send: Send,
    look: Look,
    clock: Clock,
) -> None:
    repaired = threading.Event()
    receiver = serve(lambda handler: answer(200 if repaired.is_set() else 500)(handler))
    row = endpoint(receiver.url)
    sent = [send(row) for _ in range(8)]
    deliver()
    eventually(lambda: found(database, row).open_until is not None)
    eventually(lambda: all(look(each).leased_until is None for each in sent))
    tried = len(receiver.received)

    repaired.set()
    clock.pass_by(timedelta(minutes=6))

    eventually(lambda: all(look(each).state is DeliveryState.DELIVERED for each in sent))
    assert BREAK_AFTER <= tried <= BREAK_AFTER + 1
    assert (found(database, row).status, found(database, row).failures) == ("healthy", 0)


def test_a_429_with_retry_after_holds_back_all_that_waits_there(
    database: Database, serve: Serve, endpoint: Register, deliver: Deliver, send: Send, look: Look, clock: Clock
) -> None:
    receiver = serve(answer(429, {"retry-after": "90"}))
    row = endpoint(receiver.url)
    first = send(row)
    deliver()
    eventually(lambda: look(first).attempts == 1)

    open_until = found(database, row).open_until
    second = send(row)
    clock.pass_by(timedelta(seconds=80))
    other = endpoint(serve().url, name="other")
    told = send(other)
    eventually(lambda: look(told).state is DeliveryState.DELIVERED)

    assert open_until == "2026-11-22T12:01:30.000Z"
    assert look(second).attempts == 0


def test_a_breaker_that_is_open_stays_open_over_a_restart(
    database: Database, serve: Serve, endpoint: Register, deliver: Deliver, send: Send, look: Look, clock: Clock
) -> None:
    receiver, other = serve(), serve()
    row = endpoint(receiver.url)
    change(database, row, status="failing", failures=9, open_until=to_text(clock() + timedelta(minutes=5)))
    send(row)
    told = send(endpoint(other.url, name="other"))

    deliver()

    eventually(lambda: look(told).state is DeliveryState.DELIVERED)
    assert receiver.received == []


def test_during_the_overlap_both_secrets_verify_and_after_it_the_new_one_alone(
    database: Database,
    sealer: Sealer,
    serve: Serve,
    endpoint: Register,
    deliver: Deliver,
    send: Send,
    look: Look,
    clock: Clock,
) -> None:
    old, new, receiver = new_secret(), new_secret(), serve()
    clock.now = clock.now.now(clock.now.tzinfo)  # the library compares with the real time
    row = endpoint(receiver.url, secret=new)
    until = clock() + timedelta(seconds=30)
    change(database, row, sealed_old_secret=sealer.seal(old), old_secret_until=to_text(until))
    first = send(row)
    deliver()
    eventually(lambda: look(first).state is DeliveryState.DELIVERED)

    clock.pass_by(timedelta(seconds=31))
    second = send(row)

    eventually(lambda: look(second).state is DeliveryState.DELIVERED)
    both, alone = receiver.received
    assert both.headers["webhook-signature"].count(" ") == 1
    for secret, got in ((old, both), (new, both), (new, alone)):
        Webhook(secret).verify(got.body, got.headers)
    assert " " not in alone.headers["webhook-signature"]


def test_two_workers_send_each_delivery_once(
    database: Database, serve: Serve, endpoint: Register, deliver: Deliver, send: Send, look: Look
) -> None:
    receiver = serve()
    row = endpoint(receiver.url)
    sent = [send(row) for _ in range(40)]

    deliver(worker="one")
    deliver(worker="two")

    eventually(lambda: all(look(each).state is DeliveryState.DELIVERED for each in sent))
    assert len({got.headers["webhook-id"] for got in receiver.received}) == len(receiver.received) == 40


def test_what_was_answered_while_the_database_was_away_is_recorded_and_not_sent_again(
    database: Database, serve: Serve, endpoint: Register, deliver: Deliver, send: Send, look: Look
) -> None:
    arrived, release = threading.Event(), threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        arrived.set()
        release.wait(20)
        answer(200)(handler)

    receiver = serve(slow)
    sent = send(endpoint(receiver.url))
    deliver(timeout_s=15.0)
    assert arrived.wait(20)

    with database.write():  # nobody else writes meanwhile
        release.set()
        threading.Event().wait(0.5)  # the time in which the answer comes

    eventually(lambda: look(sent).state is DeliveryState.DELIVERED)
    assert len(receiver.received) == 1


def test_a_time_scale_shortens_the_schedule_and_the_days_until_an_endpoint_is_disabled(
    database: Database, serve: Serve, endpoint: Register, deliver: Deliver, send: Send, look: Look, clock: Clock
) -> None:
    row = endpoint(serve(answer(500)).url)
    sent = send(row)
    deliver(time_scale=0.01)
    eventually(lambda: look(sent).attempts == 1)
    assert look(sent).next_at == "2026-11-22T12:00:00.050Z"

    with database.write() as connection:
        fail_for(connection, sent, DISABLE_AFTER * 0.01, every=LONGEST_GAP * 0.01, since=clock())
    clock.pass_by(DISABLE_AFTER * 0.01 + timedelta(seconds=1))

    eventually(lambda: found(database, row).status == "disabled")
    assert look(sent).state is DeliveryState.DEAD


def test_credentials_in_the_url_are_sent_as_a_header_and_host_stays_that_of_the_url(
    database: Database, serve: Serve, endpoint: Register, deliver: Deliver, send: Send, look: Look
) -> None:
    receiver = serve()
    row = endpoint(f"http://user:p%40ss@localhost:{receiver.port}/hook?x=1")
    sent = send(row)

    deliver(allow=("127.0.0.1", "::1"))

    eventually(lambda: look(sent).attempts == 1)
    with database.read() as connection:
        (attempt,) = attempts_of(connection, sent)
    assert attempt.status == 204, attempt
    got = receiver.received[0]
    assert (got.path, got.headers["host"]) == ("/hook?x=1", f"localhost:{receiver.port}")
    assert got.headers["authorization"] == "Basic dXNlcjpwQHNz"


def test_an_answer_that_is_no_http_and_one_that_breaks_off_are_failed_attempts(
    serve: Serve, endpoint: Register, deliver: Deliver, send: Send, look: Look
) -> None:
    def nonsense(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"220 mail.example.org ESMTP\r\n\r\n")

    def silence(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    sent = [send(endpoint(serve(behave).url, name=name)) for name, behave in (("a", nonsense), ("b", silence))]

    deliver()

    eventually(lambda: all(look(each).attempts == 1 for each in sent))
    assert all("HTTP" in (look(each).last_error or "") for each in sent)


def test_what_an_endpoint_says_instead_of_http_is_for_admins_alone(
    database: Database, serve: Serve, endpoint: Register, deliver: Deliver, send: Send, look: Look
) -> None:
    def banner(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"220 inner-host-7 " + b"x" * 9000 + b"\r\n\r\n")

    row = endpoint(serve(banner).url)
    sent = send(row)

    deliver()

    eventually(lambda: look(sent).attempts == 1)
    with database.read() as connection:
        (attempt,) = attempts_of(connection, sent)
    shown = (look(sent).last_error, attempt.error, found(database, row).status_reason)
    assert shown == ("the answer is not HTTP",) * 3
    assert "inner-host-7" in (attempt.answer or "") and len(attempt.answer or "") <= 1024


def test_an_endpoint_that_trips_our_own_code_is_a_failed_attempt_and_stops_no_other(
    serve: Serve, endpoint: Register, deliver: Deliver, send: Send, look: Look
) -> None:
    odd = send(endpoint("http://127.0.0.1:99999/", name="a"))
    well = send(endpoint(serve().url, name="b"))
    dated = send(endpoint(serve(answer(503, {"retry-after": "Sun, 22 Nov 2026 12:00:30 +" + "9" * 20})).url, name="c"))

    deliver()

    eventually(lambda: look(well).state is DeliveryState.DELIVERED)
    eventually(lambda: look(odd).attempts == 1 and look(dated).attempts == 1)
    assert look(odd).last_error and look(dated).last_status == 503
