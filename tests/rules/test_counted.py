import pytest

from contracts.plan import Count
from rules.asking.asked import asked_as, turned_round
from rules.asking.counted import bound_of, with_count
from rules.asking.questions import asked_questions
from rules.plan.compile import compile_rule


@pytest.mark.parametrize(
    ("sentence", "asked", "turned"),
    [
        ("more than 3 people are visible", "Are more than 3 people visible?", False),
        ("at least two men climbing the fence", "Does the picture show at least 2 men climbing the fence?", False),
        ("someone is alone in the kitchen", "Is exactly 1 person in the kitchen?", False),
        ("only one guard", "Does the picture show exactly 1 guard?", False),
        ("a car with 3 people", "Does the picture show a car with at least 3 people?", False),
        ("at least one dog is visible", "Is a dog visible?", False),
        ("fewer than 2 workers are at the desk", "Are at least 2 workers at the desk?", True),
        ("no more than 2 people in the hall", "Are more than 2 people in the hall?", True),
        (
            "make sure there are at least 3 guards at the gate",
            "Does the picture show at least 3 guards at the gate?",
            True,
        ),
        ("画面里有超过三个人", "画面中是否有超过3个人?", False),
        ("至少两辆车停在门口", "画面中能否看到至少2辆车停在门口?", False),
        ("院子里少于2个人", "院子里是否有至少2个人?", True),
        ("一号车间人数超过20人", "画面中能否看到一号车间有超过20个人?", False),
        ("超过2名工人没戴安全帽", "画面中能否看到超过2名工人?", False),
        ("多于3只猫狗", "画面中能否看到超过3只猫狗?", False),
    ],
)
def test_the_count_is_said_where_it_belongs(sentence: str, asked: str, turned: bool) -> None:
    plan = compile_rule(sentence)

    first = plan.questions[0]
    assert asked_as(plan, first).text == asked
    assert turned_round(plan, first) is turned


def test_only_the_first_question_is_counted() -> None:
    plan = compile_rule("two or more people and a dog")

    assert [asked_as(plan, question).text for question in plan.questions] == [
        "Does the picture show at least 2 people and a dog?",
        "Is a dog visible?",
    ]


def test_rules_that_differ_in_their_count_ask_different_questions() -> None:
    few, many, plain = (compile_rule(f"{words} people are visible") for words in ("more than 2", "more than 9", "any"))

    assert len(asked_questions([few, many, plain, few])) == 3


def test_a_question_of_an_odd_shape_gets_its_count_in_brackets() -> None:
    assert with_count("Who is there?", bound_of(Count(">", 2), "en"), "en") == "Who is there (more than 2)?"
