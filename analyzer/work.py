"""The loop: frames off the bus in turns, each frame once to the engine, the outcome onto the answer stream.

Takes: the bus, pins, the site, an engine, a clock; a desk of jobs.
Gives: for every frame taken exactly one outcome: Answers, Unchanged or Missed.
Knows nothing about: models, rules.

A frame is freed only together with its outcome. A kill at any point leaves it with the bus, which gives it out again;
a frame that was given out three times kills workers, and is put aside with its bytes."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from analyzer.deadline import ends_within
from analyzer.desk import JobDesk
from analyzer.engine import Engine, Query, checked, unknown
from analyzer.gate.gated import is_gated
from analyzer.keeping import PictureKeeper
from analyzer.site import SiteWatch
from analyzer.succession import kept_before
from analyzer.taking import Taker
from contracts.bus import POISON_ATTEMPTS, FrameBus, TakenFrame
from contracts.errors import EngineError, Unavailable
from contracts.messages import Answer, Answers, DropReason, Keyframe, Missed, StreamMessage, Unchanged
from contracts.pins import Pins
from contracts.service import Stop

log = logging.getLogger(__name__)

#: a model that takes longer hangs, unless the settings give it more time
ENGINE_DEADLINE_S = 30.0
BACK_OFF_S = 0.5
#: what was seen before that is no part of what happens now
EARLIER_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the settings say about the loop."""

    shards: int
    batch_frames: int
    max_age_s: float
    engine_deadline_s: float = ENGINE_DEADLINE_S

    @property
    def visible_for_s(self) -> float:
        """After that another worker may have the frame; until then a dead worker's cameras wait."""
        return 1.5 * self.engine_deadline_s


@dataclass(frozen=True, slots=True)
class _Due:
    frame: TakenFrame
    query: Query
    queue_ms: float


@dataclass(frozen=True, slots=True)
class _Unsent:
    """`remember`: the frame was looked at, and later questions may be about it too."""

    frame: TakenFrame
    outcome: StreamMessage
    remember: bool = False


