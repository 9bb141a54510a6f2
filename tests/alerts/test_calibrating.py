import math
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.auditing import Auditor, luck
from alerts.calibrating import Calibration, calibrated_answers, is_calibrated, raw_margins
from alerts.consume import Place, ShardWorker
from alerts.evidence import EvidenceKeeper
from alerts.fitting import Calibrator
from alerts.shards import ShardLease
from contracts.answers import AnswerStream
from contracts.messages import Answer, Answers, Detection, ModelRef
from contracts.plan import Predicate, Question, question_key
from rules.learning.calibrate import IDENTITY, Label, Platt, apply, chance_of, fit
from store.audited_frames import AuditedFrame, page_of_audited_frames
from store.calibration import LabelRow, all_calibrations, model_key, set_labels
from store.database import Database
from store.rules import RuleRow
from store.site import site_version
from tests.alerts.receiver import NOW, Clock
from tests.alerts.scene import CAMERA, MODEL, RULE, Site, camera_row, picture, plan, rule_row, seconds

CLIMB = Question("q1", "Is a person climbing?")
LADDER = Question("q2", "Is a ladder there?")
MOVES = Question("q2", "Does something move?", Predicate("motion"))
KEY, LADDER_KEY = question_key(CLIMB), question_key(LADDER)
VLM = ModelRef("qwen3-vl-2b", "main+ab12cd34", "vlm")
SCALED = Platt(0.5, -2.0, 9)


def climbing(*more: Question, logic: str = "q1", rule_id: str = RULE) -> RuleRow:
    return rule_row(plan(questions=(CLIMB, *more), logic=logic), rule_id)


def own(platt: Platt = SCALED, *, group: str = "", model: ModelRef = VLM, version: int = 1) -> Calibration:
    return Calibration({(RULE, version, KEY, group, model_key(model)): platt})


def margin_of(calibration: Calibration, *, model: ModelRef = VLM, group: str = "", version: int = 1) -> float | None:
    rule, camera = replace(climbing(), version=version), replace(camera_row(), group=group)
    return calibrated_answers(calibration, rule, camera, model, [Answer(KEY, margin=3.0)])[KEY].margin


def test_a_margin_is_scaled_by_its_own_rule_version_group_and_model() -> None:
    assert margin_of(own()) == pytest.approx(-0.5)
    assert margin_of(own(group="yard"), group="yard") == pytest.approx(-0.5)
    assert margin_of(own(group="yard")) == 3.0
    assert margin_of(own(), version=2) == 3.0
    assert margin_of(own(), model=ModelRef("qwen3-vl-2b", "main+00000000", "vlm")) == 3.0


def test_a_rule_without_labels_of_its_own_has_what_all_rules_of_the_model_share() -> None:
    common = Calibration(shared={model_key(VLM): Platt(1.0, 1.0, 60)})
    both = Calibration(own().own, common.shared)

    assert margin_of(common) == 4.0
    assert margin_of(common, model=ModelRef("smolvlm2", "main", "vlm")) == 3.0
    assert margin_of(both) == pytest.approx(-0.5)


@pytest.mark.parametrize("model", [MODEL, ModelRef("qwen", "main+ab12cd34+text", "openai")])
def test_a_detector_and_a_server_without_chances_are_never_calibrated(model: ModelRef) -> None:
    calibration = own(model=model)

    assert margin_of(calibration, model=model) == 3.0
    assert raw_margins(climbing(), model, [Answer(KEY, margin=3.0)]) == {}
    assert not is_calibrated(calibration, climbing(), camera_row(), model, [Answer(KEY, margin=3.0)])


def test_boxes_counts_another_engines_answers_and_unknowns_pass_as_they_came() -> None:
    rule = climbing(MOVES, logic="q1 and q2")
    moves = Answer(question_key(MOVES), margin=2.0, by="edge")
    given = [
        Answer(KEY, margin=3.0, detections=(Detection("person", 0.9, (0, 0, 1, 1)),)),
        Answer(KEY, margin=3.0, count=2),
        Answer(KEY, unknown_reason="engine"),
    ]

    for answer in given:
        found = calibrated_answers(own(), rule, camera_row(), VLM, [answer, moves])
        assert found == {KEY: answer, moves.question_key: moves}
        assert not is_calibrated(own(), rule, camera_row(), VLM, [answer, moves])


