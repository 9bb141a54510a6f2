import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_rules import simulate, simulate_feedback

from rules.learning.calibrate import (
    IDENTITY,
    MARGIN_MOST,
    SHARED_LABELS,
    SLOPE_LEAST,
    WEIGHT_RATIO_MOST,
    Label,
    Platt,
    Strength,
    apply,
    chance_of,
    fit,
    shared,
)
from rules.learning.reliability import brier_score, calibration_error, log_loss

MARGINS = st.floats(-200, 200)
LABELS = st.builds(Label, st.floats(), st.booleans(), st.floats() | st.floats(1, 1000))
PRIORS = st.builds(Platt, st.floats(SLOPE_LEAST, 3), st.floats(-5, 5))


def drawn(truth: Platt, number: int, *, seed: int = 1) -> list[Label]:
    """Margins of an engine whose honest chances are known."""
    random_numbers = random.Random(seed)
    margins = [random_numbers.gauss(0, 4) for _ in range(number)]
    return [Label(margin, random_numbers.random() < chance_of(apply(truth, margin))) for margin in margins]


def loss_of(platt: Platt, labels: list[Label]) -> float:
    chances = [chance_of(apply(platt, label.margin)) for label in labels]
    return log_loss(chances, [label.truth for label in labels])


@settings(deadline=None, max_examples=150)
@given(labels=st.lists(LABELS, max_size=30), prior=PRIORS)
def test_whatever_the_labels_the_fit_is_finite_and_rises_with_the_margin(labels: list[Label], prior: Platt) -> None:
    platt = fit(labels, prior)

    assert math.isfinite(platt.slope)
    assert math.isfinite(platt.offset)
    assert platt.slope >= SLOPE_LEAST
    assert apply(platt, 1.0) > apply(platt, -1.0)


@given(slope=st.floats(SLOPE_LEAST, 50), offset=st.floats(-50, 50), one=MARGINS, other=MARGINS)
def test_a_greater_margin_never_becomes_a_smaller_one(slope: float, offset: float, one: float, other: float) -> None:
    platt = Platt(slope, offset)

    assert (apply(platt, one) <= apply(platt, other)) == (one <= other) or apply(platt, one) == apply(platt, other)


def test_margins_without_bounds_become_numbers_and_what_is_no_number_stays_none() -> None:
    assert apply(Platt(2.0, 1.0), math.inf) == 2.0 * MARGIN_MOST + 1.0
    assert apply(Platt(2.0, 1.0), -math.inf) == -2.0 * MARGIN_MOST + 1.0
    assert math.isnan(apply(IDENTITY, math.nan))


@settings(deadline=None, max_examples=40)
@given(labels=st.lists(st.builds(Label, st.floats(-30, 30), st.booleans()), min_size=1, max_size=40), prior=PRIORS)
def test_no_point_nearby_fits_better(labels: list[Label], prior: Platt) -> None:
    strength = Strength(60.0, 1.5)
    found = fit(labels, prior, strength)

    def loss(slope: float, offset: float) -> float:
        pull = strength.slope * (slope - prior.slope) ** 2 + strength.offset * (offset - prior.offset) ** 2
        against = ((1 - 2 * label.truth) * (slope * label.margin + offset) for label in labels)
        return pull / 2 + sum(max(each, 0.0) + math.log1p(math.exp(-abs(each))) for each in against)

    best = loss(found.slope, found.offset)
    for slope, offset in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)):
        if found.slope + slope >= SLOPE_LEAST:
            assert best <= loss(found.slope + slope, found.offset + offset) + 1e-9


def test_many_labels_find_the_truth_and_beat_the_raw_margin() -> None:
    truth = Platt(0.4, -1.5)

    found = fit(drawn(truth, 3000))

    assert found.slope == pytest.approx(truth.slope, abs=0.05)
    assert found.offset == pytest.approx(truth.offset, abs=0.15)
    tested = drawn(truth, 3000, seed=2)
    assert loss_of(found, tested) < loss_of(IDENTITY, tested)


def test_few_labels_stay_near_the_prior_and_more_go_further() -> None:
    prior, labels = Platt(0.4, -2.0), drawn(Platt(0.8, 1.0), 100)

    fits = [fit(labels[:number], prior) for number in (1, 10, 100)]
    distances = [math.dist((found.slope, found.offset), (0.4, -2.0)) for found in fits]

    assert distances == sorted(distances)
    assert distances[0] < 0.5


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param([Label(margin, margin > 0) for margin in (-90.0, -1e-9, 1e-9, 90.0)] * 50, id="separable"),
        pytest.param([Label(5.0, True)] * 500, id="one truth, one margin"),
        pytest.param([Label(margin, False) for margin in (-50.0, 50.0)] * 200, id="always no"),
        pytest.param([Label(margin, margin < 0) for margin in (-40.0, -10.0, 10.0, 40.0)] * 100, id="turned round"),
        pytest.param([Label(MARGIN_MOST, False, 1e300), Label(-MARGIN_MOST, True, 1e300)], id="heavy"),
    ],
)
@pytest.mark.parametrize("strength", [Strength(60.0, 1.5), Strength(1e-6, 1e-6)])
def test_hard_labels_converge(labels: list[Label], strength: Strength) -> None:
    found = fit(labels, Platt(8.0, 20.0), strength)

    assert SLOPE_LEAST <= found.slope < 1e6
    assert math.isfinite(found.offset)
    assert loss_of(found, labels) <= loss_of(Platt(8.0, 20.0), labels) + 1e-9


