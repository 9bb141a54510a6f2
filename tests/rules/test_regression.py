from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.messages import Answer, Detection
from rules.asking.asked import asked_key
from rules.incidents.spec import Polygon, RuleSpec, spec_for
from rules.learning.budget import GRID
from rules.learning.reach import falls_with_threshold, reach
from rules.learning.regression import Case, Outcome, Replay, not_watched, replay
from rules.plan.compile import compile_rule

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
YARD: dict[str, Polygon] = {"yard": ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))}


def spec(text: str, *, threshold: float = 0.5, version: int = 1) -> RuleSpec:
    plan = compile_rule(text, zones=list(YARD))
    return spec_for(plan, rule_id="rul_1", version=version, zones=YARD, threshold=threshold)


def boxes(of: RuleSpec, *detections: Detection) -> dict[str, Answer]:
    margin = 3.0 if detections else -4.0
    return {
        asked_key(of.plan, question): Answer(asked_key(of.plan, question), margin, detections=detections)
        for question in of.plan.questions
    }


def car(score: float = 0.9, left: float = 0.1) -> Detection:
    return Detection("car", score, (left, 0.2, left + 0.2, 0.6))


def case(then: RuleSpec, *detections: Detection, truth: bool = True, fired: bool = True) -> Case:
    return Case(boxes(then, *detections), then, NOON, fired, truth)


CAR = spec("a car is visible")


def test_the_version_that_was_graded_passes_what_was_right_and_fails_what_was_wrong() -> None:
    assert replay(CAR, case(CAR, car())).outcome is Outcome.PASSED
    assert replay(CAR, case(CAR, car(), truth=False)).outcome is Outcome.FAILED


def test_another_threshold_is_judged_on_the_same_answers() -> None:
    strict = replace(CAR, threshold=0.7)

    assert replay(strict, case(CAR, car(0.4))).outcome is Outcome.FAILED
    assert replay(strict, case(CAR, car(0.4), truth=False)).outcome is Outcome.PASSED


def test_boxes_answer_another_question_about_the_same_things() -> None:
    many = spec("more than 2 cars are visible", version=2)

    assert replay(many, case(CAR, car(), truth=False)).outcome is Outcome.PASSED
    assert replay(many, case(CAR, car(), car(), car())).outcome is Outcome.PASSED
    assert replay(many, case(CAR, car())).outcome is Outcome.FAILED


def test_a_zone_is_looked_at_where_the_camera_has_it() -> None:
    inside = spec("a car is in the yard", version=2)

    assert inside.zones
    assert replay(inside, case(CAR, car(left=0.1))).outcome is Outcome.PASSED
    assert replay(inside, case(CAR, car(left=0.7))).outcome is Outcome.FAILED


def test_what_was_never_asked_cannot_be_replayed() -> None:
    person = replay(spec("a person is visible", version=2), case(CAR, car()))

    assert person == Replay(Outcome.NOT_REPLAYED, "this version asks what was not asked then")


def test_a_readers_yes_speaks_for_its_own_question_alone() -> None:
    then = spec("a person is climbing the fence")
    key = asked_key(then.plan, then.plan.questions[0])
    graded = Case({key: Answer(key, 2.0)}, then, NOON, True, False)

    assert replay(then, graded).outcome is Outcome.FAILED
    assert replay(replace(then, threshold=0.9), graded).outcome is Outcome.PASSED
    assert replay(spec("a person is climbing the wall"), graded).outcome is Outcome.NOT_REPLAYED


def test_one_frame_does_not_show_how_long_it_lasts() -> None:
    long = spec("a car is visible for 2 minutes", version=2)

    assert replay(long, case(CAR, car(), truth=False)).outcome is Outcome.NOT_REPLAYED
    assert replay(long, case(CAR)).outcome is Outcome.FAILED
    assert replay(replace(long, threshold=0.6), case(long, car())).outcome is Outcome.PASSED


def test_a_frame_that_does_not_show_what_was_decided_then_is_no_case() -> None:
    long = spec("a car is visible for 2 minutes")

    assert replay(long, case(long)).outcome is Outcome.NOT_REPLAYED


def test_absence_is_judged_the_other_way_round() -> None:
    empty = spec("no car is visible for 10 seconds")

    assert empty.plan.temporal.kind == "absent"
    assert replay(empty, case(empty)).outcome is Outcome.PASSED
    assert replay(empty, case(empty, truth=False)).outcome is Outcome.FAILED
    assert replay(empty, case(empty, car(), fired=False)).outcome is Outcome.FAILED


def test_outside_its_hours_and_cameras_a_version_repeats_no_false_alarm_and_is_not_blamed() -> None:
    night = spec("a car is visible between 22:00 and 06:00", version=2)

    assert replay(night, case(CAR, car(), truth=False)).outcome is Outcome.PASSED
    assert replay(night, case(CAR, car())).outcome is Outcome.NOT_REPLAYED
    assert not_watched(case(CAR, car(), truth=False)).outcome is Outcome.PASSED
    assert not_watched(case(CAR, car())).outcome is Outcome.NOT_REPLAYED


@pytest.mark.parametrize(
    ("text", "falls"),
    [
        ("a car is visible", True),
        ("more than 3 cars are visible", True),
        ("a car and a person are visible", True),
        ("fewer than 2 cars are visible", False),
        ("no car is visible for 10 seconds", False),
        ("a person is not wearing a helmet", False),
    ],
)
def test_some_rules_have_no_threshold_that_makes_alarms_fewer(text: str, falls: bool) -> None:
    assert falls_with_threshold(compile_rule(text)) is falls


@pytest.mark.parametrize(("score", "reached"), [(0.35, 0.5), (0.42, 0.6), (0.34, 0.48), (0.9, 0.95), (0.01, 0.0)])
def test_a_frame_reaches_the_threshold_at_which_its_surest_box_still_counts(score: float, reached: float) -> None:
    assert reach(CAR, boxes(CAR, car(score)), GRID) == pytest.approx(reached)


def test_a_frame_without_answers_reaches_nothing_that_is_known() -> None:
    assert reach(CAR, {}, GRID) is None
