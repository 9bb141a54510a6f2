from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_scenes import LETTERS, NOON, plan_of, spec_of

from contracts.messages import Answer, Detection
from contracts.plan import Temporal, Window
from rules.asking.asked import asked_key
from rules.incidents.decision import Decision, Outcome, asked_of, decision_of
from rules.incidents.judge import judge
from rules.incidents.machine import step
from rules.incidents.spec import RuleSpec
from rules.incidents.state import ChangeKind, MachineState, Observation

TEMPORALS = [
    Temporal(),
    Temporal("sustained", seconds=6),
    Temporal("absent", seconds=6),
    Temporal("k_of_n", k=2, n=4),
]
frames = st.lists(
    st.tuples(st.sampled_from([0.5, 1.0, 1.5, 4.0, 11.0]), st.sampled_from("yyyynnu")), min_size=1, max_size=40
)


def decisions(spec: RuleSpec, drawn: str | list[tuple[float, str]], *, is_snoozed: bool = False) -> list[Decision]:
    """Half a second between frames, where nothing else is said."""
    state, now, made = MachineState(), NOON, []
    for gap_s, letter in [(0.5, each) if isinstance(each, str) else each for each in drawn]:
        now += timedelta(seconds=gap_s)
        seen = Observation(now, LETTERS[letter])
        before = state
        state, changes = step(spec, before, seen)
        made.append(decision_of(spec, asked_of(spec), before, state, seen, changes, is_snoozed=is_snoozed))
    return made


def outcomes(spec: RuleSpec, drawn: str) -> list[str]:
    return [each.outcome.value for each in decisions(spec, drawn)]


def test_a_rule_that_has_to_last_says_since_when_it_does() -> None:
    made = decisions(spec_of(plan_of(Temporal("sustained", seconds=2))), "nyyyyy")

    assert [each.outcome for each in made[:2]] == [Outcome.BELOW_THRESHOLD, Outcome.HOLDING]
    assert (made[1].since, made[1].needed_s) == (NOON + timedelta(seconds=1), 2.0)
    assert made[-1].outcome is Outcome.OPENED


def test_in_its_cooldown_a_rule_says_when_it_told_of_the_last_one() -> None:
    spec = replace(spec_of(plan_of()), cooldown_s=600.0)

    made = decisions(spec, "yy" + "n" * 6 + "yy")

    opened = next(i for i, each in enumerate(made) if each.outcome is Outcome.OPENED)
    assert made[-1].outcome is Outcome.COOLDOWN
    assert (made[-1].since, made[-1].needed_s) == (NOON + timedelta(seconds=0.5 * (opened + 1)), 600.0)


def test_a_rule_that_wants_it_several_times_says_how_often_it_was() -> None:
    made = decisions(spec_of(plan_of(Temporal("k_of_n", k=3, n=5))), "yny")

    assert [(each.outcome, each.so_far, each.needed) for each in made[::2]] == [
        (Outcome.COUNTING, 1, 3),
        (Outcome.COUNTING, 2, 3),
    ]


def test_outside_its_hours_a_rule_says_so() -> None:
    night = Window(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "22:00", "06:00")

    assert outcomes(spec_of(plan_of(window=(night,))), "y") == ["outside_window"]


def test_a_snoozed_rule_says_so_where_it_would_have_opened() -> None:
    spec = spec_of(plan_of(Temporal("sustained", seconds=1)))
    state = MachineState()
    for i in range(4):
        before, seen = state, Observation(NOON + timedelta(seconds=i), LETTERS["y"])
        state, _ = step(spec, before, seen)
        if state.open is not None:
            state = before

    made = decision_of(spec, asked_of(spec), before, state, seen, (), is_snoozed=True)

    assert made.outcome is Outcome.SNOOZED


def test_a_frame_older_than_the_last_one_is_out_of_order() -> None:
    spec = spec_of(plan_of())
    state, _ = step(spec, MachineState(), Observation(NOON, LETTERS["n"]))
    older = Observation(NOON - timedelta(seconds=5), LETTERS["y"])

    after, changes = step(spec, state, older)

    assert decision_of(spec, asked_of(spec), state, after, older, changes).outcome is Outcome.OUT_OF_ORDER


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda key: Answer(key, margin=-0.8), (Outcome.BELOW_THRESHOLD, 31, 50, "")),
        (
            lambda key: Answer(key, 0.0, count=1, detections=(Detection("person", 0.31, (0.1, 0.1, 0.2, 0.2)),)),
            (Outcome.BELOW_THRESHOLD, 31, 35, ""),
        ),
        (
            lambda key: Answer(key, unknown_reason="the model is away"),
            (Outcome.UNKNOWN, None, None, "the model is away"),
        ),
        (lambda key: Answer("q_other", margin=2.0), (Outcome.NOT_EVALUATED, None, None, "")),
    ],
    ids=["a chance", "a detection", "unknown", "not asked"],
)
def test_a_score_is_held_against_what_it_has_to_reach(answer: object, expected: tuple[object, ...]) -> None:
    spec = spec_of(plan_of())
    given = answer(asked_key(spec.plan, spec.plan.questions[0]))  # type: ignore[operator]
    answers = {given.question_key: given}
    seen = Observation(NOON, judge(spec, answers), (1, 1))
    after, changes = step(spec, MachineState(), seen)

    made = decision_of(spec, asked_of(spec), MachineState(), after, seen, changes, answers)

    score = None if made.score is None else int(made.score * 100)
    assert (made.outcome, score, made.bar and round(made.bar * 100), made.why) == expected


@given(frames, st.sampled_from(TEMPORALS), st.sampled_from([0.0, 20.0]))
@settings(max_examples=200, deadline=None)
def test_what_is_said_is_what_the_machine_did(
    drawn: list[tuple[float, str]], temporal: Temporal, cooldown_s: float
) -> None:
    spec = replace(spec_of(plan_of(temporal)), cooldown_s=cooldown_s)
    state, now, opened_at = MachineState(), NOON, NOON
    for gap_s, letter in drawn:
        now += timedelta(seconds=gap_s)
        before, seen = state, Observation(now, LETTERS[letter])
        state, changes = step(spec, before, seen)

        made = decision_of(spec, asked_of(spec), before, state, seen, changes)

        kinds = {change.kind for change in changes}
        assert (made.outcome is Outcome.OPENED) == (ChangeKind.OPENED in kinds)
        assert (made.outcome is Outcome.STILL_OPEN) == (state.open is not None and not changes)
        if made.outcome is Outcome.COOLDOWN:
            assert made.since == opened_at and now - opened_at < timedelta(seconds=cooldown_s)
        if ChangeKind.OPENED in kinds:
            opened_at = now
