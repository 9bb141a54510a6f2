import pytest

from contracts.messages import Answer, Answers, Detection, Unchanged
from contracts.plan import Predicate, Question, RulePlan, Temporal
from rules.asking.asked import asked_key
from store.cameras import remove_camera
from store.database import Database
from store.incidents import IncidentState
from store.tracks import TracksRow, all_tracks, keep_tracks
from tests.alerts.receiver import Clock
from tests.alerts.scene import CAMERA, CAR_BOX, MODEL, Site, plan, rule_row, seconds

OWNER = (0.40, 0.40, 0.48, 0.70)
BAG = Detection("handbag", 0.8, (0.46, 0.66, 0.51, 0.70))
LEFT = Question("q1", "Is a bag left alone?", Predicate("left", ("handbag",), seconds=5.0))
LEFT_RULE = plan(Temporal("sustained", seconds=5.0), questions=(LEFT,))


def publish(site: Site, rule_plan: RulePlan, *detections: Detection, sha256: str | None = None) -> Answers:
    """One frame of an edge engine: the rule's question is to be tracked."""
    site.seq += 1
    key = asked_key(rule_plan, rule_plan.questions[0])
    answer = Answer(key, detections=detections, unknown_reason="several frames", to_track=True)
    message = Answers(CAMERA, site.epoch, site.seq, site.clock(), 1, MODEL, (answer,), 12.0, 34.0, sha256)
    site._publish(message)
    return message


def person(x: float) -> Detection:
    return Detection("person", 0.9, (OWNER[0] + x, OWNER[1], OWNER[2] + x, OWNER[3]))


def put_down(site: Site, clock: Clock, *, then: int = 0) -> Answers:
    """An empty picture, an owner with a bag, who walks away; then the bag alone, `then` times. Two frames a second."""
    frames: list[tuple[Detection, ...]] = [()] * 8 + [(person(0.0), BAG)] * 4
    frames += [(person(-0.04 * i), BAG) for i in range(1, 8)] + [(BAG,)] * then
    message = publish(site, LEFT_RULE)
    for frame in frames:
        clock.pass_by(seconds(0.5))
        message = publish(site, LEFT_RULE, *frame)
    return message


def test_a_bag_left_alone_opens_one_incident_with_its_box(site: Site, clock: Clock) -> None:
    site.register(rule_row(LEFT_RULE))
    worker = site.worker()

    put_down(site, clock, then=3)
    site.turn(worker)
    early = site.incidents()
    for _ in range(20):
        clock.pass_by(seconds(0.5))
        publish(site, LEFT_RULE, BAG)
    site.turn(worker)

    (incident,) = site.incidents()
    assert early == ()
    assert incident.state is IncidentState.OPENED
    assert incident.confidence == pytest.approx(0.8)


def test_a_worker_that_dies_midway_changes_nothing(site: Site, clock: Clock) -> None:
    site.register(rule_row(LEFT_RULE))
    put_down(site, clock)
    site.turn(site.worker())

    successor = site.worker()
    for _ in range(9):
        clock.pass_by(seconds(0.5))
        publish(site, LEFT_RULE, BAG)
    site.turn(successor, times=3)

    assert len(site.incidents()) == 1


def test_time_passes_in_unchanged_frames_too_and_their_evidence_is_the_picture_they_equal(
    site: Site, clock: Clock
) -> None:
    site.register(rule_row(LEFT_RULE))
    worker = site.worker()
    put_down(site, clock, then=2)
    clock.pass_by(seconds(0.5))
    jpeg_sha = site.pins.keep(CAMERA, b"a picture", now=clock())
    last = publish(site, LEFT_RULE, BAG, sha256=jpeg_sha)

    since = clock() + seconds(0.5)
    clock.pass_by(seconds(6.0))
    site.seq += 1
    site._publish(Unchanged(CAMERA, site.epoch, site.seq, clock(), last.seq, count=12, since=since))
    site.turn(worker)

    (incident,) = site.incidents()
    assert incident.evidence.frames[0].sha256 == jpeg_sha


def test_other_rules_of_the_camera_are_judged_as_before(site: Site, clock: Clock) -> None:
    site.register(rule_row(), rule_row(LEFT_RULE, "rul_2"))

    site.see(CAR_BOX)
    site.turn(site.worker())

    assert [incident.rule_id for incident in site.incidents()] == ["rul_1"]


def test_without_a_rule_that_follows_things_no_tracks_are_written(site: Site, database: Database) -> None:
    site.register()
    site.see(CAR_BOX)

    site.turn(site.worker())

    with database.read() as connection:
        assert all_tracks(connection) == ()


def test_tracks_that_cannot_be_read_are_begun_anew(site: Site, clock: Clock, database: Database) -> None:
    site.register(rule_row(LEFT_RULE))
    with database.write() as connection:
        keep_tracks(connection, [TracksRow(CAMERA, "?")], now=clock())

    publish(site, LEFT_RULE, BAG)
    site.turn(site.worker())

    with database.read() as connection:
        (row,) = all_tracks(connection)
    assert '"handbag"' in row.state


def test_a_camera_that_is_removed_leaves_no_tracks(site: Site, database: Database) -> None:
    site.register(rule_row(LEFT_RULE))
    publish(site, LEFT_RULE, BAG)
    site.turn(site.worker())

    site.change(remove_camera, CAMERA)

    with database.read() as connection:
        assert all_tracks(connection) == ()
