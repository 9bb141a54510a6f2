"""Against a real Mosquitto of Debian's; skipped with the reason where there is none."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from alerts.mqtt_events import send_event
from alerts.mqtt_states import MqttStates
from alerts.webhook import Sent
from contracts.outbound import parse_allow
from contracts.seal import Sealer
from contracts.service import Stop
from store.database import Database
from store.endpoints import EndpointRow, add_endpoint, change_endpoint
from store.incidents import add_incident, end_incident, open_incident
from store.rules import remove_rule
from tests.alerts.broker import PASSWORD, USER, Listener, Mosquitto, free_port, listen, mosquitto_here
from tests.alerts.incident_rows import incident_row
from tests.alerts.receiver import NOW, Clock, eventually
from tests.alerts.scene import CAMERA, RULE, Site

pytestmark = pytest.mark.skipif(mosquitto_here() is None, reason="no mosquitto on PATH: apt-get install mosquitto")
OPEN = parse_allow(["127.0.0.1"])


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    write_certificate(tmp_path, "broker.test")
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def listener(broker: Mosquitto) -> Iterator[Listener]:
    heard, end = listen(broker.port)
    yield heard
    end()


def write_certificate(folder: Path, name: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "broker.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "broker.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))


def send(url: str, *, allow: tuple[str, ...] = ("127.0.0.1",), timeout_s: float = 5.0, dials: str = "") -> Sent:
    """`dials`: what the URL's name resolves to."""
    more = {"resolver": lambda *_: [dials]} if dials else {}
    body = b'{"type":"test.ping"}'
    return asyncio.run(
        send_event(url, "test.ping", body, allow=lambda: parse_allow(allow), timeout_s=timeout_s, **more)
    )


def test_an_event_that_the_broker_acknowledged_is_delivered(broker: Mosquitto, listener: Listener) -> None:
    sent = send(f"mqtt://{USER}:{PASSWORD}@127.0.0.1:{broker.port}/home/pw")

    assert (sent.accepted, sent.error, sent.status) == (True, "", None)
    eventually(lambda: bool(listener.payloads("home/pw/events/test.ping")))
    assert json.loads(listener.payloads("home/pw/events/test.ping")[0]) == {"type": "test.ping"}


def test_a_wrong_password_is_a_failed_attempt_that_shows_none(broker: Mosquitto) -> None:
    sent = send(f"mqtt://{USER}:wr0ng-pw@127.0.0.1:{broker.port}")

    assert not sent.accepted
    assert "wr0ng-pw" not in sent.error
    assert "127.0.0.1" in sent.error


def test_the_outbound_policy_holds_for_brokers_too(broker: Mosquitto) -> None:
    closed = send(f"mqtt://{USER}:{PASSWORD}@127.0.0.1:{broker.port}", allow=())
    metadata = send("mqtt://metadata.example:1883", dials="169.254.169.254")

    assert "an admin can allow exactly 127.0.0.1" in closed.error
    assert "never dialled" in metadata.error


