"""How answers over time become one stretch: flicker is smoothed, gaps are bridged, long doubts break it.

Takes: a stretch so far and the next truth.
Gives: the stretch after it, or none; whether the latest answers confirm one another.
Knows nothing about: rules, incidents."""

from datetime import datetime, timedelta

import msgspec

from rules.incidents.logic import Truth
from rules.incidents.state import Glance, Run
from rules.incidents.thresholds import CONFIRM_AT_MOST_S, CONFIRM_OF, CONFIRM_WITHIN_S, CONFIRM_YES, FLICKER_S

_FLICKER = timedelta(seconds=FLICKER_S)


def extend(
    run: Run | None, truth: Truth, at: datetime, *, since: datetime | None = None, bridge_s: float
) -> Run | None:
    """A no holds until the next answer: one at 10.0 that is followed by a yes at 12.0 was a no of 2 seconds."""
    if run is not None and run.no_since is not None and at - run.no_since >= _FLICKER:
        run = None
    begun = min(since or at, at)
    if truth is Truth.YES:
        if run is None or begun - run.last_yes > timedelta(seconds=bridge_s):
            return Run(begun, at)
        return Run(run.since, at)
    if run is None:
        return None
    if truth is Truth.NO:
        return (
            msgspec.structs.replace(run, no_since=run.no_since or begun)
            if at - (run.no_since or begun) < _FLICKER
            else None
        )
    return msgspec.structs.replace(run, no_since=None) if at - run.last_yes <= timedelta(seconds=bridge_s) else None


def lasts(run: Run | None, seconds: float, at: datetime) -> bool:
    """Only a yes of this very moment proves that it lasted."""
    return (
        run is not None and run.last_yes == at and run.no_since is None and at - run.since >= timedelta(seconds=seconds)
    )


def remember(
    recent: tuple[Glance, ...], truth: Truth, at: datetime, *, of: int = CONFIRM_OF, is_sure: bool = True
) -> tuple[Glance, ...]:
    """Unknown is no answer, so it does not push one out. `is_sure`: this yes would do by itself, twice."""
    return recent if truth is Truth.UNKNOWN else (*recent, Glance(at, truth, is_sure))[-of:]


def confirmed(recent: tuple[Glance, ...], at: datetime) -> datetime | None:
    """When the condition began, if enough of the latest answers agree and one of them is sure.

    A thing that comes into the picture is half seen first: the weak yes before the sure one counts.
    Cameras with rare frames get more time."""
    if not recent or recent[-1].truth is not Truth.YES:
        return None
    apart = (recent[-1].at - recent[-2].at).total_seconds() if len(recent) > 1 else 0.0
    within = timedelta(seconds=min(max(CONFIRM_WITHIN_S, apart * 1.5), CONFIRM_AT_MOST_S))
    yes = [glance for glance in recent if glance.truth is Truth.YES and at - glance.at <= within]
    return yes[0].at if len(yes) >= CONFIRM_YES and any(glance.is_sure for glance in yes) else None
