"""One run over footage: read, look, judge, frame by frame.

Takes: footage, a camera, rules, an engine.
Gives: a Moment for every frame, and what the run has cost.
Knows nothing about: what is shown of it.

The parts are those of the live services; only the bus between them differs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from alerts.consume import TICK_EVERY
from alerts.following import Follower
from alerts.judging import Change, Judges, States, Watch
from analyzer.engine import Engine
from contracts.messages import Answers, BusMessage, StreamMessage, Unchanged
from contracts.site import IngestCamera
from ingest.pipeline import Pipeline
from plainwatch.replay.analyst import Analyst, Looked
from plainwatch.replay.bus import LosslessBus
from plainwatch.replay.footage import Footage
from rules.judge import UNKNOWN, Judgement
from rules.questions import asked_questions
from store.cameras import CameraRow
from store.rulebook import Rulebook
from store.rules import RuleRow

_EPOCH = 1


@dataclass(frozen=True, slots=True)
class Happened:
    """A rule's incident opened, was seen better, or ended."""

    rule_id: str
    change: Change


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame. `picture`: its JPEG, or that of the frame it equals. Mappings are by rule id.

    `answers`: what the rule was judged by, where anything was said anew; `judged`: what was made of it."""

    at: datetime
    outcome: StreamMessage
    picture: bytes
    answers: Mapping[str, Answers]
    judged: Mapping[str, Judgement]
    happened: tuple[Happened, ...]


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
        self._watcher = _Watcher(judges, judges.watches(camera.id), footage.starts_at)
        self._unchanged = 0

    def moments(self) -> Iterator[Moment]:
        """Reading goes on in a thread beside. Raises what the footage raises."""
        with ThreadPoolExecutor(1, thread_name_prefix="replay") as thread:
            reading = thread.submit(self._read)
            try:
                for looked in self._analyst.outcomes(self._counted(self._bus.messages())):
                    yield self._watcher.hear(looked)
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


class _Watcher:
    """What the alert worker is to a live camera: its machines, the frames without an answer, the passing of time."""

    def __init__(self, judges: Judges, watches: Sequence[Watch], starts_at: datetime) -> None:
        self._judges = judges
        self._watches = watches
        self._states: States = {}
        self._follower = Follower()
        self._seq = 0
        self._picture = b""
        self._ticked_at = starts_at

    def hear(self, looked: Looked) -> Moment:
        told = self._follower.hear(self._judges, looked.outcome)
        message = told.message
        self._picture = looked.picture or self._picture
        happened = self._pass_time(message.captured_at)
        skipped, self._seq = message.seq - self._seq - 1, message.seq
        answers: dict[str, Answers] = {}
        for watch in self._watches:
            said = told.again if watch.follows and told.again else message
            answers |= {watch.rule.id: said} if isinstance(said, Answers) else {}
            changes = self._judges.hear(watch, self._states, message, skipped=skipped, again=told.again)
            happened += [Happened(watch.rule.id, change) for change in changes]
        if message.captured_at - self._ticked_at >= TICK_EVERY:
            happened += self._tick(message.captured_at)
        judged = {watch.rule.id: self._states[watch.key].last_judgement or UNKNOWN for watch in self._watches}
        return Moment(message.captured_at, message, self._picture, answers, judged, tuple(happened))

    def _pass_time(self, now: datetime) -> list[Happened]:
        """Between two frames that are far apart."""
        happened: list[Happened] = []
        while self._ticked_at + TICK_EVERY < now:
            happened += self._tick(self._ticked_at + TICK_EVERY)
        return happened

    def _tick(self, now: datetime) -> list[Happened]:
        self._ticked_at = now
        moved, changes = self._judges.tick(self._states, now)
        self._states |= moved
        return [Happened(watch.rule.id, change) for watch, change in changes]
