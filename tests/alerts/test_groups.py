import json
from collections.abc import Callable

import pytest

from alerts.consume import ShardWorker
from alerts.lifecycle import Word, retract
from alerts.links import Links
from store.database import Database
from store.deliveries import page_of_deliveries
from store.endpoints import EndpointRow
from tests.alerts.receiver import Clock
from tests.alerts.scene import CAR_BOX, Site, camera_row, plan, rule_row, seconds
from tests.postgres import ON_BOTH

pytestmark = ON_BOTH

Register = Callable[..., EndpointRow]
CAMERAS = ("cam_1", "cam_2", "cam_3")


@pytest.fixture
def street(site: Site, endpoint: Register) -> Site:
    """Three cameras that one rule watches."""
    endpoint("http://203.0.113.1/")
    site.register(rule_row(plan(cooldown_s=0.0)), cameras=tuple(camera_row(camera) for camera in CAMERAS))
    return site


def bodies(database: Database) -> list[dict[str, object]]:
    """Of each webhook, oldest first: its type and its incident."""
    with database.read() as connection:
        rows = reversed(page_of_deliveries(connection, before="", limit=100))
    sent = [json.loads(row.body) for row in rows]
    return [{"type": one["type"], **one["data"]} for one in sent]


def see(street: Site, worker: ShardWorker, clock: Clock, camera: str, *, after_s: float = 0.1) -> None:
    """One frame with a car, heard at once."""
    clock.pass_by(seconds(after_s))
    street.see(CAR_BOX, camera=camera)
    street.turn(worker)


def test_a_rule_that_fires_on_several_cameras_at_once_calls_people_once_and_tells_of_the_others_as_updates(
    street: Site, database: Database, clock: Clock
) -> None:
    worker = street.worker(group_window_s=10.0)

    for camera in CAMERAS:
        see(street, worker, clock, camera, after_s=3)

    first, second, third = bodies(database)
    assert (first["type"], second["type"], third["type"]) == ("incident.opened", "incident.updated", "incident.updated")
    assert {one["group_id"] for one in (first, second, third)} == {first["id"]}
    assert len({one["id"] for one in (first, second, third)}) == 3
    assert "group" not in first
    assert third["group"] == {
        "id": first["id"],
        "cameras": [{"id": camera, "name": f"gate {camera}"} for camera in CAMERAS],
    }
    assert third["evidence"]["frames"]  # type: ignore[index]
    assert {one.camera_id for one in street.incidents()} == set(CAMERAS)


def test_what_opens_after_the_window_calls_people_again(street: Site, database: Database, clock: Clock) -> None:
    worker = street.worker(group_window_s=10.0)

    for camera in CAMERAS:
        see(street, worker, clock, camera, after_s=9)

    assert [one["type"] for one in bodies(database)] == ["incident.opened", "incident.updated", "incident.opened"]


def test_the_same_camera_again_calls_people_again(street: Site, database: Database, clock: Clock) -> None:
    worker = street.worker(group_window_s=60.0)
    see(street, worker, clock, "cam_1")
    for _ in range(10):
        clock.pass_by(seconds(0.5))
        street.see()
    street.turn(worker)

    see(street, worker, clock, "cam_1")
    see(street, worker, clock, "cam_1")

    assert [one["type"] for one in bodies(database)] == ["incident.opened", "incident.ended", "incident.opened"]


def test_what_joins_after_the_first_was_retracted_calls_people(street: Site, database: Database, clock: Clock) -> None:
    worker = street.worker(group_window_s=10.0)
    see(street, worker, clock, "cam_1")
    clock.pass_by(seconds(1))
    with database.write() as connection:
        word = Word("key_1", Links("http://site.example", b"secret", clock()), clock())
        retract(connection, street.incidents()[0].id, word, reason="")

    see(street, worker, clock, "cam_2")

    assert [one["type"] for one in bodies(database)] == ["incident.opened", "incident.retracted", "incident.opened"]


def test_a_window_of_nothing_groups_nothing(street: Site, database: Database) -> None:
    worker = street.worker(group_window_s=0.0)
    for camera in CAMERAS:
        street.see(CAR_BOX, camera=camera)

    street.turn(worker)

    assert [one["type"] for one in bodies(database)] == ["incident.opened"] * 3


def test_two_rules_are_never_one_group(site: Site, database: Database, endpoint: Register) -> None:
    endpoint("http://203.0.113.1/")
    cameras = tuple(camera_row(camera) for camera in CAMERAS[:2])
    site.register(rule_row(rule_id="rul_1"), rule_row(rule_id="rul_2"), cameras=cameras)
    worker = site.worker(group_window_s=10.0)
    site.see(CAR_BOX)

    site.turn(worker)

    assert [one["type"] for one in bodies(database)] == ["incident.opened"] * 2
