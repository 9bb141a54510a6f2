"""From a stretch of footage to a day.

Takes: how long was watched, what happened and what it cost.
Gives: alerts and work a day, if every day were like this.
Knows nothing about: whether the footage is typical; whoever shows the figures says what they were made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contracts.plan import Window
from plainwatch.replay.run import Figures
from rules.clockface import is_open

DAY_S = 86_400.0
#: any Monday; only the place in the week counts
_WEEK_FROM = datetime(2001, 1, 1, tzinfo=UTC)
_STEP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Cost:
    """A day of one camera. `core_share`: of one processor core, reading and looking together."""

    frames: float
    engine_s: float
    core_share: float


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


def cost_per_day(figures: Figures, *, watched_s: float, cpu_s: float) -> Cost | None:
    """None: nothing seen."""
    if watched_s <= 0.0:
        return None
    days = DAY_S / watched_s
    return Cost(figures.analysed * days, figures.engine_ms / 1000 * days, cpu_s / watched_s)
