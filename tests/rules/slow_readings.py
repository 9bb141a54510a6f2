"""What the machine remembers in a few fields, read anew from all frames: slow, and plain to check by eye."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import strategies as st
from rule_scenes import NOON

FLICKER_S, BRIDGE_S, LEAVE_S, RARE_S = 1.5, 10.0, 2.0, 1.5
#: when, and what a frame said, as in rule_scenes.LETTERS
Timeline = list[tuple[datetime, str]]
GAPS_S = [0.5, 0.5, 0.5, 1.0, 1.5, 2.0, 4.0, 5.0, 11.0]


def timelines(letters: str, *, most: int = 40) -> st.SearchStrategy[Timeline]:
    frames = st.lists(st.tuples(st.sampled_from(GAPS_S), st.sampled_from(letters)), min_size=1, max_size=most)
    return frames.map(_timeline)


def _timeline(frames: list[tuple[float, str]]) -> Timeline:
    now, made = NOON, []
    for gap_s, letter in frames:
        now += timedelta(seconds=gap_s)
        made.append((now, letter))
    return made


def seconds(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds()


def held_since(past: Timeline) -> datetime | None:
    """Walks back from the last frame, a yes, to the first yes from which nothing broke the stretch."""
    since: datetime | None = None
    yes_at: datetime | None = None
    i = len(past) - 1
    while i >= 0:
        at, letter = past[i]
        if letter == "y":
            if yes_at is not None and seconds(at, yes_at) > BRIDGE_S:
                break
            since = yes_at = at
        if letter == "n":
            run_end = past[i + 1][0] if i + 1 < len(past) else at
            while i > 0 and past[i - 1][1] == "n":
                i -= 1
            if seconds(past[i][0], run_end) >= FLICKER_S:
                break
        i -= 1
    return since


def begins(past: Timeline) -> bool:
    """Whether something begins with the very last frame."""
    return past[-1][1] == "y" and held_since(past) == past[-1][0]


def spacing_s(past: Timeline) -> float:
    looks = [at for at, letter in past if letter != "u"][-3:]
    return min((seconds(a, b) for a, b in pairwise(looks)), default=0.0)


def is_over(past: Timeline, opened: int, *, looks: Timeline | None = None) -> bool:
    """The noes since the last yes of any sort: the first began half-way to the look before it.

    `looks`: frames of which something is known, where that is more than what `past` says."""
    looks = past if looks is None else looks
    saved = max([i for i in range(opened, len(past)) if past[i][1] not in "nu"], default=opened - 1)
    noes = [i for i in range(saved + 1, len(past)) if past[i][1] == "n"]
    if not noes or noes[-1] != len(past) - 1:
        return False
    lasted_s = seconds(past[noes[0]][0], past[-1][0]) + spacing_s(looks[: noes[0] + 1]) / 2
    return lasted_s >= LEAVE_S and (len(noes) >= 2 or spacing_s(looks) / 2 >= LEAVE_S)
