import hashlib
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from alerts.shards import LeaseLost
from contracts.answers import AnswerStream
from contracts.errors import BusUnreachable
from contracts.messages import Detection
from contracts.plan import Temporal
from contracts.service import Stop
from store.cameras import camera_by_id, change_camera, remove_camera
from store.database import Database
from store.deliveries import page_of_deliveries
from store.endpoints import EndpointRow
from store.incidents import IncidentState, retract_incident
from store.machines import all_machines
from store.progress import totals
from store.rules import change_rule, remove_rule
from store.shards import SHARD_LEASE
from tests.alerts.receiver import Clock, eventually
from tests.alerts.scene import CAMERA, CAR, CAR_BOX, PERSON, RULE, Site, camera_row, picture, plan, rule_row, seconds

Register = Callable[..., EndpointRow]


def bodies(database: Database) -> list[dict[str, object]]:
    """Oldest first."""
    with database.read() as connection:
        return [json.loads(row.body) for row in reversed(page_of_deliveries(connection, before="", limit=100))]


def depth(site: Site) -> int:
    return AnswerStream(site.client, shard=0, consumer="looker").depth()


def test_a_yes_opens_one_incident_with_its_deliveries_and_is_acknowledged(
    site: Site, database: Database, endpoint: Register
) -> None:
    endpoint("http://203.0.113.1/", name="all")
    endpoint("http://203.0.113.2/", name="ended_only", event_types=("incident.ended",))
    site.register()
    site.see(CAR_BOX)

    site.turn(site.worker())

    (incident,) = site.incidents()
    assert (incident.rule_id, incident.camera_id, incident.state) == (RULE, CAMERA, IncidentState.OPENED)
    assert incident.confidence == pytest.approx(0.92)
    assert incident.model is not None
    assert (incident.latency_ms.queue, incident.latency_ms.infer) == (12.0, 34.0)
    (body,) = bodies(database)
    assert body["type"] == "incident.opened"
    assert body["data"]["id"] == incident.id  # type: ignore[index]
    assert depth(site) == 0


def test_the_evidence_is_the_exact_picture_and_a_copy_with_the_boxes(site: Site) -> None:
    site.register()
    jpeg = picture(120)
    site.see(CAR_BOX, pinned=jpeg)

    site.turn(site.worker())

    (frame,) = site.incidents()[0].evidence.frames
    assert (site.folder / frame.path).read_bytes() == jpeg
    assert frame.sha256 == hashlib.sha256(jpeg).hexdigest()
    assert frame.boxes[0].label == "car"
    assert (site.folder / frame.drawn).read_bytes() != jpeg
    assert frame.path.startswith("2026/11/22/inc_")
    assert not list(site.folder.rglob("*.part"))


def test_a_picture_that_is_gone_is_said_to_be_missing_and_the_incident_opens(site: Site, database: Database) -> None:
    site.register()
    site.see(CAR_BOX)
    for key in site.client.scan_iter("*pin:*"):
        site.client.delete(key)
    for key in site.client.scan_iter("*:last:*"):
        site.client.delete(key)

    site.turn(site.worker())

    evidence = site.incidents()[0].evidence
    assert (evidence.frames, evidence.missing) == ((), True)
    assert evidence.reason


