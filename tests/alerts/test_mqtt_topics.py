import json
from pathlib import Path

import pytest

from alerts.mqtt_topics import (
    PREFIX_MAX_CHARS,
    SENSORS_MAX,
    Broker,
    Sensor,
    broker_of,
    changes,
    event,
    standing,
)

GOLDEN = Path(__file__).parent / "golden"
GATE = Sensor("rul_1", "a person is at the gate", "cam_1", "gate")
YARD = Sensor("rul_1", "a person is at the gate", "cam_2", "yard\n\u202eevil")


def test_the_topics_of_home_assistant_are_as_the_golden_file_has_them() -> None:
    topics = standing("home/plainwatch", (GATE, YARD), {("rul_1", "cam_2")}, version="0.1.0")

    shown = {
        topic: json.loads(payload) if topic.endswith("/config") else payload.decode()
        for topic, payload in topics.items()
    }
    assert shown == json.loads((GOLDEN / "mqtt.standing.json").read_text())


def test_only_what_changed_is_published_and_what_is_gone_is_taken_away() -> None:
    both = standing("p", (GATE, YARD), set(), version="1")
    one_on = standing("p", (GATE,), {("rul_1", "cam_1")}, version="1")

    published = changes(both, one_on)

    assert {one.topic: one.payload for one in published} == {
        "homeassistant/binary_sensor/plainwatch_rul_1_cam_2/config": b"",
        "p/state/rul_1/cam_2": b"",
        "p/state/rul_1/cam_1": b"ON",
    }
    assert all(one.retain for one in published)
    assert changes(one_on, one_on) == ()


def test_an_event_is_not_retained() -> None:
    published = event("p", "incident.opened", b"{}")

    assert (published.topic, published.payload, published.retain) == ("p/events/incident.opened", b"{}", False)


def test_there_are_no_more_sensors_than_a_broker_can_bear() -> None:
    many = [Sensor("rul_1", "x", f"cam_{number}", "y") for number in range(SENSORS_MAX + 5)]

    assert len(standing("p", many, set(), version="1")) == 2 * SENSORS_MAX


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("mqtt://broker.example", Broker("broker.example", 1883, False, "", "", "plainwatch")),
        ("mqtts://a:p%40s@broker.example/home/pw/", Broker("broker.example", 8883, True, "a", "p@s", "home/pw")),
        ("mqtt://[fd00::1]:1884/x", Broker("fd00::1", 1884, False, "", "", "x")),
    ],
)
def test_a_url_names_broker_credentials_and_prefix(url: str, broker: Broker) -> None:
    assert broker_of(url) == broker


@pytest.mark.parametrize(
    "url",
    [
        "http://x/",
        "mqtt://",
        "mqtt://h/a+b",
        "mqtt://h/%23",
        "mqtt://h/$SYS",
        f"mqtt://h/{'a' * (PREFIX_MAX_CHARS + 1)}",
    ],
)
def test_a_url_that_is_no_broker_or_has_a_prefix_that_no_topic_may_have_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="write"):
        broker_of(url)
