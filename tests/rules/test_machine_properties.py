from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from rule_scenes import LETTERS, NOON, plan_of, spec_of

from contracts.plan import Temporal
from rules.machine import step
from rules.state import MachineState, Observation, decode_state, encode_state

HOLD_S, FLICKER_S, BRIDGE_S, LEAVE_S = 6.0, 1.5, 10.0, 2.0
OPPOSITE = {"y": "n", "n": "y", "u": "u"}

frames = st.lists(
    st.tuples(st.sampled_from([0.5, 0.5, 0.5, 1.0, 1.5, 4.0, 11.0]), st.sampled_from("yyyynnu")),
    min_size=1,
    max_size=60,
)
Timeline = list[tuple[datetime, str]]


def timeline(drawn: list[tuple[float, str]]) -> Timeline:
    now, made = NOON, []
    for gap_s, letter in drawn:
        now += timedelta(seconds=gap_s)
        made.append((now, letter))
    return made


def replay(temporal: Temporal, observed: Timeline) -> list[tuple[str, datetime]]:
    """Through the machine, with every state written down and read back."""
    spec, state, changes = spec_of(plan_of(temporal)), MachineState(), []
    for at, letter in observed:
        state, more = step(spec, decode_state(encode_state(state)), Observation(at, LETTERS[letter]))
        changes += [(change.kind.value, change.at) for change in more]
    return changes


def held_since(observed: Timeline) -> datetime | None:
    """Walks back from the last frame, a yes, to the first yes from which nothing broke the stretch."""
    since: datetime | None = None
    yes_at: datetime | None = None
    i = len(observed) - 1
    while i >= 0:
        at, letter = observed[i]
        if letter == "y":
            if yes_at is not None and (yes_at - at).total_seconds() > BRIDGE_S:
                break
            since = yes_at = at
        if letter == "n":
            run_end = observed[i + 1][0] if i + 1 < len(observed) else at
            while i > 0 and observed[i - 1][1] == "n":
                i -= 1
            if (run_end - observed[i][0]).total_seconds() >= FLICKER_S:
                break
        i -= 1
    return since


def naive(observed: Timeline, *, hold_s: float) -> list[tuple[str, datetime]]:
    changes: list[tuple[str, datetime]] = []
    begin, opened, noes = 0, False, []
    for i, (at, letter) in enumerate(observed):
        if opened:
            noes = [] if letter == "y" else [*noes, at] if letter == "n" else noes
            if letter == "n" and len(noes) >= 2 and (at - noes[0]).total_seconds() >= LEAVE_S:
                changes.append(("ended", at))
                begin, opened, noes = i + 1, False, []
        elif letter == "y":
            since = held_since(observed[begin : i + 1])
            if since is not None and (at - since).total_seconds() >= hold_s:
                changes.append(("opened", at))
                opened = True
    return changes


@given(frames)
@settings(max_examples=300, deadline=None)
def test_sustained_agrees_with_a_walk_back_through_all_frames(drawn: list[tuple[float, str]]) -> None:
    observed = timeline(drawn)

    assert replay(Temporal("sustained", seconds=HOLD_S), observed) == naive(observed, hold_s=HOLD_S)


@given(frames)
@settings(max_examples=300, deadline=None)
def test_absent_is_sustained_of_the_opposite(drawn: list[tuple[float, str]]) -> None:
    observed = timeline(drawn)
    opposite = [(at, OPPOSITE[letter]) for at, letter in observed]

    assert replay(Temporal("absent", seconds=HOLD_S), observed) == naive(opposite, hold_s=HOLD_S)


@given(frames)
@settings(max_examples=300, deadline=None)
def test_instant_of_sure_answers_opens_at_the_first_yes(drawn: list[tuple[float, str]]) -> None:
    observed = timeline(drawn)

    assert replay(Temporal(), observed) == naive(observed, hold_s=0.0)


@given(
    frames,
    st.sampled_from(
        [Temporal(), Temporal("sustained", seconds=6), Temporal("absent", seconds=6), Temporal("k_of_n", k=2, n=4)]
    ),
)
@settings(max_examples=200, deadline=None)
def test_opened_and_ended_take_turns(drawn: list[tuple[float, str]], temporal: Temporal) -> None:
    kinds = [kind for kind, _ in replay(temporal, timeline(drawn))]

    assert kinds == ["opened", "ended"] * (len(kinds) // 2) + ["opened"] * (len(kinds) % 2)
