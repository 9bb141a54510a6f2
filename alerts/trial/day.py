"""From would-be incidents to a day of them.

Takes: the moments of a trial, in order.
Gives: Tried for each rule: its incidents, how long it watched, how many alerts that makes a day.
Knows nothing about: whether what was watched is typical; whoever shows the figures says what they were made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.trial.candidates import Candidate
from alerts.trial.incidents import Incident, Incidents
from alerts.trial.watching import Moment
from contracts.plan import Window
from rules.incidents.clockface import is_open
from rules.incidents.logic import Truth

DAY_S = 86_400.0
#: any Monday; only the place in the week counts
_WEEK_FROM = datetime(2001, 1, 1, tzinfo=UTC)
_STEP = timedelta(minutes=15)
#: an archive's pictures are seconds apart; where more is missing, nobody watched
_GAP_S = 60.0


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule. `watched_s`: footage within its hours; `unknown_s`: of that, where nothing could be said."""

    candidate: Candidate
    incidents: tuple[Incident, ...] = ()
    watched_s: float = 0.0
    unknown_s: float = 0.0
    per_day: float | None = None
    open_share: float = 1.0


class Clock:
    """How long the footage was, and how much of it each rule watched and understood."""

    def __init__(self, running: Sequence[Candidate], timezone: str, every_s: float) -> None:
        self._running = running
        self._timezone = timezone
        self._every_s = every_s
        self._last_at: datetime | None = None
        self.first_at: datetime | None = None
        self.watched_s = 0.0
        self.open_s = {one.rule.id: 0.0 for one in running}
        self.unknown_s = {one.rule.id: 0.0 for one in running}

    def hear(self, moment: Moment) -> None:
        """A picture stands for the time since the one before it, though not for a gap in the footage."""
        since = moment.at - self._last_at if self._last_at else timedelta(seconds=self._every_s)
        seconds = min(since.total_seconds(), max(_GAP_S, 3 * self._every_s))
        self.first_at = self.first_at or moment.at
        self._last_at = moment.at
        self.watched_s += seconds
        for one in self._running:
            if is_open(one.rule.plan.window, self._timezone, moment.at):
                self.open_s[one.rule.id] += seconds
                unknown = moment.judged[one.rule.id].verdict is Truth.UNKNOWN
                self.unknown_s[one.rule.id] += seconds if unknown else 0.0


def tried_of(candidate: Candidate, incidents: Incidents, clock: Clock) -> Tried:
    """After the last picture."""
    if candidate.reason:
        return Tried(candidate)
    rule_id, share = candidate.rule.id, open_part(candidate.plan.window)
    opened, open_s = tuple(incidents.of(rule_id)), clock.open_s[rule_id]
    cooldown_s = candidate.plan.cooldown_s or 0.0
    per_day = alerts_per_day(len(opened), watched_s=open_s, open_share=share, cooldown_s=cooldown_s)
    return Tried(candidate, opened, open_s, clock.unknown_s[rule_id], per_day, share)


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
