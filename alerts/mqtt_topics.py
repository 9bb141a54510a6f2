"""What stands on which MQTT topic: events, and one Home Assistant sensor for each rule on each camera.

Takes: a prefix, events, rules, cameras, the incidents that are open.
Gives: Publication; the retained topics as they should stand.
Knows nothing about: brokers, connections."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import msgspec

from alerts.formats.wording import fitted
from contracts.redact import split_credentials

PORTS = {"mqtt": 1883, "mqtts": 8883}
DEFAULT_PREFIX = "plainwatch"
PREFIX_MAX_CHARS = 100
DISCOVERY = "homeassistant/binary_sensor"
ONLINE, OFFLINE = b"online", b"offline"
#: rules times cameras; beyond it there are events, and no sensors
SENSORS_MAX = 1000
NAME_MAX = 120


@dataclass(frozen=True, slots=True)
class Publication:
    """At QoS 1."""

    topic: str
    payload: bytes
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Broker:
    """`prefix`: before every topic of ours but those of discovery."""

    host: str
    port: int
    is_tls: bool
    user: str
    password: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Sensor:
    """One rule on one camera."""

    rule_id: str
    rule_text: str
    camera_id: str
    camera_name: str

    @property
    def id(self) -> str:
        """The same for as long as both live."""
        return f"plainwatch_{self.rule_id}_{self.camera_id}"


def broker_of(url: str) -> Broker:
    """Raises ValueError where it is no mqtt:// or mqtts:// with a host and a prefix that may stand in a topic."""
    bare, user, password = split_credentials(url)
    parts = urlsplit(bare)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("write mqtt://user:password@host:1883/prefix, or mqtts://")
    prefix = unquote(parts.path).strip("/") or DEFAULT_PREFIX
    if set(prefix) & set("+#\0") or prefix.startswith("$") or len(prefix) > PREFIX_MAX_CHARS:
        raise ValueError(f"write a prefix without + and #, no $ in front, of {PREFIX_MAX_CHARS} letters at most")
    port = parts.port if parts.port is not None else PORTS[parts.scheme]
    return Broker(parts.hostname, port, parts.scheme == "mqtts", user, password, prefix)


def event(prefix: str, kind: str, body: bytes) -> Publication:
    """Not retained: it is news once."""
    return Publication(f"{prefix}/events/{kind}", body)


def status_topic(prefix: str) -> str:
    """Whether the sensors are to be believed."""
    return f"{prefix}/status"


def standing(
    prefix: str, sensors: Iterable[Sensor], open_pairs: Set[tuple[str, str]], *, version: str
) -> dict[str, bytes]:
    """The retained topics of all sensors. `open_pairs`: (rule, camera) of the incidents that are open."""
    topics: dict[str, bytes] = {}
    for sensor in list(sensors)[:SENSORS_MAX]:
        topics[f"{DISCOVERY}/{sensor.id}/config"] = _discovery(prefix, sensor, version)
        is_on = (sensor.rule_id, sensor.camera_id) in open_pairs
        topics[_state_topic(prefix, sensor)] = b"ON" if is_on else b"OFF"
    return topics


def changes(told: dict[str, bytes], wanted: dict[str, bytes]) -> tuple[Publication, ...]:
    """What to publish so that the retained topics stand as wanted; an empty payload takes one away."""
    gone = [Publication(topic, b"", retain=True) for topic in told if topic not in wanted]
    new = [Publication(topic, payload, retain=True) for topic, payload in wanted.items() if told.get(topic) != payload]
    return (*gone, *new)


def _state_topic(prefix: str, sensor: Sensor) -> str:
    return f"{prefix}/state/{sensor.rule_id}/{sensor.camera_id}"


def _discovery(prefix: str, sensor: Sensor, version: str) -> bytes:
    content = {
        "name": fitted(sensor.rule_text, NAME_MAX),
        "unique_id": sensor.id,
        "state_topic": _state_topic(prefix, sensor),
        "payload_on": "ON",
        "payload_off": "OFF",
        "availability_topic": status_topic(prefix),
        "payload_available": ONLINE.decode(),
        "payload_not_available": OFFLINE.decode(),
        "qos": 1,
        "device": {
            "identifiers": [f"plainwatch_{sensor.camera_id}"],
            "name": fitted(sensor.camera_name, NAME_MAX),
            "manufacturer": "Plainwatch",
        },
        "origin": {"name": "Plainwatch", "sw_version": version},
    }
    return msgspec.json.encode(content)