def test_one_raw_answer_makes_the_whole_uncalibrated_and_an_unknown_one_does_not() -> None:
    rule = climbing(LADDER, logic="q1 or q2")
    climbs, ladder = Answer(KEY, margin=3.0), Answer(LADDER_KEY, margin=1.0)

    assert not is_calibrated(own(), rule, camera_row(), VLM, [climbs, ladder])
    assert is_calibrated(own(), rule, camera_row(), VLM, [climbs, Answer(LADDER_KEY, unknown_reason="engine")])
    assert not is_calibrated(own(), rule, camera_row(), VLM, [])


def hear(site: Site, margin: float, *, camera: str = CAMERA, model: ModelRef = VLM) -> Answers:
    """One frame, answered by a model that reads."""
    site.pins.keep_last(camera, picture(), captured_at=site.clock())
    site.seq += 1
    answers = (Answer(KEY, margin=margin),)
    message = Answers(camera, site.epoch, site.seq, site.clock(), 1, model, answers, 12.0, 34.0)
    site._publish(message)
    return message


def worker_of(site: Site, calibrator: Calibrator, *, audited: float = 0.0, name: str = "alerts-1") -> ShardWorker:
    keeper = EvidenceKeeper(site.folder, site.pins)
    return ShardWorker(
        AnswerStream(site.client, shard=0, consumer=name),
        site.database,
        ShardLease(site.database, 0, worker=name),
        keeper,
        Place("http://site.example:8600", "UTC", 1),
        site.clock,
        calibration=calibrator.now_known,
        auditor=Auditor(keeper, part=audited),
    )


@pytest.fixture
def calibrator(database: Database, clock: Clock) -> Calibrator:
    return Calibrator(database, clock=clock)


def say(database: Database, truth: bool, *, times: int = 1, margin: float = 3.0, rule: str = RULE) -> list[Label]:
    """A person's word on so many incidents."""
    for number in range(times):
        subject = f"inc_{rule}_{truth}_{margin}_{number}"
        row = LabelRow(subject, KEY, rule, 1, "", model_key(VLM), margin, truth, "feedback", "2026-11-22T12:00:00.000Z")
        with database.write() as connection:
            set_labels(connection, subject, [row])
    return [Label(margin, truth)] * times


def test_an_incident_remembers_its_raw_margins_and_says_that_they_are_raw(site: Site, calibrator: Calibrator) -> None:
    site.register(climbing(), cameras=(replace(camera_row(), group="yard"),))
    hear(site, 3.0)

    site.turn(worker_of(site, calibrator))

    (incident,) = site.incidents()
    assert (incident.margins, incident.camera_group, incident.calibrated) == ({KEY: 3.0}, "yard", False)
    assert incident.confidence == pytest.approx(chance_of(3.0))


def test_an_incident_after_feedback_tells_a_calibrated_chance_and_keeps_the_raw_margin(
    site: Site, database: Database, calibrator: Calibrator
) -> None:
    site.register(climbing())
    labels = say(database, truth=True, times=4) + say(database, truth=False, times=3)
    calibrator.look()
    hear(site, 8.0)

    site.turn(worker_of(site, calibrator))

    (incident,) = site.incidents()
    assert incident.calibrated
    assert incident.margins == {KEY: 8.0}
    assert incident.confidence == pytest.approx(chance_of(apply(fit(labels), 8.0)))
    assert incident.confidence < chance_of(8.0)


def test_what_was_called_a_false_alarm_often_opens_no_incident_any_more_also_after_a_restart(
    site: Site, database: Database, clock: Clock, calibrator: Calibrator
) -> None:
    site.register(climbing())
    worker = worker_of(site, calibrator)
    site.turn(worker)
    say(database, truth=False, times=30)
    calibrator.look()
    hear(site, 3.0)
    site.turn(worker)

    restarted = worker_of(site, Calibrator(database, clock=clock))
    clock.pass_by(seconds(10))
    hear(site, 3.0)
    site.turn(restarted)

    assert site.incidents() == ()


def test_a_detectors_incident_has_no_margins_to_learn_from(site: Site, calibrator: Calibrator) -> None:
    site.register(climbing())
    hear(site, 3.0, model=MODEL)

    site.turn(worker_of(site, calibrator))

    (incident,) = site.incidents()
    assert (incident.margins, incident.calibrated) == ({}, False)


