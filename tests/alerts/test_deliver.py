import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest
import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook

from alerts.schedule import DISABLE_AFTER, LONGEST_GAP
from alerts.sign import new_secret
from store.database import Database
from store.deliveries import (
    DeliveryRow,
    DeliveryState,
    attempts_of,
    replay_delivery,
)
from store.endpoints import EndpointRow, endpoint_by_id
from store.outbound import allow_target
from store.schema import deliveries
from tests.alerts.receiver import Clock, Receiver, answer, eventually
from tests.store.outbox_steps import fail_for, lease_due

Serve = Callable[..., Receiver]
Register = Callable[..., EndpointRow]


def status_of(database: Database, endpoint: EndpointRow) -> EndpointRow:
    with database.read() as connection:
        found = endpoint_by_id(connection, endpoint.id)
    assert found
    return found


def test_a_delivery_arrives_signed_so_that_the_reference_library_verifies_it(
    database: Database,
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
    clock: Clock,
) -> None:
    receiver, secret = serve(answer(200, body=b"thanks")), new_secret()
    clock.now = clock.now.now(clock.now.tzinfo)  # the library compares with the real time
    row = endpoint(receiver.url, secret=secret)
    sent = send(row)

    deliver()

    eventually(lambda: look(sent).state is DeliveryState.DELIVERED)
    got = receiver.received[0]
    assert Webhook(secret).verify(got.body, got.headers)["type"] == "test.ping"
    assert got.headers["webhook-id"] == look(sent).message_id
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"].startswith("Plainwatch")
    with database.read() as connection:
        (attempt,) = attempts_of(connection, sent)
    assert (attempt.status, attempt.answer, attempt.error) == (200, "thanks", None)
    assert status_of(database, row).status == "healthy"


def test_a_500_is_tried_again_after_five_seconds_under_the_same_id(
    database: Database,
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
    clock: Clock,
) -> None:
    receiver = serve(answer(500, body=b"oops"), answer(200))
    row = endpoint(receiver.url)
    sent = send(row)
    deliver()
    eventually(lambda: look(sent).attempts == 1)
    assert look(sent).next_at == "2026-11-22T12:00:05.000Z"
    assert status_of(database, row).status == "failing"

    clock.pass_by(timedelta(seconds=5))

    eventually(lambda: look(sent).state is DeliveryState.DELIVERED)
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert (status_of(database, row).status, status_of(database, row).failing_since) == ("healthy", None)


def test_retry_after_is_honoured(
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
) -> None:
    receiver = serve(answer(429, {"retry-after": "90"}))
    sent = send(endpoint(receiver.url))

    deliver()

    eventually(lambda: look(sent).attempts == 1)
    assert look(sent).next_at == "2026-11-22T12:01:30.000Z"


def test_a_410_disables_the_endpoint_and_its_deliveries_become_dead_letters(
    database: Database,
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
) -> None:
    gone, other = serve(answer(410)), serve()
    row, told = endpoint(gone.url), endpoint(other.url, name="told")
    first = send(row)

    deliver()

    eventually(lambda: look(first).state is DeliveryState.DEAD)
    disabled = status_of(database, row)
    assert (disabled.status, "410" in disabled.status_reason) == ("disabled", True)
    eventually(lambda: bool(other.received))
    assert b"endpoint.disabled" in other.received[0].body
    later = send(row)
    eventually(lambda: status_of(database, told).status == "healthy")
    assert look(later).state is DeliveryState.PENDING
    assert len(gone.received) == 1


def test_a_redirect_is_a_failure_and_is_never_followed(
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
) -> None:
    victim = serve()
    receiver = serve(answer(302, {"location": victim.url}))
    sent = send(endpoint(receiver.url))

    deliver()

    eventually(lambda: look(sent).attempts == 1)
    assert look(sent).last_status == 302
    assert "redirect" in (look(sent).last_error or "")
    assert victim.received == []


def test_a_slow_endpoint_times_out_and_delays_no_other(
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
) -> None:
    release = threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        release.wait(30)

    slow, quick = serve(hang), serve()
    slow_row, quick_row = endpoint(slow.url, name="slow"), endpoint(quick.url, name="quick")
    stuck = [send(slow_row) for _ in range(12)]
    sent = send(quick_row)

    deliver(timeout_s=2.0)

    eventually(lambda: look(sent).state is DeliveryState.DELIVERED)
    assert sum(look(one).attempts for one in stuck) == 0
    assert len(slow.received) <= 2
    eventually(lambda: any(look(one).attempts for one in stuck))
    assert {look(one).last_error for one in stuck} <= {None, "no complete answer within 2 s"}
    release.set()


def test_headers_that_drip_byte_by_byte_end_at_the_overall_timeout(
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"a" * 2000:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.05)

    sent = send(endpoint(serve(drip).url))

    deliver(timeout_s=1.0)

    eventually(lambda: look(sent).attempts == 1)
    assert "within 1 s" in (look(sent).last_error or "")


