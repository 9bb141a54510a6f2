import threading
from datetime import timedelta
from math import log

import pytest

from api.publish import Publisher, read_site
from contracts.board import Board
from contracts.broker import connect
from contracts.errors import BusUnreachable
from contracts.service import Stop
from contracts.site import FLOOR, AnalyzerSite, Bar, IngestSite, Sampling
from store.calibration import CalibrationRow, replace_calibrations
from store.gates import GateKey, GateRow, all_gates, keep_gate, locked_gate
from store.progress import IngestCount, set_ingest_counts
from store.site import next_site_version, site_version
from store.times import from_text, to_text
from tests.api.running import Site, now, until


def published(site: Site) -> tuple[IngestSite, AnalyzerSite]:
    ingest, analyzer = site.board.ingest_site(), site.board.analyzer_site()
    assert ingest and analyzer
    return ingest, analyzer


def wait_for_version(site: Site) -> None:
    with site.deps.database.read() as connection:
        version = site_version(connection)
    until(lambda: (site.board.ingest_site() or IngestSite(-1)).version == version)


def test_a_change_reaches_the_workers_with_its_credentials_sealed(site: Site) -> None:
    camera = site.add_camera(
        "gate", url="rtsp://u:hunter2@192.168.1.20/1", sampling={"mode": "every_s", "every_s": 0.5}
    )
    site.add_camera("off", enabled=False)
    rule = site.admin.post("/api/v1/rules", json={"text": "a car is visible"}).json()
    site.admin.post("/api/v1/rules", json={"text": "a person is visible", "enabled": False})
    wait_for_version(site)

    ingest, analyzer = published(site)

    (read,) = ingest.cameras
    assert (read.id, read.url) == (camera["id"], "rtsp://192.168.1.20/1")
    assert read.sampling == Sampling("every_s", 0.5)
    assert site.deps.sealer.open(read.sealed) == "u:hunter2"
    assert b"hunter2" not in (site.deps.client.get("pw:site:ingest") or b"")
    (asked,) = analyzer.cameras
    assert asked.camera == camera["id"]
    assert [question.text for question in asked.questions] == [rule["plan"]["questions"][0]["text"]]
    assert ingest.version == analyzer.version > 0


def test_identical_questions_of_two_rules_are_asked_once_and_none_of_a_disarmed_camera(site: Site) -> None:
    gate, yard = (str(site.add_camera(name)["id"]) for name in ("gate", "yard"))
    for text in ("a car is visible", "more than 3 cars are visible"):
        site.admin.post("/api/v1/rules", json={"text": text})
    site.admin.post("/api/v1/rules", json={"text": "a person is visible", "cameras": ["gate"]})
    site.admin.patch(f"/api/v1/cameras/{yard}", json={"armed": False})
    wait_for_version(site)

    asked = {one.camera: one.questions for one in published(site)[1].cameras}

    keys = [question.key for question in asked[gate]]
    assert len(keys) == len(set(keys))
    assert all(key.startswith("q_") for key in keys)
    assert asked[yard] == ()


def test_a_camera_whose_pictures_must_stay_here_is_published_as_such(site: Site) -> None:
    gate, yard = site.add_camera("gate", keep_local=True), site.add_camera("yard")
    site.admin.patch(f"/api/v1/cameras/{yard['id']}", json={"keep_local": True})
    site.admin.patch(f"/api/v1/cameras/{gate['id']}", json={"armed": False})
    site.add_camera("hall")
    wait_for_version(site)

    shown = {one["name"]: one["keep_local"] for one in site.admin.get("/api/v1/cameras").json()["items"]}
    stays = {one.camera: one.keep_local for one in published(site)[1].cameras}

    assert shown == {"gate": True, "yard": True, "hall": False}
    assert (stays[str(gate["id"])], stays[str(yard["id"])]) == (True, True)
    assert list(stays.values()).count(True) == 2


def test_a_count_is_published_in_the_words_of_its_question_and_not_in_the_plans(site: Site) -> None:
    site.add_camera()
    rule = site.admin.post("/api/v1/rules", json={"text": "more than 3 people are visible"}).json()
    wait_for_version(site)

    (asked,) = published(site)[1].cameras[0].questions

    assert asked.text == "Are more than 3 people visible?"
    assert rule["plan"]["questions"][0]["text"] == "Are people visible?"


def test_a_confirmed_camera_target_is_published(site: Site) -> None:
    site.add_camera("demo", url="rtsp://127.0.0.1:18554/demo", confirm_private=True)
    wait_for_version(site)

    assert published(site)[0].allow == ("127.0.0.1:18554",)


def test_a_redis_that_comes_back_empty_gets_the_site_again_with_the_newest_epochs(site: Site) -> None:
    camera = str(site.add_camera()["id"])
    wait_for_version(site)
    with site.deps.database.write() as connection:
        set_ingest_counts(connection, [IngestCount(camera, 42, sampled=1, dropped={})])

    site.deps.client.flushall()

    until(lambda: site.board.ingest_site() is not None)
    assert published(site)[0].cameras[0].epoch_floor == 42


