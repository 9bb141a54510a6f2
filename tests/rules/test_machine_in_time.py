"""Sequences, and windows over nights on which the clocks change, against slow readings."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from rule_scenes import NO, UNKNOWN, YES, plan_of, spec_of, sure
from slow_readings import Timeline, begins, is_over, seconds, timelines

from contracts.plan import WEEK, Temporal, Window
from rules.incidents.judge import Judgement
from rules.incidents.logic import Truth
from rules.incidents.machine import step, tick
from rules.incidents.state import MachineState, Observation

WITHIN_S = 12.0
TRUTHS = {"y": Truth.YES, "n": Truth.NO, "u": Truth.UNKNOWN}
Told = list[tuple[str, datetime]]
#: the first letter of A, the second of B
pairs = timelines("yynnnu").flatmap(
    lambda line: st.tuples(st.just(line), st.text("ynnu", min_size=len(line), max_size=len(line)))
)


def judged(first: str, second: str) -> Judgement:
    return Judgement(sure(TRUTHS[first]), sure(TRUTHS[second]))


@given(pairs)
@settings(max_examples=150, deadline=None)
def test_b_that_begins_within_the_time_of_a_beginning_of_a_opens(drawn: tuple[Timeline, str]) -> None:
    observed, letters = drawn
    then = [(at, letter) for (at, _), letter in zip(observed, letters, strict=True)]
    spec = spec_of(plan_of(Temporal("sequence", within_s=WITHIN_S), logic="q1 and q2"))

    state, told = MachineState(), []
    for (at, first), second in zip(observed, letters, strict=True):
        state, changes = step(spec, state, Observation(at, judged(first, second)))
        told += [(change.kind.value, change.at) for change in changes]

    assert told == follows(observed, then)


def follows(first: Timeline, then: Timeline) -> Told:
    told: Told = []
    looks = [(at, "u" if a == b == "u" else "k") for (at, a), (_, b) in zip(first, then, strict=True)]
    begin, opened, waiting = 0, 0, None
    for i, (at, _) in enumerate(first):
        followed = waiting is not None and begins(then[: i + 1]) and seconds(waiting, at) <= WITHIN_S
        waiting = None if followed else waiting
        waiting = at if begins(first[begin : i + 1]) else waiting
        if opened and is_over(then[: i + 1], opened, looks=looks[: i + 1]):
            told.append(("ended", at))
            begin, opened = i + 1, 0
        elif not opened and followed:
            told.append(("opened", at))
            opened = i + 1
    return told


@given(pairs, st.lists(st.floats(0.0, 60.0), max_size=20))
@settings(max_examples=150, deadline=None)
def test_b_that_fails_to_follow_is_told_when_the_time_is_over_if_one_could_see(
    drawn: tuple[Timeline, str], ticks: list[float]
) -> None:
    observed, letters = drawn
    spec = spec_of(plan_of(Temporal("sequence", within_s=WITHIN_S), logic="q1 and not q2", negated=True))
    frames = [(at, first + second) for (at, first), second in zip(observed, letters, strict=True)]
    moments = sorted([*frames, *((observed[0][0] + timedelta(seconds=after_s), "") for after_s in ticks)])

    state, told = MachineState(), []
    for at, said in moments:
        if said:
            state, changes = step(spec, state, Observation(at, judged(*said)))
        else:
            state, changes = tick(spec, state, at)
        told += [change.at for change in changes if change.kind == "opened"]

    assert told[:1] == missing(moments)[:1]


def missing(moments: Timeline) -> list[datetime]:
    waiting, seen = None, False
    for i, (at, said) in enumerate(moments):
        if waiting is not None and seconds(waiting, at) >= WITHIN_S:
            if seen:
                return [at]
            waiting = None
        if not said:
            continue
        seen = seen or (waiting is not None and said[1] != "u")
        if waiting is not None and said[1] == "y":
            waiting = None
        if begins([(when, one[0]) for when, one in moments[: i + 1] if one]):
            waiting, seen = at, False
    return []


@given(
    st.sampled_from([datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)]),
    st.sampled_from([("22:00", "06:00"), ("01:30", "02:30"), ("02:00", "03:00"), ("08:00", "20:00")]),
    st.sets(st.sampled_from(WEEK), min_size=1),
    st.lists(st.tuples(st.integers(1, 90), st.sampled_from("ynut")), min_size=1, max_size=60),
)
@settings(max_examples=150, deadline=None)
def test_nothing_opens_or_stays_open_outside_the_hours_on_the_wall(
    begin: datetime, hours: tuple[str, str], days: set[str], minutes: list[tuple[int, str]]
) -> None:
    window = Window(tuple(day for day in WEEK if day in days), *hours)
    spec = spec_of(plan_of(window=(window,)), timezone="Europe/Berlin")
    said = {"y": YES, "n": NO, "u": UNKNOWN}

    state, at = MachineState(), begin
    for after_min, letter in minutes:
        at += timedelta(minutes=after_min)
        before = state.open
        state, _ = tick(spec, state, at) if letter == "t" else step(spec, state, Observation(at, said[letter]))
        if not on_the_wall(window, at):
            assert state.open is None
        elif letter == "y" and before is None:
            assert state.open is not None


def on_the_wall(window: Window, at: datetime) -> bool:
    """By the minute that a clock on a wall in Berlin shows; a night belongs to the day on which it begins."""
    shown = at.astimezone(ZoneInfo("Europe/Berlin"))
    clock, today, yesterday = shown.strftime("%H:%M"), WEEK[shown.weekday()], WEEK[shown.weekday() - 1]
    if window.start < window.end:
        return today in window.days and window.start <= clock < window.end
    return (today in window.days and clock >= window.start) or (yesterday in window.days and clock < window.end)