def test_an_endless_answer_counts_and_its_first_kilobyte_is_kept(
    database: Database,
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:  # until we hang up
            handler.wfile.write(b"x" * 65536)

    sent = send(endpoint(serve(endless).url))

    deliver()

    eventually(lambda: look(sent).state is DeliveryState.DELIVERED)
    with database.read() as connection:
        (attempt,) = attempts_of(connection, sent)
    assert attempt.answer == "x" * 1024


def test_a_closed_port_is_a_failed_attempt_with_a_clear_reason(
    endpoint: Register, deliver: Callable[..., None], send: Callable[..., str], look: Callable[[str], DeliveryRow]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    sent = send(endpoint(f"http://127.0.0.1:{port}/"))

    deliver()

    eventually(lambda: look(sent).attempts == 1)
    assert look(sent).state is DeliveryState.PENDING
    assert look(sent).last_status is None
    assert look(sent).last_error


def test_a_private_address_is_refused_until_an_admin_allows_it(
    database: Database,
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
    clock: Clock,
) -> None:
    receiver = serve()
    sent = send(endpoint(receiver.url))
    deliver(allow=())
    eventually(lambda: look(sent).attempts == 1)
    assert "an admin can allow exactly 127.0.0.1" in (look(sent).last_error or "")
    assert receiver.received == []

    with database.write() as connection:
        allow_target(connection, f"127.0.0.1:{receiver.port}", "webhook", by="admin", now=clock())
    clock.pass_by(timedelta(seconds=6))

    eventually(lambda: look(sent).state is DeliveryState.DELIVERED)


@pytest.mark.parametrize("url", ["ftp://example.org/", "http://", "not a url", "http://exa mple.org/"])
def test_a_url_that_is_none_is_a_failed_attempt(
    url: str,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
) -> None:
    sent = send(endpoint(url))

    deliver()

    eventually(lambda: look(sent).attempts == 1)
    assert look(sent).last_error


def test_a_secret_that_does_not_open_is_said_and_no_bug(
    database: Database,
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
) -> None:
    row = endpoint(serve().url)
    with database.write() as connection:
        connection.execute(sa.text("UPDATE endpoints SET sealed_secret = :broken"), {"broken": b"broken"})
    sent = send(row)

    deliver()

    eventually(lambda: look(sent).attempts == 1)
    assert "does not open with this secret key" in (look(sent).last_error or "")


def test_the_tenth_failure_is_a_dead_letter_that_can_be_replayed_under_the_same_id(
    database: Database,
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
    clock: Clock,
) -> None:
    receiver = serve(answer(503), answer(200))
    sent = send(endpoint(receiver.url))
    with database.write() as connection:
        connection.execute(sa.update(deliveries).values(attempts=9))
    deliver()
    eventually(lambda: look(sent).state is DeliveryState.DEAD)

    with database.write() as connection:
        replay_delivery(connection, look(sent), now=clock())

    eventually(lambda: look(sent).state is DeliveryState.DELIVERED)
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 1
    with database.read() as connection:
        assert [attempt.status for attempt in attempts_of(connection, sent)] == [503, 200]


def test_five_days_of_failures_alone_disable_the_endpoint(
    database: Database,
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
    clock: Clock,
) -> None:
    row = endpoint(serve(answer(500)).url)
    sent = send(row)
    deliver()
    eventually(lambda: look(sent).attempts == 1)

    with database.write() as connection:
        fail_for(connection, sent, DISABLE_AFTER, every=LONGEST_GAP, since=clock())
    clock.pass_by(DISABLE_AFTER + timedelta(seconds=1))

    eventually(lambda: status_of(database, row).status == "disabled")
    assert look(sent).state is DeliveryState.DEAD
    assert "5 days" in status_of(database, row).status_reason


def test_two_failures_with_days_of_silence_or_a_clock_that_jumped_between_them_disable_no_endpoint(
    database: Database,
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
    clock: Clock,
) -> None:
    row = endpoint(serve(answer(500)).url)
    sent = send(row)
    deliver()
    eventually(lambda: look(sent).attempts == 1)

    clock.pass_by(DISABLE_AFTER + timedelta(seconds=1))

    eventually(lambda: look(sent).attempts == 2)
    assert (status_of(database, row).status, look(sent).state) == ("failing", DeliveryState.PENDING)


def test_what_a_killed_deliverer_held_is_sent_at_once_by_the_next_of_its_name(
    database: Database,
    serve: Serve,
    endpoint: Register,
    deliver: Callable[..., None],
    send: Callable[..., str],
    look: Callable[[str], DeliveryRow],
    clock: Clock,
) -> None:
    sent = send(endpoint(serve().url))
    with database.write() as connection:
        until = clock() + timedelta(hours=1)
        held = lease_due(connection, worker="alerts-test", now=clock(), until=until, most=9, per_endpoint=9)
    assert [row.id for row in held] == [sent]

    deliver()

    eventually(lambda: look(sent).state is DeliveryState.DELIVERED)
