"""From would-be incidents to a day of them.

Takes: the moments of a trial, in order.
Gives: Tried for each rule: its incidents, how long it watched, how many alerts that makes a day, and how sure that is.
Knows nothing about: whether what was watched is typical; whoever shows the figures says what they were made from."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.trial.candidates import Candidate
from alerts.trial.incidents import Incident, Incidents
from alerts.trial.watching import Moment
from contracts.plan import Window
from rules.incidents.clockface import is_open
from rules.incidents.logic import Truth
from rules.learning.budget import gamma_quantile

DAY_S = 86_400.0
#: any Monday; only the place in the week counts
_WEEK_FROM = datetime(2001, 1, 1, tzinfo=UTC)
_STEP = timedelta(minutes=15)
#: an archive's pictures are seconds apart; where more is missing, nobody watched
_GAP_S = 60.0
#: from less, no figure for a day is told to people
TELLING_S = 3600.0
#: of the interval within which the true number of alerts a day lies
_SURE = 0.95


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule. `watched_s`: footage within its hours; `unknown_s`: of that, where nothing could be said.

    `per_day_between`: the 95 % interval of `per_day`, if alerts come by chance and all days are like this footage."""

    candidate: Candidate
    incidents: tuple[Incident, ...] = ()
    watched_s: float = 0.0
    unknown_s: float = 0.0
    per_day: float | None = None
    per_day_between: tuple[float, float] | None = None

    @property
    def tells_of_a_day(self) -> bool:
        """Whether enough was watched."""
        return self.watched_s >= TELLING_S


class Clock:
    """How long the footage was, and how much of it each rule watched and understood."""

    def __init__(self, running: Sequence[Candidate], timezone: str, every_s: float) -> None:
        self._running = running
        self._timezone = timezone
        self._every_s = every_s
        self._apart_s: list[float] = []
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None
        self.unwatched: list[tuple[datetime, datetime]] = []
        self.watched_s = 0.0
        self.open_s = {one.rule.id: 0.0 for one in running}
        self.unknown_s = {one.rule.id: 0.0 for one in running}

    def hear(self, moment: Moment) -> None:
        """A picture stands for the time since the one before it, though not for a gap in the footage."""
        since_s = (moment.at - self.last_at).total_seconds() if self.last_at else self._every_s
        seconds = min(since_s, max(_GAP_S, 3 * self._every_s))
        if self.last_at and seconds < since_s:
            self.unwatched.append((self.last_at + timedelta(seconds=seconds), moment.at))
        if self.last_at:
            self._apart_s.append(since_s)
        self.first_at = self.first_at or moment.at
        self.last_at = moment.at
        self.watched_s += seconds
        for one in self._running:
            if is_open(one.rule.plan.window, self._timezone, moment.at):
                self.open_s[one.rule.id] += seconds
                unknown = moment.judged[one.rule.id].verdict is Truth.UNKNOWN
                self.unknown_s[one.rule.id] += seconds if unknown else 0.0

    @property
    def spacing_s(self) -> float:
        """How far apart the pictures are for half of the time: the frames of an incident lie closer."""
        return spacing_of(self._apart_s) or self._every_s


def spacing_of(apart_s: Sequence[float]) -> float:
    """Half of the watched time lies in gaps of at least that length; 0 without any."""
    near = sorted(gap_s for gap_s in apart_s if gap_s <= _GAP_S) or sorted(apart_s)
    left = sum(near) / 2
    for gap_s in near:
        left -= gap_s
        if left <= 0:
            return gap_s
    return 0.0


def tried_of(candidate: Candidate, incidents: Incidents, clock: Clock) -> Tried:
    """After the last picture."""
    if candidate.reason:
        return Tried(candidate)
    rule_id, share = candidate.rule.id, open_part(candidate.plan.window)
    opened, open_s = tuple(incidents.of(rule_id)), clock.open_s[rule_id]
    cooldown_s = candidate.plan.cooldown_s or 0.0
    per_day = alerts_per_day(len(opened), watched_s=open_s, open_share=share, cooldown_s=cooldown_s)
    between = alerts_per_day_between(len(opened), watched_s=open_s, open_share=share, cooldown_s=cooldown_s)
    return Tried(candidate, opened, open_s, clock.unknown_s[rule_id], per_day, between)


def open_part(window: Sequence[Window]) -> float:
    """Of a week; 1 without a window."""
    steps = int(timedelta(weeks=1) / _STEP)
    hours = (_WEEK_FROM + number * _STEP for number in range(steps))
    return sum(is_open(tuple(window), "UTC", at) for at in hours) / steps


def alerts_per_day(incidents: int, *, watched_s: float, open_share: float, cooldown_s: float) -> float | None:
    """`watched_s`: of the footage, the rule's hours only. A cooldown bounds what a day can hold. None: nothing seen."""
    if watched_s <= 0.0:
        return None
    a_day_s = DAY_S * open_share
    found = incidents / watched_s * a_day_s
    return min(found, a_day_s / cooldown_s) if cooldown_s > 0.0 else found


def alerts_per_day_between(
    incidents: int, *, watched_s: float, open_share: float, cooldown_s: float
) -> tuple[float, float] | None:
    """Garwood's exact interval of a Poisson count, rounded outwards to two digits. None: nothing seen."""
    if watched_s <= 0.0:
        return None
    a_day_s = DAY_S * open_share
    low = gamma_quantile((1 - _SURE) / 2, incidents) if incidents else 0.0
    high = gamma_quantile((1 + _SURE) / 2, incidents + 1)
    most = a_day_s / cooldown_s if cooldown_s > 0.0 else math.inf
    low, high = (min(bound / watched_s * a_day_s, most) for bound in (low, high))
    return _two_digits(low, math.floor), _two_digits(high, math.ceil)


def _two_digits(number: float, rounded: Callable[[float], int]) -> float:
    if number <= 0.0:
        return 0.0
    places = 1 - math.floor(math.log10(number))
    # As an integer of two digits first: 3.7 must not become 3.8 by what binary fractions add.
    return round(rounded(round(number * 10.0**places, 6)) / 10.0**places, max(places, 0))
