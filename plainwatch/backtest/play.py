"""A backtest, from sentences to what would have happened.

Takes: footage, a camera, sentences, an engine.
Gives: Result.
Knows nothing about: how it is shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzer.engine import Engine
from contracts.errors import SourceUnsupported
from contracts.messages import Capabilities
from plainwatch.backtest.estimate import Cost, alerts_per_day, cost_per_day, open_part
from plainwatch.replay.footage import Footage
from plainwatch.replay.incidents import Incident, Incidents
from plainwatch.replay.rules import Candidate, candidates
from plainwatch.replay.run import Figures, Moment, Replay
from rules.clockface import is_open
from rules.logic import Truth
from store.cameras import CameraRow

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


@dataclass(frozen=True, slots=True)
class Result:
    """`is_dated`: the footage's time of day is known, so windows were kept. `starts_at`: what its clock began with."""

    source: str
    by: Capabilities
    every_s: float
    is_dated: bool
    starts_at: datetime
    first_at: datetime
    watched_s: float
    rules: tuple[Tried, ...]
    figures: Figures
    cost: Cost | None


@dataclass(frozen=True, slots=True)
class Meters:
    """Of this process: both only ever grow."""

    monotonic_s: Callable[[], float]
    cpu_s: Callable[[], float]


def backtested(
    texts: Sequence[str],
    footage: Footage,
    camera: CameraRow,
    engine: Engine,
    *,
    is_dated: bool,
    timezone: str,
    batch_frames: int,
    meters: Meters,
) -> Result:
    """Raises SourceError where the footage cannot be read, or holds no picture."""
    can = engine.capabilities("backtest")
    tried = candidates(texts, camera, can, keep_windows=is_dated)
    running = [one for one in tried if not one.reason]
    incidents = Incidents(one.rule.id for one in running)
    clock = _Clock(running, camera.timezone or timezone, footage.every_s)
    began_cpu_s, figures = meters.cpu_s(), Figures()
    if running:
        rules = [one.rule for one in running]
        replay = Replay(
            footage, camera, rules, engine, batch_frames=batch_frames, timezone=timezone, monotonic_s=meters.monotonic_s
        )
        for moment in replay.moments():
            incidents.hear(moment)
            clock.hear(moment)
        figures = replay.figures()
        if clock.first_at is None:
            raise SourceUnsupported(f"footage '{footage.name}' holds no picture in this stretch", "choose another one")
    watched_s, cpu_s = clock.watched_s, meters.cpu_s() - began_cpu_s
    return Result(
        source=footage.name,
        by=can,
        every_s=footage.every_s,
        is_dated=is_dated,
        starts_at=footage.starts_at,
        first_at=clock.first_at or footage.starts_at,
        watched_s=watched_s,
        rules=tuple(_tried(one, incidents, clock) for one in tried),
        figures=figures,
        cost=cost_per_day(figures, watched_s=watched_s, cpu_s=cpu_s),
    )


def _tried(candidate: Candidate, incidents: Incidents, clock: "_Clock") -> Tried:
    if candidate.reason:
        return Tried(candidate)
    rule_id, share = candidate.rule.id, open_part(candidate.plan.window)
    opened, open_s = tuple(incidents.of(rule_id)), clock.open_s[rule_id]
    cooldown_s = candidate.plan.cooldown_s or 0.0
    per_day = alerts_per_day(len(opened), watched_s=open_s, open_share=share, cooldown_s=cooldown_s)
    return Tried(candidate, opened, open_s, clock.unknown_s[rule_id], per_day, share)


class _Clock:
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
