"""The deliverer with endpoints of other formats, against real receivers and a real Mosquitto."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from alerts.deliver import Deliverer
from contracts.outbound import parse_allow
from contracts.seal import Sealer
from contracts.service import Stop
from store.database import Database
from store.deliveries import DeliveryRow, DeliveryState, add_delivery, delivery_by_id
from store.endpoints import EndpointRow, add_endpoint
from store.incidents import add_incident, end_incident
from tests.alerts.broker import PASSWORD, USER, Mosquitto, mosquitto_here
from tests.alerts.formats.events import incident
from tests.alerts.incident_rows import incident_row
from tests.alerts.receiver import NOW, Clock, Receiver, answer, eventually

Serve = Callable[..., Receiver]
ENDED = "2026-11-22T12:00:00.000Z"


@pytest.fixture
def deliver(database: Database, sealer: Sealer, clock: Clock) -> Iterator[Callable[[], None]]:
    stop, threads = Stop(), []

    def start() -> None:
        allow = parse_allow(("127.0.0.1",))
        made = Deliverer(
            database, sealer, allow=allow, worker="alerts-test", clock=clock, luck=lambda: 0.0, timeout_s=5
        )
        threads.append(threading.Thread(target=made.run, args=(stop,)))
        threads[-1].start()

    yield start
    stop.set()
    for thread in threads:
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.fixture
def send(database: Database, sealer: Sealer, clock: Clock) -> Callable[..., Callable[[], DeliveryRow]]:
    """Registers an endpoint and queues these events for it; gives what finds the last one's delivery."""

    def queue(format: str, url: str, *kinds: str) -> Callable[[], DeliveryRow]:
        at = "2026-11-22T12:00:00.000Z"
        row = EndpointRow("end_1", "one", format, sealer.seal(url), sealer.seal("whsec_QUJD"), at, format=format)
        with database.write() as connection:
            add_endpoint(connection, row)
            for kind in kinds:
                clock.pass_by(timedelta(milliseconds=1))  # ids of one millisecond are in no order
                body = json.dumps(incident(kind))
                made = add_delivery(
                    connection, endpoint_id=row.id, type=kind, body=body, now=clock(), incident_id="inc_1"
                )

        def look() -> DeliveryRow:
            with database.read() as connection:
                found = delivery_by_id(connection, made)
            assert found
            return found

        return look

    return queue


def test_a_chat_service_is_tried_again_until_it_says_that_it_took_it(
    serve: Serve, deliver: Callable[[], None], send: Callable[..., Callable[[], DeliveryRow]], clock: Clock
) -> None:
    receiver = serve(answer(200, body=b"<html>down for repair</html>"), answer(200, body=b"ok"))
    look = send("slack", receiver.url, "incident.opened")
    deliver()
    eventually(lambda: look().attempts == 1)
    assert "Slack's 'ok'" in (look().last_error or "")

    clock.pass_by(timedelta(seconds=5))

    eventually(lambda: look().state is DeliveryState.DELIVERED)
    assert json.loads(receiver.received[0].body)["blocks"] == json.loads(receiver.received[1].body)["blocks"]


def test_alertmanager_hears_of_the_end_also_where_the_opening_comes_late(
    database: Database, serve: Serve, deliver: Callable[[], None], send: Callable[..., Callable[[], DeliveryRow]]
) -> None:
    with database.write() as connection:
        add_incident(connection, row := incident_row())
        end_incident(connection, row, at=NOW, reason=None)
    receiver = serve()
    look = send("alertmanager", f"http://127.0.0.1:{receiver.port}", "incident.opened")

    deliver()

    eventually(lambda: look().state is DeliveryState.DELIVERED)
    (alert,) = json.loads(receiver.received[0].body)
    assert alert["endsAt"] == ENDED
    assert receiver.received[0].path == "/api/v2/alerts"


def test_no_event_overtakes_the_one_before_where_the_last_one_stands(
    serve: Serve, deliver: Callable[[], None], send: Callable[..., Callable[[], DeliveryRow]]
) -> None:
    release = threading.Event()

    def slow(handler: object) -> None:
        release.wait(0.5)
        answer(200)(handler)  # type: ignore[arg-type]

    receiver = serve(slow, answer(200))
    kinds = [*["incident.updated"] * 6, "incident.ended"]
    look = send("alertmanager", f"http://127.0.0.1:{receiver.port}", *kinds)

    deliver()

    eventually(lambda: look().state is DeliveryState.DELIVERED)
    told = [json.loads(got.body)[0]["annotations"]["event"] for got in receiver.received]
    assert told == kinds


@pytest.mark.skipif(mosquitto_here() is None, reason="no mosquitto on PATH: apt-get install mosquitto")
def test_an_mqtt_delivery_waits_for_its_broker_and_counts_when_it_is_acknowledged(
    tmp_path_factory: pytest.TempPathFactory,
    deliver: Callable[[], None],
    send: Callable[..., Callable[[], DeliveryRow]],
    clock: Clock,
) -> None:
    broker = Mosquitto(tmp_path_factory.mktemp("broker"))
    look = send("mqtt", f"mqtt://{USER}:{PASSWORD}@127.0.0.1:{broker.port}/pw", "incident.opened")
    deliver()
    eventually(lambda: look().attempts == 1)
    assert PASSWORD not in (look().last_error or "")
    broker.start()

    clock.pass_by(timedelta(seconds=5))

    try:
        eventually(lambda: look().state is DeliveryState.DELIVERED)
    finally:
        broker.stop()


def test_what_goes_through_apprise_is_tried_again_and_logged_without_its_token(
    serve: Serve, deliver: Callable[[], None], send: Callable[..., Callable[[], DeliveryRow]], clock: Clock
) -> None:
    receiver = serve(answer(503), answer(200))
    look = send("apprise", f"json://127.0.0.1:{receiver.port}/T0ken4711", "incident.opened")
    deliver()
    eventually(lambda: look().attempts == 1)
    assert "503" in (look().last_error or "")
    assert "T0ken4711" not in (look().last_error or "")

    clock.pass_by(timedelta(seconds=5))

    eventually(lambda: look().state is DeliveryState.DELIVERED)
    assert len(receiver.received) == 2


def test_what_goes_through_apprise_to_a_target_that_is_not_allowed_waits_and_says_why(
    deliver: Callable[[], None], send: Callable[..., Callable[[], DeliveryRow]]
) -> None:
    look = send("apprise", "json://10.255.255.1:8080/T0ken4711", "incident.opened")

    deliver()

    eventually(lambda: look().attempts == 1)
    assert "an admin can allow 10.255.255.1:8080" in (look().last_error or "")
    assert look().state is DeliveryState.PENDING
