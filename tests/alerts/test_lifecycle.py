import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.incident_json import BODY_MAX_BYTES
from alerts.lifecycle import Word, acknowledge, retract, snooze, wake
from alerts.links import Links
from contracts.errors import Conflict, NotFound
from store.cameras import camera_by_id, change_camera
from store.database import Database
from store.deliveries import page_of_deliveries
from store.endpoints import EndpointRow
from store.incidents import IncidentState
from store.rules import remove_rule
from store.site import next_site_version
from tests.alerts.receiver import Clock
from tests.alerts.scene import CAMERA, CAR_BOX, RULE, Site, camera_row, plan, rule_row, seconds
from tests.postgres import ON_BOTH

pytestmark = ON_BOTH

Register = Callable[..., EndpointRow]


@pytest.fixture
def told(database: Database, endpoint: Register) -> Callable[[], list[tuple[str, int, str]]]:
    """(type, sequence, id) of each webhook, in the order of the sequence."""
    endpoint("http://203.0.113.1/")

    def read() -> list[tuple[str, int, str]]:
        with database.read() as connection:
            rows = reversed(page_of_deliveries(connection, before="", limit=100))
        sent = [json.loads(row.body) for row in rows]
        found = [(one["type"], one["data"]["sequence"], one["data"]["id"]) for one in sent]
        return sorted(found, key=lambda one: one[1])

    return read


def word(clock: Clock) -> Word:
    return Word("key_1", Links("http://site.example", b"secret", clock()), clock())


def say(site: Site, clock: Clock, what: Callable[..., object], incident_id: str, **more: object) -> None:
    with site.database.write() as connection:
        what(connection, incident_id, word(clock), **more)
        next_site_version(connection)


def leave(site: Site, clock: Clock, worker: object) -> None:
    """Nobody is there for five seconds."""
    for _ in range(10):
        clock.pass_by(seconds(0.5))
        site.see()
    site.turn(worker)  # type: ignore[arg-type]


def come(site: Site, clock: Clock, worker: object) -> None:
    for _ in range(3):
        clock.pass_by(seconds(0.5))
        site.see(CAR_BOX)
    site.turn(worker)  # type: ignore[arg-type]


def test_each_step_of_an_incidents_life_is_one_webhook_with_the_next_sequence(
    site: Site, clock: Clock, told: Callable[[], list[tuple[str, int, str]]]
) -> None:
    site.register(rule_row(plan(cooldown_s=0.0)))
    worker = site.worker()
    come(site, clock, worker)
    (incident,) = site.incidents()

    say(site, clock, acknowledge, incident.id)
    say(site, clock, snooze, incident.id, lasts=timedelta(minutes=30))
    say(site, clock, wake, incident.id)
    leave(site, clock, worker)
    say(site, clock, retract, incident.id, reason="a shadow")

    assert told() == [
        ("incident.opened", 1, incident.id),
        ("incident.acknowledged", 2, incident.id),
        ("incident.snoozed", 3, incident.id),
        ("incident.updated", 4, incident.id),
        ("incident.ended", 5, incident.id),
        ("incident.retracted", 6, incident.id),
    ]


def test_what_the_state_does_not_allow_is_a_conflict_and_nothing_is_told(
    site: Site, clock: Clock, told: Callable[[], list[tuple[str, int, str]]]
) -> None:
    site.register()
    come(site, clock, site.worker())
    (incident,) = site.incidents()
    say(site, clock, acknowledge, incident.id)
    with pytest.raises(Conflict, match="is acknowledged already"):
        say(site, clock, acknowledge, incident.id)
    say(site, clock, retract, incident.id, reason="")

    with pytest.raises(Conflict, match="is retracted already"):
        say(site, clock, retract, incident.id, reason="")
    with pytest.raises(Conflict, match="it cannot become acknowledged"):
        say(site, clock, acknowledge, incident.id)
    with pytest.raises(NotFound):
        say(site, clock, acknowledge, "inc_unknown")

    assert [kind for kind, _, _ in told()] == ["incident.opened", "incident.acknowledged", "incident.retracted"]


def test_a_retraction_ends_the_incident_and_what_is_still_seen_opens_no_other(
    site: Site, clock: Clock, told: Callable[[], list[tuple[str, int, str]]]
) -> None:
    site.register(rule_row(plan(cooldown_s=0.0)))
    worker = site.worker()
    come(site, clock, worker)
    (incident,) = site.incidents()

    say(site, clock, retract, incident.id, reason="the gardener")
    come(site, clock, worker)
    leave(site, clock, worker)

    (retracted,) = site.incidents()
    assert (retracted.state, retracted.end_reason, retracted.retract_reason) == (
        IncidentState.RETRACTED,
        "retracted",
        "the gardener",
    )
    assert [kind for kind, _, _ in told()] == ["incident.opened", "incident.retracted"]


