"""A backtest, from sentences to what would have happened.

Takes: footage, a camera, sentences, an engine.
Gives: Result.
Knows nothing about: how it is shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.trial.candidates import candidates
from alerts.trial.day import Clock, Tried, tried_of
from alerts.trial.incidents import Incidents
from analyzer.engine import Engine
from contracts.errors import SourceUnsupported
from contracts.messages import Capabilities
from plainwatch.backtest.estimate import Cost, cost_per_day
from plainwatch.replay.footage import Footage
from plainwatch.replay.run import Figures, Replay
from store.cameras import CameraRow


@dataclass(frozen=True, slots=True)
class Result:
    """`is_dated`: the footage's time of day is known, so windows were kept. `starts_at`: what its clock began with.

    `every_s` was asked for, `spacing_s` apart the pictures are; of kept ones, `live_every_s`: how often the camera is
    looked at live. `unwatched`: where pictures are missing."""

    source: str
    by: Capabilities
    every_s: float
    spacing_s: float
    is_dated: bool
    timezone: str
    starts_at: datetime
    first_at: datetime
    last_at: datetime
    watched_s: float
    rules: tuple[Tried, ...]
    figures: Figures
    cost: Cost | None
    live_every_s: float | None = None
    threshold: float | None = None
    unwatched: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def is_tried(self) -> bool:
        """Whether any rule was."""
        return any(not tried.candidate.reason for tried in self.rules)


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
    threshold: float | None = None,
) -> Result:
    """Raises SourceError where the footage cannot be read, or holds no picture."""
    can = engine.capabilities("backtest")
    tried = candidates(texts, camera, can, keep_windows=is_dated, of_kept=footage.is_kept, threshold=threshold)
    running = [one for one in tried if not one.reason]
    incidents = Incidents(one.rule.id for one in running)
    clock = Clock(running, camera.timezone or timezone, footage.every_s)
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
        spacing_s=clock.spacing_s,
        is_dated=is_dated,
        timezone=camera.timezone or timezone,
        starts_at=footage.starts_at,
        first_at=clock.first_at or footage.starts_at,
        last_at=clock.last_at or footage.starts_at,
        watched_s=watched_s,
        rules=tuple(tried_of(one, incidents, clock) for one in tried),
        figures=figures,
        cost=cost_per_day(figures, watched_s=watched_s, cpu_s=cpu_s),
        live_every_s=camera.sampling.every_s if footage.is_kept else None,
        threshold=threshold,
        unwatched=tuple(clock.unwatched),
    )