def test_tls_dials_the_checked_address_and_checks_the_certificate_for_the_urls_name(
    broker: Mosquitto, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"mqtts://{USER}:{PASSWORD}@{{}}:{broker.tls_port}/tls"
    untrusted = send(url.format("broker.test"), dials="127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(broker.folder / "broker.pem"))

    sent = send(url.format("broker.test"), dials="127.0.0.1")
    other = send(url.format("other.test"), dials="127.0.0.1")

    assert "certificate" in untrusted.error.lower()
    assert sent.accepted, sent.error
    assert "other.test" in other.error
    assert not other.accepted


def test_a_port_where_nobody_answers_ends_at_the_timeout_or_before() -> None:
    sent = send(f"mqtt://127.0.0.1:{free_port()}", timeout_s=3)

    assert not sent.accepted
    assert sent.error


HOLD_THE_LINE = """
import asyncio, sys
from alerts.mqtt import connected, publish
from alerts.mqtt_topics import ONLINE, Publication, broker_of, status_topic
from contracts.outbound import parse_allow

async def hold(url):
    broker = broker_of(url)
    async with connected(broker, parse_allow(["127.0.0.1"]), timeout_s=5, tells_status=True) as client:
        await publish(client, [Publication(status_topic(broker.prefix), ONLINE, retain=True)])
        await asyncio.sleep(60)

asyncio.run(hold(sys.argv[1]))
"""


def test_a_process_that_is_killed_is_said_to_be_offline_by_the_broker(broker: Mosquitto, listener: Listener) -> None:
    url = f"mqtt://{USER}:{PASSWORD}@127.0.0.1:{broker.port}/pw"
    process = subprocess.Popen([sys.executable, "-c", HOLD_THE_LINE, url], env=os.environ | {"PYTHONPATH": os.getcwd()})
    try:
        eventually(lambda: listener.kept.get("pw/status") == b"online")
    finally:
        process.kill()
        process.wait()

    eventually(lambda: listener.kept["pw/status"] == b"offline")


class Home:
    """The states' keeper in a thread, ended by hand or at the end of the test."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._stop = Stop()
        keeper = MqttStates(database, sealer, allow=OPEN, owns=lambda: True, clock=clock)
        self._thread = threading.Thread(target=keeper.run, args=(self._stop,))
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join(timeout=15)
        assert not self._thread.is_alive()


@pytest.fixture
def home(database: Database, sealer: Sealer, clock: Clock) -> Iterator[Callable[[], Home]]:
    started: list[Home] = []

    def start() -> Home:
        started.append(Home(database, sealer, clock))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.fixture
def endpoint_row(database: Database, sealer: Sealer, broker: Mosquitto) -> EndpointRow:
    url = f"mqtt://{USER}:{PASSWORD}@127.0.0.1:{broker.port}/pw"
    row = EndpointRow("end_1", "home", "mqtt://…", sealer.seal(url), b"", "2026-11-22T12:00:00.000Z", format="mqtt")
    with database.write() as connection:
        add_endpoint(connection, row)
    return row


def test_a_sensor_is_on_while_its_incident_is_open_and_announced_to_home_assistant(
    site: Site, home: Callable[[], Home], listener: Listener, endpoint_row: EndpointRow
) -> None:
    site.register()
    home()
    state, discovery = "pw/state/rul_1/cam_1", "homeassistant/binary_sensor/plainwatch_rul_1_cam_1/config"
    eventually(lambda: listener.kept.get(state) == b"OFF")
    announced = json.loads(listener.kept[discovery])
    assert (announced["state_topic"], announced["availability_topic"]) == (state, "pw/status")
    assert listener.kept["pw/status"] == b"online"

    with site.database.write() as connection:
        add_incident(connection, incident_row())
    eventually(lambda: listener.kept[state] == b"ON")
    with site.database.write() as connection:
        found = open_incident(connection, rule_id=RULE, camera_id=CAMERA)
        assert found
        end_incident(connection, found, at=NOW, reason=None)

    eventually(lambda: listener.kept[state] == b"OFF")


def test_a_removed_rules_sensor_is_taken_away_and_the_end_says_offline(
    site: Site, home: Callable[[], Home], listener: Listener, endpoint_row: EndpointRow
) -> None:
    site.register()
    running = home()
    eventually(lambda: "pw/state/rul_1/cam_1" in listener.kept)

    site.change(remove_rule, RULE)

    eventually(lambda: listener.kept["homeassistant/binary_sensor/plainwatch_rul_1_cam_1/config"] == b"")
    running.end()
    eventually(lambda: listener.kept["pw/status"] == b"offline")


def test_after_the_broker_was_away_all_is_told_again(
    site: Site, home: Callable[[], Home], broker: Mosquitto, clock: Clock, endpoint_row: EndpointRow
) -> None:
    site.register()
    home()
    first, end_first = listen(broker.port)
    eventually(lambda: first.kept.get("pw/status") == b"online")
    end_first()

    broker.stop()
    broker.start()
    second, end_second = listen(broker.port)

    def told_again() -> bool:
        clock.pass_by(timedelta(seconds=1))
        return second.kept.get("pw/state/rul_1/cam_1") == b"OFF"

    eventually(told_again)
    end_second()


def test_an_endpoint_that_is_switched_off_says_offline(
    site: Site, database: Database, home: Callable[[], Home], listener: Listener, endpoint_row: EndpointRow
) -> None:
    home()
    eventually(lambda: listener.kept.get("pw/status") == b"online")

    with database.write() as connection:
        change_endpoint(connection, replace(endpoint_row, enabled=False))

    eventually(lambda: listener.kept["pw/status"] == b"offline")
