import pytest
from rule_scenes import CAR, PERSON, answers_to, person, plan_of

from contracts.messages import Answer
from contracts.plan import Count, Predicate, Question, Temporal, question_key
from rules.asking.asked import asked_key
from rules.learning.labels import graded_margins, truths_from

ONE, OTHER = Question("q1", "Is a person climbing?"), Question("q2", "Is a ladder there?")
KEY_1, KEY_2 = question_key(ONE), question_key(OTHER)
BOTH = {KEY_1: 3.0, KEY_2: 1.0}


def test_only_a_models_opinion_is_a_margin_to_learn_from() -> None:
    moves = Question("q3", "Does something move?", Predicate("motion"))
    plan = plan_of(questions=(ONE, OTHER, PERSON, moves), logic="q1 or q2 or q3 or q4")
    answers = {
        KEY_1: Answer(KEY_1, margin=2.0),
        KEY_2: Answer(KEY_2, unknown_reason="engine"),
        **answers_to(PERSON, person(0.9)),
        question_key(moves): Answer(question_key(moves), margin=3.0, by="edge"),
    }

    assert graded_margins(plan, answers) == {KEY_1: 2.0}
    assert graded_margins(plan_of(), {question_key(PERSON): Answer(question_key(PERSON), -9.0, count=0)}) == {}


@pytest.mark.parametrize(
    ("logic", "was_right", "expected"),
    [
        ("q1", True, {KEY_1: True}),
        ("q1", False, {KEY_1: False}),
        ("not q1", True, {KEY_1: False}),
        ("q1 and q2", True, {KEY_1: True, KEY_2: True}),
        ("q1 and q2", False, {KEY_2: False}),
        ("q1 or q2", True, {KEY_1: True}),
        ("q1 or q2", False, {KEY_1: False, KEY_2: False}),
        ("q2 and not q1", True, {KEY_1: False, KEY_2: True}),
        ("q2 and not q1", False, {KEY_1: True}),
        ("not (q1 or q2)", True, {KEY_1: False, KEY_2: False}),
    ],
)
def test_the_word_on_a_rule_is_divided_among_its_questions(
    logic: str, was_right: bool, expected: dict[str, bool]
) -> None:
    plan = plan_of(questions=(ONE, OTHER), logic=logic)

    assert truths_from(plan, BOTH, was_right=was_right) == expected


def test_a_question_without_a_margin_is_left_out() -> None:
    plan = plan_of(questions=(CAR, ONE), logic="q2 and q1")

    assert truths_from(plan, {KEY_1: 3.0}, was_right=False) == {KEY_1: False}
    assert truths_from(plan, {}, was_right=True) == {}


def test_absence_is_right_where_the_thing_is_not_there() -> None:
    plan = plan_of(Temporal("absent", seconds=10.0), questions=(ONE,))

    assert truths_from(plan, {KEY_1: -4.0}, was_right=True) == {KEY_1: False}
    assert truths_from(plan, {KEY_1: -4.0}, was_right=False) == {KEY_1: True}


def test_of_a_sequence_the_deciding_frame_shows_the_second_step_alone() -> None:
    followed = plan_of(Temporal("sequence"), questions=(ONE, OTHER), logic="q1 and q2")
    missed = plan_of(Temporal("sequence"), questions=(ONE, OTHER), logic="q1 and not q2", negated=True)

    assert truths_from(followed, BOTH, was_right=False) == {KEY_2: False}
    assert truths_from(missed, BOTH, was_right=True) == {}


def test_too_few_is_asked_as_its_opposite_and_learns_so() -> None:
    guard = Question("q1", "Is a guard visible?")
    plan = plan_of(questions=(guard,), count=Count("<", 2))
    key = asked_key(plan, guard)

    assert truths_from(plan, {key: -2.0}, was_right=True) == {key: False}
    assert truths_from(plan, {key: -2.0}, was_right=False) == {key: True}
