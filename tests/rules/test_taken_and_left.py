"""What somebody leaves or takes away is an event of the tracks; how long "unattended" is where no time is named."""

import pytest

from contracts.plan import Predicate
from rules.plan.compile import compile_rule


def predicates(text: str) -> list[Predicate | None]:
    return [question.predicate for question in compile_rule(text, zones=("loading bay", "通道")).questions]


@pytest.mark.parametrize(
    "text",
    [
        "something is removed",
        "something is taken away from the loading bay",
        "an object has been removed",
        "有人把箱子搬走",
    ],
)
def test_of_something_that_is_taken_away_the_taking_is_told_and_not_its_absence(text: str) -> None:
    plan = compile_rule(text, zones=("loading bay",))

    assert plan.temporal.kind == "instant"
    assert [each.predicate and each.predicate.kind for each in plan.questions] == ["removed"]


def test_a_thing_with_a_name_that_is_gone_is_absent() -> None:
    plan = compile_rule("the suitcase has gone")

    assert plan.temporal.kind == "absent"
    assert plan.questions[0].text == "Is the suitcase visible?"


def test_with_nobody_in_the_whole_picture_a_bag_need_not_stand_alone_as_long() -> None:
    alone, unseen = (
        predicates("a bag is left unattended"),
        predicates("a bag is left unattended with nobody in the picture"),
    )

    assert alone[0] is not None and unseen[0] is not None
    assert (alone[0].kind, unseen[0].kind) == ("left", "left")
    assert (unseen[0].seconds or 0) < 4.4 < (alone[0].seconds or 0)


def test_a_named_time_wins() -> None:
    (predicate,) = predicates("包无人看管超过5秒")

    assert predicate is not None and (predicate.kind, predicate.seconds) == ("left", 5.0)


def test_a_place_that_is_no_zone_is_not_refused_and_the_edge_engine_says_what_it_lacks() -> None:
    plan = compile_rule("a person is walking on the grass")

    assert plan.status == "ok"
    assert [(each.engine, each.ok) for each in plan.answerable] == [("edge", False), ("vlm", True)]
    assert "draw a zone" in (plan.answerable[0].reason or "")


def test_who_rides_is_one_question_where_only_a_reader_can_answer() -> None:
    assert len(compile_rule("cyclist without a helmet").questions) == 2
    assert len(compile_rule("a person is riding a bicycle").questions) == 2
