from datetime import timedelta

import pytest

from store.times import from_text
from tests.api.running import Site, now, until

WEEKEND = {"days": ["sat", "sun"], "start": "00:00", "end": "24:00"}
ALWAYS = {"start": "00:00", "end": "24:00"}


def questions(site: Site, camera: str) -> int:
    """How many are due for the camera, as published."""
    published = site.board.analyzer_site()
    return sum(len(one.questions) for one in (published.cameras if published else ()) if one.camera == camera)


def test_the_hours_of_a_camera_are_stored_and_shown(site: Site) -> None:
    camera = site.add_camera(arming=[WEEKEND, {"start": "22:00", "end": "06:00"}])

    shown = site.admin.get(f"/api/v1/cameras/{camera['id']}").json()

    assert shown["arming"][0] == WEEKEND
    assert shown["arming"][1]["days"] == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    assert shown["armed"] is True
    assert shown["armed_reason"] == "by its hours"


@pytest.mark.parametrize(
    "window",
    [
        {"start": "25:00", "end": "06:00"},
        {"start": "22:00", "end": "22:00"},
        {"start": "24:00", "end": "06:00"},
        {"days": [], "start": "22:00", "end": "06:00"},
        {"days": ["someday"], "start": "22:00", "end": "06:00"},
        {"start": "22:00"},
    ],
)
def test_hours_that_cannot_be_are_refused(site: Site, window: dict[str, object]) -> None:
    body = {"name": "gate", "url": "rtsp://192.168.1.20/1", "probe": False, "arming": [window]}

    answer = site.admin.post("/api/v1/cameras", json=body)

    assert answer.status_code == 422


def test_disarming_for_minutes_says_until_when_and_asks_nothing_meanwhile(site: Site) -> None:
    camera = str(site.add_camera()["id"])
    site.admin.post("/api/v1/rules", json={"text": "a car is visible"})
    until(lambda: questions(site, camera) == 1)

    off = site.admin.post(f"/api/v1/cameras/{camera}/disarm", json={"minutes": 30}).json()
    until(lambda: questions(site, camera) == 0)
    on = site.admin.post(f"/api/v1/cameras/{camera}/arm", json={}).json()
    until(lambda: questions(site, camera) == 1)

    assert (off["armed"], off["armed_now"], off["armed_reason"]) == (True, False, "by hand")
    assert timedelta(minutes=29) < from_text(off["armed_until"]) - now() <= timedelta(minutes=30)
    assert (on["armed"], on["armed_now"]) == (True, True)
    assert "armed_until" not in on


def test_disarming_without_hours_holds_for_good_and_is_in_the_audit(site: Site) -> None:
    camera = site.add_camera()["id"]

    off = site.admin.post(f"/api/v1/cameras/{camera}/disarm", json={}).json()

    assert (off["armed"], off["armed_now"]) == (False, False)
    assert site.admin.post("/api/v1/cameras/cam_unknown/disarm", json={}).status_code == 404


def test_new_hours_overrule_an_older_word_by_hand(site: Site) -> None:
    camera = site.add_camera()["id"]
    site.admin.post(f"/api/v1/cameras/{camera}/disarm", json={"minutes": 30})

    shown = site.admin.patch(f"/api/v1/cameras/{camera}", json={"arming": [ALWAYS]}).json()

    assert (shown["armed_now"], shown["armed_reason"]) == (True, "by its hours")


def test_a_rule_says_that_its_camera_is_disarmed_by_its_hours(site: Site) -> None:
    site.analyzer_is_online()
    today = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(now() + timedelta(days=3)).weekday()]
    site.add_camera(arming=[{"days": [today], "start": "11:00", "end": "11:01"}])

    rule = site.admin.post("/api/v1/rules", json={"text": "a car is visible"}).json()

    assert rule["state"] == {"state": "degraded", "reason": "camera 'gate' is disarmed"}
