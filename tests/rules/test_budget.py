import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.learning.budget import GRID, Graded, Watched, gamma_part, gamma_quantile, suggest, upper_bound

FOUR_WEEKS = Watched(4.0, GRID[0])


@pytest.mark.parametrize(
    ("count", "bound"),
    [(0, 2.302585), (1, 3.889720), (2, 5.322320), (5, 9.274674), (10, 15.406641)],  # tables of the Poisson distribution
)
def test_the_bound_of_a_plain_count_is_the_exact_one_of_poisson(count: int, bound: float) -> None:
    assert upper_bound([1.0] * count, 1.0) == pytest.approx(bound, abs=1e-4)


@given(shape=st.floats(1.0, 400.0), part=st.floats(0.01, 0.99))
def test_a_quantile_is_where_the_part_lies_below(shape: float, part: float) -> None:
    assert gamma_part(gamma_quantile(part, shape), shape) == pytest.approx(part, abs=1e-9)


def test_the_exponential_and_the_tails_are_right() -> None:
    assert gamma_part(1.5, 1.0) == pytest.approx(1.0 - math.exp(-1.5))
    assert gamma_part(0.0, 3.0) == 0.0
    assert gamma_part(1e6, 3.0) == 1.0


def test_the_lowest_threshold_within_the_budget_is_found_and_says_what_it_costs() -> None:
    graded = [Graded(0.55, False)] * 12 + [Graded(0.72, False)] * 2
    graded += [Graded(0.90, True)] * 8 + [Graded(0.60, True)] * 2

    found = suggest(graded, FOUR_WEEKS, budget_per_week=2.0)

    assert found.threshold == 0.56
    assert found.expected_false_per_week == 0.5
    assert found.at_most_false_per_week == pytest.approx(5.322320 / 4, abs=1e-4)
    assert found.expected_recall == 1.0
    assert (found.labels, found.false_labels) == (24, 14)


def test_a_tighter_budget_costs_recall() -> None:
    graded = [Graded(0.72, False)] * 6 + [Graded(0.90, True)] * 8 + [Graded(0.60, True)] * 2

    found = suggest(graded, FOUR_WEEKS, budget_per_week=1.0)

    assert (found.threshold, found.expected_recall, found.expected_false_per_week) == (0.73, 0.8, 0.0)


def test_below_what_was_ever_told_nothing_is_suggested() -> None:
    assert suggest([Graded(0.9, True)], Watched(4.0, 0.5), budget_per_week=2.0).threshold == 0.5


def test_too_short_a_time_proves_nothing_and_says_how_long_it_takes() -> None:
    found = suggest([Graded(0.9, True)], Watched(0.5, GRID[0]), budget_per_week=2.0)

    assert found.threshold is None
    assert "3.5 of 8.1 days" in found.reason


def test_where_wrong_looks_as_sure_as_right_there_is_no_threshold() -> None:
    found = suggest([Graded(0.95, False)] * 30, FOUR_WEEKS, budget_per_week=2.0)

    assert (found.threshold, "as sure as" in found.reason) == (None, True)
    assert suggest([], FOUR_WEEKS, budget_per_week=2.0).threshold is None


def test_below_what_was_told_only_silent_frames_speak_and_each_for_all_that_chance_passed_by() -> None:
    watched = Watched(100.0, 0.5)
    right, wrong = Graded(0.9, True), Graded(0.3, False, weight=50.0, silent=True)

    unheard = suggest([right], watched, budget_per_week=2.0)
    heard = suggest([right, wrong], watched, budget_per_week=2.0)
    hardly_heard = suggest([right, wrong], Watched(4.0, 0.5), budget_per_week=2.0)

    assert unheard.threshold == 0.5
    assert (heard.threshold, heard.expected_false_per_week) == (0.05, 0.5)
    assert hardly_heard.threshold == 0.5


def test_the_budget_is_kept_as_often_as_promised() -> None:
    """False alarms at a true rate are drawn again and again: the bound lies below the truth in a tenth at most."""
    draw, rate, weeks, broken = random.Random(7), 1.7, 4.0, 0
    for _ in range(2000):
        count, passed = 0, draw.expovariate(rate)
        while passed < weeks:
            count, passed = count + 1, passed + draw.expovariate(rate)
        broken += upper_bound([1.0] * count, 1.0) / weeks < rate

    assert broken / 2000 <= 0.115