class Worker:
    """One per process, in one thread."""

    def __init__(
        self,
        bus: FrameBus,
        pins: Pins,
        site: SiteWatch,
        engine: Engine,
        *,
        name: str,
        bounds: Bounds,
        clock: Callable[[], datetime],
        desk: JobDesk | None = None,
    ) -> None:
        self._bus = bus
        self._pins = pins
        self._keeper = PictureKeeper(pins, clock)
        self._site = site
        self._engine = engine
        self._model = engine.capabilities(name).model
        self._name = name
        self._bounds = bounds
        self._clock = clock
        self._desk = desk
        self._taker = Taker(bus, name=name, shards=bounds.shards, visible_for_s=bounds.visible_for_s)
        self._unsent: list[_Unsent] = []
        self._figures = dict.fromkeys(
            ("analysed", "unchanged", "unknown", "gated", "stale", "poison", "lost", "batches", "infer_ms", "queue_ms"),
            0.0,
        )

    def figures(self) -> dict[str, float]:
        """Counts and summed milliseconds since the start, for the sign of life."""
        return self._figures | (self._desk.figures() if self._desk else {})

    def run(self, stop: Stop) -> None:
        """Until `stop`. Redis being away is waited out; what was answered meanwhile is sent afterwards."""
        held_by_a_dead_one, away = True, False
        while not stop.is_set():
            try:
                if not self._taker.settled:
                    self._send()
                    self._taker.take_back_own(self._clock(), careful=held_by_a_dead_one)
                    held_by_a_dead_one = False
                handled = self.turn()
                explained = self._desk is not None and self._desk.turn(frames_wait=handled > 0)
                if away:
                    log.info("bus is back", extra={"worker": self._name})
                away = False
                if not handled and not explained:
                    self._rest(stop)
            except Unavailable as error:
                if not away:
                    log.warning("bus went away", extra={"worker": self._name, "problem": str(error)})
                away = True
                self._taker.unsettle()
                stop.wait(BACK_OFF_S)

    def turn(self) -> int:
        """One round; gives how many frames it took."""
        self._send()
        now = self._clock()
        if not self._site.refresh(now):
            return 0
        self._taker.reclaim(now)
        due: list[_Due] = []
        frames = self._taker.take(now, most=self._bounds.batch_frames)
        for frame in frames:
            outcome = self._without_engine(frame, now)
            if isinstance(frame.message, Keyframe) and frame.attempts <= POISON_ATTEMPTS:
                self._keeper.archive(frame.message, self._site.archive_every_s(frame.camera))
            if outcome:
                self._unsent.append(_Unsent(frame, outcome))
            elif isinstance(frame.message, Keyframe):
                due.append(_Due(frame, self._query(frame.message), max(0.0, _age_s(frame, now) * 1000)))
        self._send()
        # One that was given out before may have killed its worker: it goes alone, and last.
        for group in _groups(due):
            fresh = self._still_fresh(group)
            if fresh:
                self._answer(fresh)
            self._send()
        return len(frames)

    def _without_engine(self, frame: TakenFrame, now: datetime) -> StreamMessage | None:
        """The outcome of a frame that reaches no model."""
        if isinstance(frame.message, Unchanged):
            # It costs nothing and says that the answers still hold: no age is too old for that.
            self._figures["unchanged"] += frame.message.count
            return frame.message
        if frame.message is None or frame.attempts > POISON_ATTEMPTS:
            self._bus.quarantine(frame)
            log.error("frame quarantined", extra={"camera_id": frame.camera, "epoch": frame.epoch, "seq": frame.seq})
            return self._missed(frame, "poison")
        if _age_s(frame, now) > self._bounds.max_age_s:
            return self._missed(frame, "stale")
        if not self._site.questions(frame.camera):
            return self._answers(frame, (), queue_ms=max(0.0, _age_s(frame, now) * 1000), infer_ms=0.0)
        return None

    def _still_fresh(self, due: Sequence[_Due]) -> list[_Due]:
        """Those before may have taken their time with the model."""
        now, fresh = self._clock(), []
        for one in due:
            if _age_s(one.frame, now) > self._bounds.max_age_s:
                self._unsent.append(_Unsent(one.frame, self._missed(one.frame, "stale")))
            else:
                fresh.append(one)
        return fresh

    def _query(self, frame: Keyframe) -> Query:
        return Query(
            frame,
            self._site.questions(frame.camera),
            self._earlier(frame, self._site.frames(frame.camera) - 1),
            self._site.keep_local(frame.camera),
        )

    def _earlier(self, frame: Keyframe, most: int) -> tuple[Keyframe, ...]:
        """Of the same stream, and not long ago. Without them a question about change is answered unknown."""
        if most < 1:
            return ()
        try:
            kept = self._bus.recent(frame.camera)
        except Unavailable as error:
            log.warning("earlier frames not read", extra={"camera_id": frame.camera, "problem": str(error)})
            return ()
        fitting = [one for one in kept if one.epoch == frame.epoch and one.seq < frame.seq and _is_near(one, frame)]
        return tuple(fitting[-most:])

    def _missed(self, frame: TakenFrame, reason: DropReason) -> Missed:
        self._figures[reason] += 1
        return Missed(frame.camera, frame.epoch, frame.seq, frame.captured_at, reason)

    def _answer(self, due: Sequence[_Due]) -> None:
        """All at once; where that fails, half and half, so that one frame cannot take the others with it."""
        batch, failed = [one.query for one in due], False
        started = self._clock()
        try:
            with ends_within(self._bounds.engine_deadline_s):
                answers = checked(batch, self._engine.answer(batch))
        except (EngineError, MemoryError) as error:
            if len(due) > 1:
                middle = len(due) // 2
                self._answer(due[:middle])
                self._answer(due[middle:])
                return
            log.warning("engine failed", extra={"camera_id": due[0].frame.camera, "problem": str(error)})
            answers, failed = [unknown(batch[0], f"the engine failed: {_reason(error)}")], True
        infer_ms = max(0.0, (self._clock() - started).total_seconds() * 1000)
        self._figures["batches"] += 1
        self._figures["infer_ms"] += infer_ms
        for one, given in zip(due, answers, strict=True):
            # The frame's own last: where there is too little room, the oldest go.
            earlier = kept_before(self._pins, one.query, given, clock=self._clock)
            evidence = self._keeper.evidence(one.query, given)
            took = {"queue_ms": one.queue_ms, "infer_ms": infer_ms}
            outcome = (
                self._missed(one.frame, "gated")
                if is_gated(given)
                else self._answers(one.frame, given, **took, evidence=evidence, earlier=earlier if evidence else ())
            )
            remember = not failed and self._site.frames(one.frame.camera) > 1
            self._unsent.append(_Unsent(one.frame, outcome, remember))

    def _answers(
        self,
        frame: TakenFrame,
        given: tuple[Answer, ...],
        *,
        queue_ms: float,
        infer_ms: float,
        evidence: str | None = None,
        earlier: tuple[str, ...] = (),
    ) -> Answers:
        self._figures["analysed"] += 1
        self._figures["queue_ms"] += queue_ms
        self._figures["unknown"] += sum(bool(answer.unknown_reason) and not answer.to_track for answer in given)
        return Answers(
            frame.camera,
            frame.epoch,
            frame.seq,
            frame.captured_at,
            self._site.version,
            self._model,
            given,
            queue_ms,
            infer_ms,
            evidence,
            earlier,
        )

    def _send(self) -> None:
        """Each outcome stays here until Redis took it; sending one twice changes nothing."""
        while self._unsent:
            one = self._unsent[0]
            if not self._bus.finish(one.frame, one.outcome, worker=self._name, remember=one.remember):
                self._figures["lost"] += 1
                log.warning("frame was no longer ours", extra={"camera_id": one.frame.camera, "seq": one.frame.seq})
            self._unsent.pop(0)

    def _rest(self, stop: Stop) -> None:
        if not self._site.known:
            stop.wait(BACK_OFF_S)
        else:
            self._taker.wait()


def _groups(due: Sequence[_Due]) -> list[list[_Due]]:
    fresh = [one for one in due if one.frame.attempts == 1]
    again = [[one] for one in due if one.frame.attempts > 1]
    return [fresh, *again] if fresh else again


def _is_near(earlier: Keyframe, frame: Keyframe) -> bool:
    return abs((frame.captured_at - earlier.captured_at).total_seconds()) <= EARLIER_WITHIN_S


def _age_s(frame: TakenFrame, now: datetime) -> float:
    return (now - frame.captured_at).total_seconds()


def _reason(error: EngineError | MemoryError) -> str:
    return error.problem if isinstance(error, EngineError) else "out of memory"
