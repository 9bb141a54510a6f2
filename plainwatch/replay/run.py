"""One run over footage: read, look, judge, frame by frame.

Takes: footage, a camera, rules, an engine.
Gives: a Moment for every frame, and what the run has cost.
Knows nothing about: what is shown of it.

The parts are those of the live services; only the bus between them differs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from alerts.judging import Judges
from alerts.trial.watching import Moment, Watcher
from analyzer.engine import Engine
from contracts.messages import BusMessage, Unchanged
from contracts.site import IngestCamera
from ingest.pipeline import Pipeline
from plainwatch.replay.analyst import Analyst
from plainwatch.replay.bus import LosslessBus
from plainwatch.replay.footage import Footage
from rules.asking.questions import asked_questions
from store.cameras import CameraRow
from store.rulebook import Rulebook
from store.rules import RuleRow

_EPOCH = 1


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a whole run. `analysed`: frames that the engine saw."""

    sampled: int = 0
    analysed: int = 0
    unchanged: int = 0
    undecodable: int = 0
    engine_ms: float = 0.0


class Replay:
    """One run; `moments` may be read once, `figures` when it is through."""

    def __init__(
        self,
        footage: Footage,
        camera: CameraRow,
        rules: Sequence[RuleRow],
        engine: Engine,
        *,
        batch_frames: int,
        timezone: str,
        monotonic_s: Callable[[], float],
    ) -> None:
        self._footage = footage
        self._bus = LosslessBus()
        self._pipeline = Pipeline(
            IngestCamera(camera.id, camera.name, camera.url, masks=camera.masks), _EPOCH, self._bus
        )
        questions = asked_questions(rule.plan for rule in rules)
        self._analyst = Analyst(engine, questions, batch_frames=batch_frames, monotonic_s=monotonic_s)
        judges = Judges(Rulebook(1, {camera.id: camera}, tuple(rules)), timezone=timezone)
        self._watcher = Watcher(judges, judges.watches(camera.id), footage.starts_at)
        self._unchanged = 0

    def moments(self) -> Iterator[Moment]:
        """Reading goes on in a thread beside. Raises what the footage raises."""
        with ThreadPoolExecutor(1, thread_name_prefix="replay") as thread:
            reading = thread.submit(self._read)
            try:
                for looked in self._analyst.outcomes(self._counted(self._bus.messages())):
                    yield self._watcher.hear(looked.outcome, looked.picture)
            finally:
                self._bus.close()
            reading.result()

    def figures(self) -> Figures:
        """So far."""
        sampled, dropped = self._pipeline.tally.totals()
        undecodable = dropped.get("decode", 0)
        return Figures(sampled, self._analyst.frames, self._unchanged, undecodable, self._analyst.engine_ms)

    def _read(self) -> None:
        try:
            for sampled in self._footage.pictures():
                if not self._pipeline.take(sampled):
                    return
        finally:
            self._bus.end()

    def _counted(self, messages: Iterable[BusMessage]) -> Iterator[BusMessage]:
        for message in messages:
            self._unchanged += isinstance(message, Unchanged)
            yield message
