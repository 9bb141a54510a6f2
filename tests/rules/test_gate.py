"""The gate before the model closes only on proof."""

import random

import pytest

from rules.learning.gate import Watched, bar_of, events_needed, gateable, must_reopen
from rules.plan.compile import compile_rule


@pytest.mark.parametrize(("recall", "needed"), [(0.95, 59), (0.90, 29), (0.99, 299)])
def test_without_enough_events_nothing_may_be_skipped(recall: float, needed: int) -> None:
    scores = [0.9] * needed

    assert events_needed(recall=recall) == needed
    assert bar_of(scores[1:], recall=recall) is None
    assert bar_of(scores, recall=recall) == 0.9


def test_the_bar_is_the_smallest_score_where_the_events_just_suffice_and_rises_with_more() -> None:
    few = [index / 100 for index in range(59)]
    many = [index / 1000 for index in range(1000)]

    assert bar_of(few) == 0.0
    assert bar_of(many) == pytest.approx(0.038, abs=0.002)


def test_scores_that_are_no_numbers_prove_nothing() -> None:
    assert bar_of([float("nan")] * 100) is None
    assert bar_of([]) is None


def test_the_recall_holds_as_often_as_promised() -> None:
    draw = random.Random(7)
    violations = 0
    trials = 2000

    for _ in range(trials):
        bar = bar_of([draw.random() for _ in range(100)])
        # Scores are uniform: the share of all events below the bar is the bar itself.
        violations += bar is not None and bar > 0.05

    assert 0.01 < violations / trials < 0.065


def test_a_miss_that_chance_found_opens_the_gate_again() -> None:
    assert not must_reopen(Watched(caught=200))
    assert not must_reopen(Watched(caught=1000, missed=50.0))
    assert must_reopen(Watched(caught=900, missed=50.0))
    assert must_reopen(Watched(caught=0, missed=1.0))


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("somebody climbs the fence", True),
        ("a dog is on the lawn for 30 seconds", True),
        ("a person is on the roof in 3 of 5 frames", False),
        ("nobody is at the desk for 5 minutes", False),
        ("a worker without a helmet", False),
        ("fewer than 2 people are visible", False),
        ("a delivery arrives and nobody picks it up within 10 minutes", False),
    ],
)
def test_only_rules_that_wait_for_a_yes_may_be_gated(text: str, may: bool) -> None:
    plan = compile_rule(text)

    assert gateable(plan) is may, plan
