"""The machine against slow readings of all frames."""

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from rule_scenes import LETTERS, plan_of, spec_of
from slow_readings import RARE_S, Timeline, begins, held_since, is_over, seconds, spacing_s, timelines

from contracts.plan import Temporal
from rules.incidents.judge import Judgement, Truths
from rules.incidents.logic import Truth
from rules.incidents.machine import step, tick
from rules.incidents.state import MachineState, Observation, decode_state, encode_state

HOLD_S = 6.0
OPPOSITE = {"y": "n", "n": "y", "u": "u"}
JUDGED = {**LETTERS, "a": Judgement(Truths(Truth.NO, Truth.YES, Truth.YES, Truth.YES))}
Told = list[tuple[str, datetime]]
#: of the frames since the last incident ended, and how far apart looks are
Fulfilled = Callable[[Timeline, float], bool]


def replay(temporal: Temporal, observed: Timeline, *, cooldown_s: float | None = None) -> Told:
    """Through the machine, with every state written down and read back."""
    spec, state, changes = spec_of(plan_of(temporal, cooldown_s=cooldown_s)), MachineState(), []
    for at, letter in observed:
        state, more = step(spec, decode_state(encode_state(state)), Observation(at, JUDGED[letter]))
        changes += [(change.kind.value, change.at) for change in more]
    return changes


def naive(observed: Timeline, fulfilled: Fulfilled, *, cooldown_s: float = 0.0) -> Told:
    changes: Told = []
    begin, opened, sent_at = 0, 0, None
    for i, (at, _) in enumerate(observed):
        past = observed[: i + 1]
        if opened:
            if is_over(past, opened):
                changes.append(("ended", at))
                begin, opened = i + 1, 0
        elif fulfilled(past[begin:], spacing_s(past)) and (sent_at is None or seconds(sent_at, at) >= cooldown_s):
            changes.append(("opened", at))
            opened, sent_at = i + 1, at
    return changes


def held(past: Timeline, _spacing_s: float) -> bool:
    since = held_since(past) if past[-1][1] == "y" else None
    return since is not None and seconds(since, past[-1][0]) >= HOLD_S


def confirmed(past: Timeline, spacing: float) -> bool:
    """A sure yes; a half sure one where looks are rare; or two of the last three, one of them more than faint."""
    at, letter = past[-1]
    if letter == "y" or (letter == "a" and spacing >= RARE_S):
        return True
    latest = [look for look in past if look[1] != "u"][-3:]
    if letter in "nu" or len(latest) < 2:
        return False
    within_s = min(max(2.5, 1.5 * seconds(latest[-2][0], at)), 30.0)
    yes = [look[1] for look in latest if look[1] != "n" and seconds(look[0], at) <= within_s]
    return len(yes) >= 2 and any(each != "f" for each in yes)


def two_of_four(past: Timeline, _spacing_s: float) -> bool:
    latest = [letter for _, letter in past if letter != "u"][-4:]
    return past[-1][1] in "yw" and sum(letter in "yw" for letter in latest) >= 2


@given(timelines("yyyynnu"))
@settings(max_examples=300, deadline=None)
def test_sustained_agrees_with_a_walk_back_through_all_frames(observed: Timeline) -> None:
    assert replay(Temporal("sustained", seconds=HOLD_S), observed) == naive(observed, held)


@given(timelines("yyyynnu"))
@settings(max_examples=300, deadline=None)
def test_absent_is_sustained_of_the_opposite(observed: Timeline) -> None:
    opposite = [(at, OPPOSITE[letter]) for at, letter in observed]

    assert replay(Temporal("absent", seconds=HOLD_S), observed) == naive(opposite, held)


@given(timelines("yawffnnu"))
@settings(max_examples=300, deadline=None)
def test_instant_needs_a_sure_look_or_two_and_a_faint_one_keeps_it(observed: Timeline) -> None:
    assert replay(Temporal(), observed) == naive(observed, confirmed)


@given(timelines("ywfnnu"))
@settings(max_examples=200, deadline=None)
def test_k_of_n_counts_the_latest_frames_of_which_something_is_known(observed: Timeline) -> None:
    assert replay(Temporal("k_of_n", k=2, n=4), observed) == naive(observed, two_of_four)


@given(timelines("yyynnnu"))
@settings(max_examples=200, deadline=None)
def test_k_times_within_a_period_counts_beginnings(observed: Timeline) -> None:
    starts: list[datetime] = []
    changes: Told = []
    begin, opened = 0, 0
    for i, (at, _) in enumerate(observed):
        past = observed[: i + 1]
        starts += [at] if begins(past[begin:]) else []
        if opened and is_over(past, opened):
            changes.append(("ended", at))
            begin, opened = i + 1, 0
        elif not opened and begins(past[begin:]) and sum(seconds(start, at) <= 30.0 for start in starts) >= 2:
            changes.append(("opened", at))
            opened = i + 1

    assert replay(Temporal("k_of_n", k=2, within_s=30.0), observed) == changes


@given(timelines("yyynnnnu"), st.sampled_from([0.0, 5.0, 20.0, 60.0]))
@settings(max_examples=200, deadline=None)
def test_the_cooldown_counts_from_the_incident_that_was_sent(observed: Timeline, cooldown_s: float) -> None:
    told = replay(Temporal(), observed, cooldown_s=cooldown_s)

    assert told == naive(observed, confirmed, cooldown_s=cooldown_s)


@given(
    timelines("yyyynnu"),
    st.sampled_from(
        [Temporal(), Temporal("sustained", seconds=6), Temporal("absent", seconds=6), Temporal("k_of_n", k=2, n=4)]
    ),
    st.lists(st.tuples(st.integers(0, 39), st.floats(0.001, 59.0), st.sampled_from("yn")), max_size=10),
)
@settings(max_examples=200, deadline=None)
def test_late_frames_and_ticks_change_nothing(
    observed: Timeline, temporal: Temporal, late: list[tuple[int, float, str]]
) -> None:
    spec, state, changes = spec_of(plan_of(temporal)), MachineState(), []
    for i, (at, letter) in enumerate(observed):
        state, more = step(spec, state, Observation(at, JUDGED[letter]))
        changes += [(change.kind.value, change.at) for change in more]
        state, none = tick(spec, state, at)
        for _, behind_s, said in (each for each in late if each[0] == i):
            before = state
            state, more = step(spec, state, Observation(at - timedelta(seconds=behind_s), JUDGED[said]))
            assert (state, more) == (before, ())
        assert none == ()

    kinds = [kind for kind, _ in changes]
    assert changes == replay(temporal, observed)
    assert kinds == ["opened", "ended"] * (len(kinds) // 2) + ["opened"] * (len(kinds) % 2)
