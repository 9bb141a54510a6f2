"""From a stretch of footage to a day.

Takes: how long was watched, what happened and what it cost.
Gives: alerts and work a day, if every day were like this.
Knows nothing about: whether the footage is typical; whoever shows the figures says what they were made from."""

from dataclasses import dataclass

from alerts.trial.day import DAY_S
from plainwatch.replay.run import Figures


@dataclass(frozen=True, slots=True)
class Cost:
    """A day of one camera. `core_share`: of one processor core, reading and looking together."""

    frames: float
    engine_s: float
    core_share: float


def cost_per_day(figures: Figures, *, watched_s: float, cpu_s: float) -> Cost | None:
    """None: nothing seen."""
    if watched_s <= 0.0:
        return None
    days = DAY_S / watched_s
    return Cost(figures.analysed * days, figures.engine_ms / 1000 * days, cpu_s / watched_s)