def test_a_site_of_somebody_else_is_replaced_even_at_the_same_version(site: Site) -> None:
    site.add_camera()
    wait_for_version(site)
    version = published(site)[0].version

    site.board.publish_site(IngestSite(version), AnalyzerSite(version))

    until(lambda: len(published(site)[0].cameras) == 1)


def test_a_redis_that_is_away_does_not_end_the_publisher(site: Site) -> None:
    publisher = Publisher(site.deps.database, Board(connect("redis://127.0.0.1:1/0")))
    stop = Stop()
    thread = threading.Thread(target=publisher.run, args=(stop,))
    thread.start()

    with pytest.raises(BusUnreachable):
        publisher.publish_if_needed()
    still_running = thread.is_alive()
    stop.set()
    publisher.wake()
    thread.join(timeout=10)

    assert still_running
    assert not thread.is_alive()


def test_the_floor_of_a_question_follows_thresholds_and_scalings_of_its_cameras_group(site: Site) -> None:
    yard, street = (str(site.add_camera(name, group=name)["id"]) for name in ("yard", "street"))
    rule = site.admin.post("/api/v1/rules", json={"text": "someone climbs the fence"}).json()
    wait_for_version(site)

    def floors() -> dict[str, float]:
        return {one.camera: one.questions[0].floor for one in published(site)[1].cameras}

    before = floors()
    key = published(site)[1].cameras[0].questions[0].key
    own = CalibrationRow(rule["id"], rule["version"], key, "yard", "vlm/tiny@1", 2.0, 5.0, 40)
    with site.deps.database.write() as connection:
        replace_calibrations(connection, [own], version=1, now=now())
        next_site_version(connection)
    wait_for_version(site)
    scaled = floors()
    site.admin.patch(f"/api/v1/rules/{rule['id']}", json={"threshold": 0.1})
    wait_for_version(site)

    assert before == {yard: FLOOR, street: FLOOR}
    assert scaled == pytest.approx({yard: (FLOOR - 5.0) / 2.0, street: FLOOR})
    assert floors() == pytest.approx({yard: (log(0.05 / 0.95) - 5.0) / 2.0, street: log(0.05 / 0.95)})


def keep(site: Site, gate: GateRow) -> None:
    """As alerts does."""
    with site.deps.database.write() as connection:
        locked_gate(connection, gate.key, now=now())
        keep_gate(connection, gate)
        next_site_version(connection)


def test_a_closed_gate_is_published_for_its_group_of_cameras_and_shown_with_its_rule(site: Site) -> None:
    gate, yard = site.add_camera("gate", group="street"), site.add_camera("yard")
    rule = site.admin.post("/api/v1/rules", json={"text": "someone climbs the fence"}).json()
    until_then = to_text(now() + timedelta(days=30))
    key = GateKey(rule["id"], rule["version"], "street", "siglip2@main")
    keep(site, GateRow(key, to_text(now()), bar=0.25, until=until_then, events=61, caught=4, missed=1.0))
    keep(site, GateRow(GateKey(rule["id"], 1, "", "siglip2@main"), to_text(now()), events=7))
    wait_for_version(site)

    asked = {one.camera: one.questions for one in published(site)[1].cameras}
    shown = site.admin.get(f"/api/v1/rules/{rule['id']}").json()["gates"]

    assert [each.bar for each in asked[str(gate["id"])]] == [Bar(0.25, "siglip2@main", from_text(until_then))]
    assert [each.bar for each in asked[str(yard["id"])]] == [None]
    assert "gates" not in rule
    learning, closed = shown
    assert (learning["state"], learning["camera_group"], learning["events"], learning["needed"]) == ("open", "", 7, 59)
    assert "bar" not in learning
    assert (closed["state"], closed["bar"], closed["caught"], closed["missed"]) == ("closed", 0.25, 4, 1.0)


def test_a_gate_whose_month_is_over_is_shown_open_and_goes_with_its_rule(site: Site) -> None:
    rule = site.admin.post("/api/v1/rules", json={"text": "someone climbs the fence"}).json()
    key = GateKey(rule["id"], 1, "", "siglip2@main")
    keep(site, GateRow(key, to_text(now()), bar=0.25, until=to_text(now() - timedelta(seconds=1)), events=61))

    (listed,) = site.admin.get("/api/v1/rules").json()["items"]
    site.admin.delete(f"/api/v1/rules/{rule['id']}")

    assert listed["gates"][0]["state"] == "open"
    with site.deps.database.read() as connection:
        assert all_gates(connection) == ()


def test_armed_cameras_are_archived_also_without_a_rule_and_disarmed_ones_are_not(site: Site) -> None:
    gate = str(site.add_camera("gate")["id"])
    site.add_camera("bedroom", armed=False)

    with site.deps.database.read() as connection:
        _, analyzer = read_site(connection, archive_every_s=10.0)

    assert {one.camera: one.archive_every_s for one in analyzer.cameras if one.archive_every_s} == {gate: 10.0}