def test_nothing_is_fitted_again_before_somebody_said_something_new(
    database: Database, clock: Clock, calibrator: Calibrator
) -> None:
    say(database, truth=True)
    calibrator.look()
    known = calibrator.now_known()

    calibrator.look()
    unmoved = calibrator.now_known()
    say(database, truth=False)
    calibrator.look()

    assert unmoved is known
    assert next(iter(calibrator.now_known().own.values())).labels == 2
    assert next(iter(known.own.values())).labels == 1


def test_a_second_process_takes_over_what_the_first_fitted(
    database: Database, clock: Clock, calibrator: Calibrator
) -> None:
    second = Calibrator(database, clock=clock)
    assert second.now_known() == Calibration()
    say(database, truth=True, times=2)
    calibrator.look()

    second.look()

    assert second.now_known() == calibrator.now_known()
    with database.read() as connection:
        assert len(all_calibrations(connection)) == 1


def test_many_rules_teach_one_that_nobody_has_judged_yet(
    site: Site, database: Database, calibrator: Calibrator
) -> None:
    for rule in ("rul_7", "rul_8", "rul_9"):
        say(database, truth=False, times=14, margin=4.0, rule=rule)
        say(database, truth=True, times=6, margin=9.0, rule=rule)
    calibrator.look()
    site.register(climbing())
    hear(site, 4.0)
    worker = worker_of(site, calibrator)
    site.turn(worker)
    silent = site.incidents()

    hear(site, 12.0)
    site.turn(worker)

    assert silent == ()
    assert [incident.calibrated for incident in site.incidents()] == [True]
    assert calibrator.now_known().shared[model_key(VLM)] != IDENTITY


def audited(database: Database) -> tuple[AuditedFrame, ...]:
    with database.read() as connection:
        return page_of_audited_frames(connection, before="", limit=200)


def test_silent_frames_are_put_before_a_person_with_the_picture_that_was_judged(
    site: Site, database: Database, clock: Clock, calibrator: Calibrator
) -> None:
    site.register(climbing())
    worker = worker_of(site, calibrator, audited=1.0)
    silent = hear(site, -2.0)
    site.turn(worker)
    clock.pass_by(timedelta(seconds=1))
    hear(site, 6.0)
    site.turn(worker)

    (frame,) = audited(database)

    assert (frame.rule_id, frame.camera_id, frame.seq) == (RULE, CAMERA, silent.seq)
    assert (frame.margins, frame.probability, frame.model) == ({KEY: -2.0}, 1.0, model_key(VLM))
    assert (site.folder / frame.evidence.frames[0].path).is_file()


def test_a_silent_frame_whose_picture_has_made_room_for_another_is_not_audited(
    site: Site, database: Database, clock: Clock, calibrator: Calibrator
) -> None:
    site.register(climbing())
    hear(site, -2.0)
    site.pins.keep_last(CAMERA, picture(), captured_at=clock.now + timedelta(seconds=1))

    site.turn(worker_of(site, calibrator, audited=1.0))

    assert audited(database) == ()


def test_nothing_is_audited_unless_it_is_asked_for(site: Site, database: Database, calibrator: Calibrator) -> None:
    site.register(climbing())
    hear(site, -2.0)

    site.turn(worker_of(site, calibrator))

    assert audited(database) == ()


def test_chance_is_even_and_the_same_for_the_same_frame() -> None:
    def at(seq: int, rule: str = RULE) -> float:
        return luck(rule, Answers(CAMERA, 1, seq, NOW, 1, VLM, (), 0.0, 0.0))

    drawn = [at(seq) for seq in range(2000)]

    assert at(5) == at(5) != at(5, "rul_2")
    assert math.isclose(sum(drawn) / 2000, 0.5, abs_tol=0.03)
    assert math.isclose(sum(each < 0.1 for each in drawn) / 2000, 0.1, abs_tol=0.03)


def test_new_scalings_are_a_new_version_of_the_site_and_old_ones_none(
    database: Database, calibrator: Calibrator
) -> None:
    def version() -> int:
        with database.read() as connection:
            return site_version(connection)

    calibrator.look()
    before = version()
    say(database, truth=True)
    calibrator.look()
    after = version()
    calibrator.look()

    assert (after, version()) == (before + 1, before + 1)
