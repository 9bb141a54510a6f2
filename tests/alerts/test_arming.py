from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.arming import is_armed, next_change, set_by_hand, standing_of
from contracts.plan import WEEK, Window
from store.cameras import ByHand, CameraRow, camera_by_id, change_camera
from store.incidents import IncidentState
from store.site import next_site_version
from tests.alerts.receiver import Clock
from tests.alerts.scene import CAMERA, CAR_BOX, Site, camera_row, plan, rule_row, seconds

NIGHT = (Window(WEEK, "22:00", "06:00"),)
#: a Sunday in winter
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MIDNIGHT = NOON + timedelta(hours=12)


def armed_at_night(**changes: object) -> CameraRow:
    return replace(camera_row(), arming=NIGHT, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("camera", "moment", "armed"),
    [
        (camera_row(), NOON, True),
        (replace(camera_row(), armed=False), NOON, False),
        (armed_at_night(), NOON, False),
        (armed_at_night(), MIDNIGHT, True),
        (armed_at_night(armed=False), MIDNIGHT, False),
        (armed_at_night(timezone="Asia/Shanghai"), NOON + timedelta(hours=2), True),
        (armed_at_night(by_hand=ByHand(True, "2026-11-22T13:00:00.000Z")), NOON, True),
        (armed_at_night(by_hand=ByHand(True, "2026-11-22T11:00:00.000Z")), NOON, False),
        (armed_at_night(armed=False, by_hand=ByHand(True, "2026-11-22T13:00:00.000Z")), NOON, True),
        (replace(camera_row(), by_hand=ByHand(False, "2026-11-22T13:00:00.000Z")), NOON, False),
    ],
)
def test_a_word_by_hand_comes_before_the_switch_and_the_switch_before_the_hours(
    camera: CameraRow, moment: datetime, armed: bool
) -> None:
    assert is_armed(camera, "UTC", moment) is armed
    assert standing_of(camera, "UTC", moment).armed is armed


def test_who_arms_by_hand_overrides_the_hours_until_they_change_the_next_time() -> None:
    camera = set_by_hand(armed_at_night(), True, "UTC", NOON, lasts=None)

    assert camera.by_hand == ByHand(True, "2026-11-22T22:00:00.000Z")
    assert is_armed(camera, "UTC", NOON)
    assert is_armed(camera, "UTC", MIDNIGHT)
    assert not is_armed(camera, "UTC", MIDNIGHT + timedelta(hours=12))


def test_who_disarms_by_hand_at_night_is_not_watched_until_the_next_night() -> None:
    camera = set_by_hand(armed_at_night(), False, "UTC", MIDNIGHT, lasts=None)

    assert not is_armed(camera, "UTC", MIDNIGHT + timedelta(hours=5))
    assert not is_armed(camera, "UTC", MIDNIGHT + timedelta(hours=12))
    assert is_armed(camera, "UTC", MIDNIGHT + timedelta(hours=22))


def test_a_word_for_minutes_is_forgotten_after_them() -> None:
    camera = set_by_hand(camera_row(), False, "UTC", NOON, lasts=timedelta(minutes=30))

    assert not is_armed(camera, "UTC", NOON + timedelta(minutes=29))
    assert is_armed(camera, "UTC", NOON + timedelta(minutes=30))
    assert standing_of(camera, "UTC", NOON).until == NOON + timedelta(minutes=30)


def test_without_hours_a_word_holds_for_good() -> None:
    off = set_by_hand(camera_row(), False, "UTC", NOON, lasts=None)
    on = set_by_hand(off, True, "UTC", NOON, lasts=None)

    assert (off.armed, off.is_timed, on.armed, on.is_timed) == (False, False, True, False)


def test_hours_that_never_change_have_no_next_change() -> None:
    whole = replace(camera_row(), arming=(Window(WEEK, "00:00", "24:00"),))

    assert next_change(whole, "UTC", NOON) is None
    assert set_by_hand(whole, False, "UTC", NOON, lasts=None).armed is False


def test_outside_its_hours_a_camera_opens_no_incident_and_what_is_open_ends_when_they_are_over(
    site: Site, clock: Clock
) -> None:
    hours = (Window(WEEK, "12:00", "12:10"),)
    site.register(rule_row(plan(cooldown_s=0.0)), cameras=(replace(camera_row(), arming=hours),))
    worker = site.worker()
    site.see(CAR_BOX)
    site.turn(worker)
    opened = site.incidents()
    clock.pass_by(timedelta(minutes=10))
    site.turn(worker)
    for _ in range(3):
        clock.pass_by(seconds(1))
        site.see(CAR_BOX)
    site.turn(worker)

    after = site.incidents()
    assert len(opened) == len(after) == 1
    assert (after[0].state, after[0].end_reason) == (IncidentState.ENDED, "disarmed")


def test_when_its_hours_begin_it_watches_again_without_anybodys_doing(site: Site, clock: Clock) -> None:
    hours = (Window(WEEK, "12:10", "13:00"),)
    site.register(cameras=(replace(camera_row(), arming=hours),))
    worker = site.worker()
    site.see(CAR_BOX)
    site.turn(worker)
    before = site.incidents()
    clock.pass_by(timedelta(minutes=10))
    site.see(CAR_BOX)

    site.turn(worker)

    assert (len(before), len(site.incidents())) == (0, 1)


def test_the_hours_are_kept(site: Site) -> None:
    site.register()
    camera = armed_at_night(by_hand=ByHand(False, "2026-11-22T13:00:00.000Z"))
    with site.database.write() as connection:
        change_camera(connection, camera)
        next_site_version(connection)

    with site.database.read() as connection:
        assert camera_by_id(connection, CAMERA) == camera
