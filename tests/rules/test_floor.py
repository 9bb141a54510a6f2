"""The raw margin from which an answer may make a rule fire, whatever its threshold and its scaling."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages import Answer
from contracts.site import FLOOR
from rules.asking.asked import asked_key
from rules.asking.questions import asked_questions
from rules.incidents.judge import judge
from rules.incidents.logic import Truth
from rules.incidents.spec import spec_for
from rules.learning.calibrate import IDENTITY, SLOPE_LEAST, Label, Platt, apply, chance_of, fit, inverse
from rules.learning.floor import Asking, floor_of, floored
from rules.plan.compile import compile_rule

CLIMBS = compile_rule("someone climbs the fence")
KEY = asked_key(CLIMBS, CLIMBS.questions[0])


def test_without_labels_and_with_the_default_threshold_the_floor_is_the_one_that_is_not_published() -> None:
    assert floor_of(None) == FLOOR == floor_of(0.5)


def test_no_threshold_is_too_low_for_a_floor() -> None:
    assert floor_of(0.0) <= floor_of(1e-6) < floor_of(0.1) < FLOOR < floor_of(1.0)


def test_a_model_that_leans_to_no_has_its_floor_below_what_its_labels_make_a_yes() -> None:
    """Margins of real events lie about -2, and a chance of more than a half is made of -1.6."""
    labels = [Label(-1.6 + 0.1 * (n % 7), True) for n in range(300)] + [Label(-5.0, False)] * 300
    leaning = fit(labels)

    floor = floor_of(None, [leaning])

    assert chance_of(apply(leaning, -1.6)) > 0.69
    assert floor < -1.6 < FLOOR


def stays(threshold: float, margin: float) -> Truth:
    spec = spec_for(CLIMBS, rule_id="rul_1", version=1, threshold=threshold)
    return judge(spec, {KEY: Answer(KEY, margin=margin)}).main.stay


@given(
    threshold=st.floats(0.01, 0.99),
    scalings=st.lists(st.builds(Platt, st.floats(SLOPE_LEAST, 5.0), st.floats(-8.0, 8.0)), max_size=3),
    below=st.floats(0.001, 50.0),
)
def test_below_the_floor_no_rule_fires_by_any_of_its_scalings(
    threshold: float, scalings: list[Platt], below: float
) -> None:
    margin = max(floor_of(threshold, scalings), -1000.0) - below

    judged = {stays(threshold, apply(platt, margin)) for platt in (IDENTITY, *scalings)}

    assert judged == {Truth.NO} or floor_of(threshold, scalings) == -math.inf


@pytest.mark.parametrize("platt", [IDENTITY, Platt(0.3, 2.0), Platt(4.0, -3.0)])
def test_the_inverse_finds_the_margin_again(platt: Platt) -> None:
    assert inverse(platt, apply(platt, -1.7)) == pytest.approx(-1.7)


def test_where_every_margin_or_none_becomes_so_much_the_inverse_has_no_end() -> None:
    assert inverse(Platt(SLOPE_LEAST, 8.0), 0.0) == -math.inf
    assert inverse(Platt(SLOPE_LEAST, -8.0), 0.0) == math.inf


def test_a_question_of_several_rules_has_the_lowest_floor_of_them_and_others_keep_theirs() -> None:
    falls = compile_rule("someone falls")
    asked = asked_questions([CLIMBS, falls])

    given_floors = floored(
        asked, [Asking(CLIMBS, 0.9), Asking(CLIMBS, 0.1), Asking(CLIMBS, None, {KEY: [Platt(1.0, 4.0)]}), Asking(falls)]
    )

    assert [each.floor for each in given_floors] == pytest.approx([FLOOR - 4.0, FLOOR])