def test_a_disk_that_takes_no_picture_costs_the_picture_and_not_the_incident(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    site.folder = tmp_path / "file" / "evidence"
    site.register()
    site.see(CAR_BOX)

    site.turn(site.worker())

    assert "could not be written" in site.incidents()[0].evidence.reason


def test_the_incident_ends_when_the_car_is_gone_and_the_webhook_says_when(
    site: Site, database: Database, endpoint: Register, clock: Clock
) -> None:
    endpoint("http://203.0.113.1/")
    site.register()
    worker = site.worker()
    site.see(CAR_BOX)
    site.turn(worker)
    for _ in range(8):
        clock.pass_by(seconds(0.5))
        site.see()

    site.turn(worker)

    (incident,) = site.incidents()
    assert (incident.state, incident.end_reason, incident.sequence) == (IncidentState.ENDED, "cleared", 2)
    opened, ended = bodies(database)
    assert (opened["type"], ended["type"]) == ("incident.opened", "incident.ended")
    assert ended["data"]["ended_at"] == incident.ended_at  # type: ignore[index]


def test_a_worker_that_was_killed_after_reading_leaves_its_messages_to_the_next(site: Site) -> None:
    site.register()
    site.see(CAR_BOX)
    killed = AnswerStream(site.client, shard=0, consumer="alerts-0")
    killed.rewind()
    killed.read(most=10)
    assert len(killed.read(most=10)) == 1

    site.turn(site.worker())

    assert len(site.incidents()) == 1
    assert depth(site) == 0


def test_a_kill_in_the_middle_of_for_ten_seconds_changes_nothing(site: Site, clock: Clock) -> None:
    site.register(rule_row(plan(Temporal("sustained", seconds=10.0))))
    begun = clock()
    for _ in range(12):
        site.see(CAR_BOX)
        site.turn(site.worker())  # a new worker each second
        clock.pass_by(seconds(1))

    (incident,) = site.incidents()

    assert incident.started_at == begun.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert incident.captured_at == "2026-11-22T12:00:10.000Z"


def test_unchanged_frames_keep_the_answer_of_the_frame_that_they_equal(site: Site, clock: Clock) -> None:
    site.register(rule_row(plan(Temporal("sustained", seconds=5.0))))
    worker = site.worker()
    first = site.see(CAR_BOX)
    for _ in range(6):
        clock.pass_by(seconds(1))
        site.see_the_same(first)

    site.turn(worker)

    (incident,) = site.incidents()
    assert incident.evidence.frames[0].boxes[0].label == "car"
    assert incident.evidence.frames[0].at == "2026-11-22T12:00:00.000Z"


def test_time_alone_opens_an_incident_where_b_did_not_follow_a(site: Site, clock: Clock) -> None:
    missed = plan(Temporal("sequence", within_s=5.0), questions=(CAR, PERSON), logic="q1 and not q2", negated=True)
    site.register(rule_row(missed))
    worker = site.worker()
    for boxes in ((), (), (CAR_BOX,), (CAR_BOX,), (CAR_BOX,)):
        site.see(*boxes)
        site.turn(worker)
        clock.pass_by(seconds(0.5))
    assert site.incidents() == ()

    clock.pass_by(seconds(6))
    site.turn(worker, times=1)

    (incident,) = site.incidents()
    assert incident.evidence.frames


@pytest.mark.parametrize("what", ["version", "disabled", "removed", "disarmed", "camera_removed"])
def test_what_no_longer_watches_ends_its_incident_with_the_reason(
    what: str, site: Site, database: Database, endpoint: Register, clock: Clock
) -> None:
    endpoint("http://203.0.113.1/")
    site.register()
    worker = site.worker()
    site.see(CAR_BOX)
    site.turn(worker)
    rule = rule_row()
    with database.read() as connection:
        camera = camera_by_id(connection, CAMERA)
    assert camera
    clock.pass_by(seconds(1))
    match what:
        case "version":
            site.change(change_rule, replace(rule, version=2), new_version=True)
        case "disabled":
            site.change(change_rule, replace(rule, enabled=False), new_version=False)
        case "removed":
            site.change(remove_rule, rule.id)
        case "disarmed":
            site.change(change_camera, replace(camera, armed=False))
        case "camera_removed":
            site.change(remove_camera, CAMERA)

    site.turn(worker, times=1)

    (incident,) = site.incidents()
    assert incident.state is IncidentState.ENDED
    assert incident.end_reason
    assert [body["type"] for body in bodies(database)] == ["incident.opened", "incident.ended"]
    with database.read() as connection:
        assert all_machines(connection) == ()


def test_a_changed_rule_begins_anew_and_may_open_again(site: Site, clock: Clock) -> None:
    site.register()
    worker = site.worker()
    site.see(CAR_BOX)
    site.turn(worker)
    site.change(change_rule, replace(rule_row(), version=2), new_version=True)
    clock.pass_by(seconds(1))
    site.see(CAR_BOX)

    site.turn(worker)

    newer, older = site.incidents()
    assert (newer.rule_version, newer.ended_at, older.rule_version) == (2, None, 1)
    assert older.end_reason == "the rule was changed"


def test_an_incident_that_a_person_retracted_stays_retracted_when_it_is_over(site: Site, clock: Clock) -> None:
    site.register()
    worker = site.worker()
    site.see(CAR_BOX)
    site.turn(worker)
    with site.database.write() as connection:
        retract_incident(connection, site.incidents()[0], reason="", at=clock())
    for _ in range(8):
        clock.pass_by(seconds(0.5))
        site.see()

    site.turn(worker)

    (incident,) = site.incidents()
    assert incident.state is IncidentState.RETRACTED
    assert incident.ended_at


def test_every_rule_without_cameras_watches_every_camera_and_a_named_one_only_its_own(site: Site) -> None:
    named = replace(rule_row(rule_id="rul_2"), cameras=("cam_2",))
    site.register(rule_row(), named, cameras=(camera_row(), camera_row("cam_2")))
    site.see(CAR_BOX)

    site.turn(site.worker())

    assert [incident.rule_id for incident in site.incidents()] == [RULE]


def test_a_second_worker_waits_for_the_lease_and_the_first_commits_nothing_once_it_lost_it(
    site: Site, clock: Clock
) -> None:
    site.register()
    first, second = site.worker("alerts-1"), site.worker("alerts-2")
    site.turn(first)
    site.stop.set()  # or the second would sleep before it looks again
    site.turn(second)
    assert (first.owns(CAMERA), second.owns(CAMERA)) == (True, False)

    clock.pass_by(SHARD_LEASE + timedelta(seconds=1))
    site.see(CAR_BOX)
    site.turn(second)
    with pytest.raises(LeaseLost):
        site.turn(first, times=3)

    assert len(site.incidents()) == 1
    assert second.owns(CAMERA)


def test_a_redis_that_was_emptied_is_found_again(site: Site, clock: Clock) -> None:
    site.register()
    worker = site.worker()
    site.turn(worker)
    site.client.flushall()
    with pytest.raises(BusUnreachable):
        site.turn(worker)
    site.epoch, site.seq = 2, 0
    site.see(CAR_BOX)

    site.turn(worker)

    assert len(site.incidents()) == 1


def test_a_message_that_does_not_decode_is_acknowledged_and_holds_up_nothing(site: Site) -> None:
    site.register()
    worker = site.worker()
    site.turn(worker)
    site.client.xadd("pw:{s00}:answers", {"m": b"\xff\x00"})
    site.see(CAR_BOX)

    site.turn(worker)

    assert len(site.incidents()) == 1
    assert depth(site) == 0


def test_while_the_database_is_locked_nothing_is_acknowledged_and_then_it_goes_on(
    site: Site, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    site.register()
    worker, stop = site.worker(), Stop()
    site.turn(worker)
    other = database.engine.connect()
    other.exec_driver_sql("SELECT 1")  # begins, immediately
    site.see(CAR_BOX)
    thread = threading.Thread(target=worker.run, args=(stop,))

    with caplog.at_level(logging.WARNING):
        thread.start()
        eventually(lambda: any("waiting" in record.message for record in caplog.records))
    held = depth(site)
    other.rollback()
    other.close()
    eventually(lambda: len(site.incidents()) == 1)
    eventually(lambda: depth(site) == 0)
    stop.set()
    thread.join(timeout=10)

    assert held == 1
    assert len([record for record in caplog.records if record.message == "waiting"]) == 1


def test_what_is_counted_comes_from_the_stream(site: Site, clock: Clock) -> None:
    site.register()
    worker = site.worker()
    first = site.see(CAR_BOX)
    site.see_the_same(first)
    site.miss()
    site.turn(worker)

    with site.database.read() as connection:
        found = totals(connection)[CAMERA]

    assert (found.sampled, found.analysed, found.unchanged, found.dropped) == (3, 1, 1, {"stale": 1})
    assert found.last_captured_at == clock()


def test_a_crowd_of_boxes_still_fits_into_a_webhook(site: Site, database: Database, endpoint: Register) -> None:
    endpoint("http://203.0.113.1/")
    site.register(replace(rule_row(), text="汽车" * 900))
    boxes = [Detection("car", 0.9, (i / 1000, 0.1, i / 1000 + 0.2, 0.3)) for i in range(400)]
    site.see(*boxes)

    site.turn(site.worker())

    with database.read() as connection:
        (delivery,) = page_of_deliveries(connection, before="", limit=9)
    assert len(delivery.body.encode()) < 20_000
    assert len(site.incidents()[0].evidence.frames[0].boxes) == 400


def test_two_open_incidents_of_one_rule_on_one_camera_cannot_be_written(site: Site, clock: Clock) -> None:
    site.register()
    worker = site.worker()
    site.see(CAR_BOX)
    site.turn(worker)
    with site.database.write() as connection:
        connection.execute(sa.text("DELETE FROM machines"))  # a machine that forgot
    clock.pass_by(seconds(1))
    site.see(CAR_BOX)

    site.turn(site.worker())

    newer, older = site.incidents()
    assert newer.ended_at is None
    assert older.end_reason == "another incident took its place"


def test_the_lock_test_really_locks(database: Database) -> None:
    other = database.engine.connect()
    other.exec_driver_sql("SELECT 1")

    with database.engine.connect().execution_options(plainwatch_read=True) as impatient:
        impatient.exec_driver_sql("PRAGMA busy_timeout=1")
        with pytest.raises(OperationalError):
            impatient.exec_driver_sql("DELETE FROM site")
    other.rollback()
    other.close()


def test_a_surer_look_updates_the_incident_with_its_picture_beside_the_first(
    site: Site, database: Database, clock: Clock, endpoint: Register
) -> None:
    endpoint("http://203.0.113.1/")
    site.register()
    worker = site.worker()
    site.see(replace_score(CAR_BOX, 0.65), pinned=picture(100))
    site.turn(worker)
    clock.pass_by(seconds(6))
    site.see(replace_score(CAR_BOX, 0.95), pinned=picture(140))

    site.turn(worker)

    (incident,) = site.incidents()
    assert (incident.state, incident.sequence) == (IncidentState.OPENED, 2)
    assert incident.confidence == pytest.approx(0.95)
    hashes = [frame.sha256 for frame in incident.evidence.frames]
    assert hashes == [hashlib.sha256(picture(shade)).hexdigest() for shade in (100, 140)]
    assert [body["type"] for body in bodies(database)] == ["incident.opened", "incident.updated"]


def replace_score(box: Detection, score: float) -> Detection:
    return Detection(box.label, score, box.box)