def test_the_next_one_after_a_retraction_opens_once_the_cooldown_of_what_was_sent_is_over(
    site: Site, clock: Clock
) -> None:
    site.register(rule_row(plan(cooldown_s=60.0)))
    worker = site.worker()
    come(site, clock, worker)
    say(site, clock, retract, site.incidents()[0].id, reason="")
    leave(site, clock, worker)

    come(site, clock, worker)
    within = len(site.incidents())
    leave(site, clock, worker)
    clock.pass_by(seconds(60))
    come(site, clock, worker)

    assert (within, len(site.incidents())) == (1, 2)


def test_a_snoozed_rule_opens_nothing_on_that_camera_until_its_time_is_over(site: Site, clock: Clock) -> None:
    site.register(rule_row(plan(cooldown_s=0.0)))
    worker = site.worker()
    come(site, clock, worker)
    say(site, clock, snooze, site.incidents()[0].id, lasts=timedelta(minutes=10))
    leave(site, clock, worker)

    come(site, clock, worker)
    quiet = len(site.incidents())
    clock.pass_by(timedelta(minutes=10))
    come(site, clock, worker)

    assert (quiet, len(site.incidents())) == (1, 2)


def test_what_was_snoozed_was_not_sent_so_no_cooldown_counts_from_it(site: Site, clock: Clock) -> None:
    site.register(rule_row(plan(cooldown_s=300.0)))
    worker = site.worker()
    come(site, clock, worker)
    (first,) = site.incidents()
    say(site, clock, snooze, first.id, lasts=timedelta(minutes=10))
    leave(site, clock, worker)
    clock.pass_by(timedelta(minutes=9))
    come(site, clock, worker)
    leave(site, clock, worker)

    say(site, clock, wake, first.id)
    come(site, clock, worker)

    assert len(site.incidents()) == 2


def test_another_worker_keeps_the_snooze(site: Site, clock: Clock) -> None:
    site.register(rule_row(plan(cooldown_s=0.0)))
    worker = site.worker()
    come(site, clock, worker)
    say(site, clock, snooze, site.incidents()[0].id, lasts=timedelta(minutes=10))
    leave(site, clock, worker)

    restarted = site.worker()
    come(site, clock, restarted)

    assert len(site.incidents()) == 1


def test_a_rule_that_was_removed_cannot_be_snoozed(site: Site, clock: Clock) -> None:
    site.register()
    come(site, clock, site.worker())
    site.change(remove_rule, RULE)

    with pytest.raises(Conflict, match="was removed"):
        say(site, clock, snooze, site.incidents()[0].id, lasts=timedelta(minutes=1))


def test_a_disarmed_cameras_incident_ends_for_that_reason(site: Site, clock: Clock) -> None:
    site.register()
    worker = site.worker()
    come(site, clock, worker)
    with site.database.write() as connection:
        camera = camera_by_id(connection, CAMERA)
        assert camera
        change_camera(connection, replace(camera, armed=False))
        next_site_version(connection)

    come(site, clock, worker)

    (incident,) = site.incidents()
    assert (incident.state, incident.end_reason) == (IncidentState.ENDED, "disarmed")


def test_the_longest_incident_in_a_group_of_many_cameras_fits_into_a_webhook(
    site: Site, clock: Clock, database: Database, endpoint: Register
) -> None:
    endpoint("http://203.0.113.1/")
    long = "ä" * 100
    cameras = tuple(replace(camera_row(f"cam_{number:02d}"), name=f"{number:02d}{long}"[:100]) for number in range(30))
    site.register(replace(rule_row(), text="说" * 2000), cameras=cameras)
    worker = site.worker(group_window_s=10.0)
    for camera in cameras:
        site.see(CAR_BOX, camera=camera.id)
        site.see(CAR_BOX, camera=camera.id)
    site.turn(worker, times=4)
    say(site, clock, retract, site.incidents()[0].id, reason="说" * 500)

    with database.read() as connection:
        rows = page_of_deliveries(connection, before="", limit=100)
    assert len(rows) == 31
    assert max(len(row.body.encode()) for row in rows) < BODY_MAX_BYTES