def test_labels_that_are_no_numbers_or_weigh_nothing_are_left_out() -> None:
    good = drawn(Platt(0.5, -1.0), 40)
    bad = [
        Label(math.nan, True),
        Label(math.inf, True),
        Label(1.0, True, 0.0),
        Label(1.0, False, -1.0),
        Label(1.0, False, math.inf),
    ]

    assert fit([*good, *bad]) == fit(good)
    assert fit(bad, Platt(0.5, -1.0)) == Platt(0.5, -1.0, 0)


def test_only_the_proportion_of_weights_counts_and_one_heavy_label_is_one_label() -> None:
    labels = [Label(each.margin, each.truth, 100.0) for each in drawn(Platt(0.5, -1.0), 50)]

    light = fit([Label(each.margin, each.truth) for each in labels])

    assert (fit(labels).slope, fit(labels).offset) == pytest.approx((light.slope, light.offset))
    assert fit([Label(-2.0, True, 100.0)]).offset == pytest.approx(fit([Label(-2.0, True)]).offset)


def test_audited_frames_outweigh_alarms_within_bounds() -> None:
    alarms = [Label(6.0, True)] * 30
    audits = [Label(-1.0, False)] * 30

    even = fit(alarms + audits)
    weighted = fit(alarms + [Label(each.margin, each.truth, 100.0) for each in audits])

    assert weighted.offset < even.offset
    assert weighted == fit(alarms + [Label(each.margin, each.truth, WEIGHT_RATIO_MOST) for each in audits])


def test_what_all_rules_share_is_believed_only_with_enough_labels_rules_and_both_truths() -> None:
    enough = {rule: drawn(Platt(0.4, -2.0), SHARED_LABELS, seed=rule) for rule in range(4)}
    one_sided = {rule: [Label(each.margin, True) for each in labels] for rule, labels in enough.items()}

    assert shared(enough).slope == pytest.approx(0.4, abs=0.2)
    assert shared({0: enough[0] * 9}) == IDENTITY
    assert shared({rule: labels[:3] for rule, labels in enough.items()}) == IDENTITY
    assert shared(one_sided) == IDENTITY


def test_a_rule_with_thousands_of_labels_does_not_speak_for_all() -> None:
    few = {rule: drawn(Platt(0.4, -2.0), 100, seed=rule) for rule in range(3)}

    common = shared(few | {9: drawn(Platt(0.4, 3.0), 6000)})

    assert common.offset < 0.5


@pytest.fixture(scope="module")
def simulated() -> dict[int, dict[str, tuple[float, float]]]:
    return {
        number: {method: (found.ece, found.nll) for method, found in simulate(number).items()}
        for number in (10, 30, 300)
    }


def test_the_prior_saves_rules_with_few_labels(simulated: dict[int, dict[str, tuple[float, float]]]) -> None:
    for number in (10, 30):
        at = simulated[number]
        assert at["map"][1] < at["shared"][1] < at["alone"][1]
        assert at["map"][0] < at["shared"][0] < at["alone"][0] < at["raw"][0]
    assert simulated[10]["alone"][1] > simulated[10]["raw"][1]


def test_with_many_labels_the_prior_costs_nothing(simulated: dict[int, dict[str, tuple[float, float]]]) -> None:
    at = simulated[300]

    assert at["map"][1] < at["alone"][1] + 0.002 < at["shared"][1] < at["raw"][1]


def test_alarms_that_a_person_judged_mend_all_frames_and_weighing_audits_costs_next_to_nothing() -> None:
    found = simulate_feedback()

    assert found["alarms"].nll < found["raw"].nll / 2
    assert found["weighted"].nll < found["unweighted"].nll + 0.005


def test_reliability_of_known_forecasts() -> None:
    chances, truths = [0.9, 0.9, 0.1, 0.1], [True, False, False, False]

    assert calibration_error(chances, truths) == pytest.approx((2 * 0.4 + 2 * 0.1) / 4)
    assert brier_score(chances, truths) == pytest.approx((0.01 + 0.81 + 0.01 + 0.01) / 4)
    assert log_loss(chances, truths) == pytest.approx(-(3 * math.log(0.9) + math.log(0.1)) / 4)
    assert math.isfinite(log_loss([0.0, 1.0], [True, False]))
    assert (calibration_error([], []), brier_score([], []), log_loss([], [])) == (0.0, 0.0, 0.0)
    assert calibration_error([1.0, 0.0], [True, False]) == 0.0
