"""Rider and ridden in one picture."""

import pytest
from rule_scenes import answers_to, plan_of, spec_of

from contracts.messages import Box, Detection
from contracts.plan import Predicate, Question
from rules.incidents.judge import judge
from rules.incidents.logic import Truth
from rules.tracks.riding import paired

BICYCLE = Question("q1", "Is a bicycle visible?", Predicate("objects", ("bicycle",)))
WHEELS: Box = (0.40, 0.50, 0.60, 0.80)
RIDER: Box = (0.45, 0.30, 0.55, 0.70)


def scores(*seen: Detection) -> list[float]:
    return [each.paired for each in paired(seen)]


def test_a_person_on_a_bicycle_speaks_for_it_and_it_for_the_person() -> None:
    assert scores(Detection("bicycle", 0.3, WHEELS), Detection("person", 0.5, RIDER)) == [0.5, 0.3]
    assert scores(Detection("person", 0.4, RIDER), Detection("motorcycle", 0.6, WHEELS)) == [0.6, 0.4]


@pytest.mark.parametrize(
    "elsewhere",
    [(0.70, 0.30, 0.80, 0.70), (0.55, 0.20, 0.75, 0.60), (0.45, 0.60, 0.55, 0.95)],
    ids=["apart", "beside it", "in front of it"],
)
def test_who_does_not_sit_on_it_says_nothing(elsewhere: Box) -> None:
    assert scores(Detection("bicycle", 0.3, WHEELS), Detection("person", 0.9, elsewhere)) == [0.0, 0.0]


def test_of_several_riders_the_plainest_speaks_and_other_things_never_do() -> None:
    seen = (
        Detection("bicycle", 0.3, WHEELS),
        Detection("person", 0.4, RIDER),
        Detection("person", 0.7, RIDER),
        Detection("dog", 0.9, RIDER),
    )

    assert scores(*seen) == [0.7, 0.3, 0.3, 0.0]


def test_a_faint_bicycle_with_its_rider_is_believed_at_once_and_one_alone_is_not() -> None:
    ridden, alone = Detection("bicycle", 0.3, WHEELS, paired=0.3), Detection("bicycle", 0.3, WHEELS)

    believed = judge(spec_of(plan_of(questions=(BICYCLE,))), answers_to(BICYCLE, ridden)).main
    doubted = judge(spec_of(plan_of(questions=(BICYCLE,))), answers_to(BICYCLE, alone)).main

    assert (believed.at_once, believed.enter) == (Truth.YES, Truth.YES)
    assert (doubted.at_once, doubted.enter, doubted.stay) == (Truth.NO, Truth.NO, Truth.YES)


def test_a_strict_rule_asks_more_of_both() -> None:
    strict = spec_of(plan_of(questions=(BICYCLE,)), threshold=0.8)

    faint = judge(strict, answers_to(BICYCLE, Detection("bicycle", 0.3, WHEELS, paired=0.9)))
    plain = judge(strict, answers_to(BICYCLE, Detection("bicycle", 0.45, WHEELS, paired=0.9)))

    assert (faint.main.at_once, plain.main.at_once) == (Truth.NO, Truth.YES)
