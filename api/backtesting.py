"""A rule tried on the pictures that were kept of a camera, beside the requests.

Takes: a candidate, its camera, archived pictures in their order, an analyzer to ask.
Gives: Found, kept on the shelf with the progress to it.
Knows nothing about: requests, models. What it shares with `plainwatch backtest` lies in alerts.trial."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import simplejpeg

from alerts.archive import ArchivedPicture
from alerts.judging import Judges
from alerts.trial.candidates import Candidate
from alerts.trial.day import Clock, tried_of
from alerts.trial.incidents import Incidents
from alerts.trial.watching import Watcher
from api.asking import Asker
from api.backtest_result import found_of
from api.backtest_state import Backtest, BacktestShelf, Found
from contracts.errors import PlainwatchError, Unavailable
from contracts.messages import Answers, Keyframe, Scene
from rules.asking.questions import asked_questions
from store.cameras import CameraRow
from store.rulebook import Rulebook

log = logging.getLogger(__name__)

#: pictures nearer than that to the one before are left out, as `plainwatch backtest` does
LEAST_APART_S = 0.5
#: what was not looked at by then is left out, and said so
RUN_MOST = timedelta(minutes=30)
KEEP_EVERY = timedelta(seconds=1)
WAITING_MOST = 4
_EPOCH = 1
_LOOK_EVERY_S = 30.0


@dataclass(frozen=True, slots=True)
class Turns:
    """One at a time: an engine that live cameras need shares itself out badly."""

    accepted: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(WAITING_MOST))
    running: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(1))


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be tried. `pictures`: not empty, oldest first."""

    candidate: Candidate
    camera: CameraRow
    pictures: Sequence[ArchivedPicture]


@dataclass(frozen=True, slots=True)
class Bench:
    """What every run needs."""

    shelf: BacktestShelf
    asker: Asker
    folder: Path
    timezone: str
    clock: Callable[[], datetime]


def start(turns: Turns, bench: Bench, order: Order, backtest: Backtest) -> None:
    """Returns at once. Raises Unavailable where too many wait."""
    if not turns.accepted.acquire(blocking=False):
        raise Unavailable(f"{WAITING_MOST} backtests wait or run already", "ask again when one of them is done")
    try:
        bench.shelf.keep(backtest)
    except Unavailable:
        turns.accepted.release()
        raise
    arguments = (turns, bench, order, backtest)
    threading.Thread(target=_run_in_turn, args=arguments, name="backtest", daemon=True).start()


def thinned(pictures: Sequence[ArchivedPicture]) -> list[ArchivedPicture]:
    """Without those that follow at once."""
    kept: list[ArchivedPicture] = []
    for picture in pictures:
        if not kept or (picture.at - kept[-1].at).total_seconds() >= 0.95 * LEAST_APART_S:
            kept.append(picture)
    return kept


def _run_in_turn(turns: Turns, bench: Bench, order: Order, backtest: Backtest) -> None:
    outcome = _failed(backtest, "an error of ours; the API's log has it, please report it")
    try:
        while not turns.running.acquire(timeout=_LOOK_EVERY_S):
            _keep(bench, backtest)
        try:
            outcome = _Run(bench, order, backtest).outcome()
        finally:
            turns.running.release()
    except PlainwatchError as error:
        outcome = _failed(backtest, str(error))
    finally:
        _keep(bench, outcome)
        turns.accepted.release()


def _failed(backtest: Backtest, problem: str) -> Backtest:
    return msgspec.structs.replace(backtest, state="failed", problem=problem)


def _keep(bench: Bench, backtest: Backtest) -> None:
    try:
        bench.shelf.keep(msgspec.structs.replace(backtest, touched_at=bench.clock()))
    except Unavailable as error:
        log.warning("backtest not kept", extra={"backtest_id": backtest.id, "problem": str(error)})


class _Run:
    """One, in its thread."""

    def __init__(self, bench: Bench, order: Order, backtest: Backtest) -> None:
        self._bench = bench
        self._order = order
        self._backtest = backtest
        self._kept_at = bench.clock()
        self._until = self._kept_at + RUN_MOST
        self._frames = 0
        self._engine_ms = 0.0
        self._models: dict[str, str] = {}

    def outcome(self) -> Backtest:
        """Raises PlainwatchError."""
        self._tell_progress()
        found = self._found()
        return msgspec.structs.replace(self._backtest, state="done", looked_at=self._frames, found=found)

    def _found(self) -> Found:
        candidate, camera = self._order.candidate, self._order.camera
        rules = (candidate.rule,)
        judges = Judges(Rulebook(1, {camera.id: camera}, rules), timezone=self._bench.timezone)
        watcher = Watcher(judges, judges.watches(camera.id), self._order.pictures[0].at)
        incidents = Incidents([candidate.rule.id])
        clock = Clock([candidate], camera.timezone or self._bench.timezone, LEAST_APART_S)
        questions = asked_questions(rule.plan for rule in rules)
        for answers in self._bench.asker.answered(self._pictures(), questions, keep_local=camera.keep_local):
            moment = watcher.hear(answers)
            incidents.hear(moment)
            clock.hear(moment)
            self._count(answers)
        tried = tried_of(candidate, incidents, clock)
        each_ms = self._engine_ms / self._frames if self._frames else 0.0
        return found_of(
            tried, self._order.pictures, camera, looked_at=self._frames, each_ms=each_ms, models=self._models
        )

    def _pictures(self) -> Iterator[Keyframe]:
        """Until the time is over. The oldest may have made room meanwhile."""
        for seq, picture in enumerate(self._order.pictures, 1):
            if self._bench.clock() >= self._until:
                return
            try:
                jpeg = (self._bench.folder / picture.path).read_bytes()
                height, width, _, _ = simplejpeg.decode_jpeg_header(jpeg)
            except (OSError, ValueError):
                continue
            yield Keyframe(picture.camera_id, _EPOCH, seq, picture.at, jpeg, width, height, Scene())

    def _count(self, answers: Answers) -> None:
        self._frames += 1
        self._engine_ms += answers.infer_ms
        self._models[answers.model.name] = answers.model.engine
        if self._bench.clock() - self._kept_at >= KEEP_EVERY:
            self._tell_progress()

    def _tell_progress(self) -> None:
        self._kept_at = self._bench.clock()
        running = msgspec.structs.replace(self._backtest, state="running", looked_at=self._frames)
        _keep(self._bench, running)
