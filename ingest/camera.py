"""The life of one camera: open, read, fail, wait, try again; and its health, told every second.

Takes: its part of the site, the epoch of its lease.
Gives: sampled pictures to its pipeline, CameraHealth to the board.
Knows nothing about: other cameras, leases."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.board import Board
from contracts.errors import (
    ConfigError,
    Invalid,
    PlainwatchError,
    Refused,
    SourceError,
    SourceUnreachable,
    SourceUnsupported,
    Unavailable,
)
from contracts.messages import CameraHealth
from contracts.site import IngestCamera
from ingest.backoff import Backoff
from ingest.door import BusDoor
from ingest.memory import from_bytes, to_bytes
from ingest.opening import is_live
from ingest.pipeline import Pipeline
from ingest.source import Clock, Limits, Picture, Source
from ingest.turn import Turn

log = logging.getLogger(__name__)

_FILE_AGAIN_S = 1.0
_OPENING = "it is being opened"
#: connected for so long, a camera has earned quick retries again
_WELL_S = 10.0
#: a killed worker's successor finds a view that is at most so old
_REMEMBER_S = 5.0
#: readers that hang in FFmpeg cannot be killed; with so many of them, wait until one returns
_HUNG_MAX = 3


@dataclass(frozen=True, slots=True)
class Shared:
    """What all cameras of a process use."""

    board: Board
    door: BusDoor
    clock: Clock
    limits: Limits
    worker: str
    open: Callable[[IngestCamera], Source]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the camera is, since when and why."""

    state: Literal["connecting", "online", "offline"]
    since: datetime
    problem: PlainwatchError | None = None


class Camera:
    """Reads on a thread of its own from `start` to `stop`; `watch` and `report` belong to the fleet's thread."""

    def __init__(self, spec: IngestCamera, epoch: int, shared: Shared) -> None:
        self.spec = spec
        self.epoch = epoch
        self._shared = shared
        self._pipeline = Pipeline(spec, epoch, shared.door)
        self._backoff = Backoff()
        self._standing = Standing("connecting", shared.clock.now())
        self._last_frame_at: datetime | None = None
        self._fenced = threading.Event()
        self._stopped = threading.Event()
        self._turn = Turn(shared.clock, shared.limits, spec.sampling)
        self._thread: threading.Thread | None = None
        self._turns = 0
        self._hung: list[threading.Thread] = []
        self._remembered_s = shared.clock.monotonic_s()

    @property
    def is_fenced(self) -> bool:
        """Another worker owns the camera: this one has stopped by itself."""
        return self._fenced.is_set()

    @property
    def hung_readers(self) -> int:
        """Threads that were given up and have not come back yet."""
        return sum(thread.is_alive() for thread in self._hung)

    def start(self, delay_s: float = 0.0) -> None:
        """`delay_s` staggers the starts: opening costs 54 ms of CPU, and all at once starve what already runs."""
        self._turn = Turn(self._shared.clock, self._shared.limits, self.spec.sampling)
        self._turns += 1
        name = f"camera-{self.spec.id}" if self._turns == 1 else f"camera-{self.spec.id}-{self._turns}"
        self._thread = threading.Thread(target=self._live, args=(self._turn, delay_s), name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Asks; `join` waits. Safe to call twice."""
        self._stopped.set()
        self._turn.end()

    def join(self, timeout_s: float) -> None:
        """A reader that hangs is left behind."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def watch(self) -> None:
        """Gives up on a reader that hangs, and starts another; call it about once a second."""
        turn, thread = self._turn, self._thread
        if self.is_fenced or self._stopped.is_set():
            return
        if turn.is_over:
            if self.hung_readers < _HUNG_MAX:
                self.start(_FILE_AGAIN_S)
            return
        problem = turn.stall()
        if problem is None and thread is not None and not thread.is_alive():
            problem = SourceUnreachable("the reader crashed", "see ingest's log, and report it")
        if problem is None or thread is None:
            return
        turn.end()
        self._hung = [*(other for other in self._hung if other.is_alive()), thread]
        self._become("offline", problem)
        if self.hung_readers < _HUNG_MAX:
            self.start(self._backoff.next_s(problem))

    def report(self) -> None:
        """Raises BusUnreachable or BusFull."""
        self._shared.board.report_health(self.health())

    def recall(self) -> None:
        """Goes on with the view that a killed worker has learnt; call it before `start`."""
        memory = from_bytes(self._shared.board.kept_scene(self.spec.id), self._shared.clock.now())
        if memory is not None:
            self._pipeline.recall(memory)

    def remember(self) -> None:
        """Keeps what was learnt of the view, every few seconds. Raises BusUnreachable or BusFull."""
        now_s = self._shared.clock.monotonic_s()
        if now_s - self._remembered_s < _REMEMBER_S:
            return
        self._remembered_s = now_s
        memory = self._pipeline.memory()
        if memory is not None:
            self._shared.board.keep_scene(self.spec.id, to_bytes(memory))

    def health(self) -> CameraHealth:
        """As of now."""
        standing, facts, scene = self._standing, self._turn.facts(), self._pipeline.scene
        sampled, dropped = self._pipeline.tally.totals()
        online, problem = standing.state == "online", standing.problem
        flags = (("dark", scene.dark), ("covered", scene.covered), ("frozen", scene.frozen))
        return CameraHealth(
            camera=self.spec.id,
            worker=self._shared.worker,
            epoch=self.epoch,
            at=self._shared.clock.now(),
            state=standing.state,
            since=standing.since,
            reason=problem.problem if problem else _OPENING if standing.state == "connecting" else "",
            remedy=problem.remedy if problem else "",
            fps=facts.fps,
            keyframe_interval_s=facts.keyframe_interval_s,
            last_frame_at=self._last_frame_at,
            width=facts.width,
            height=facts.height,
            codec=facts.codec,
            conditions=tuple(name for name, is_so in flags if is_so) if online else (),  # type: ignore[misc]
            sampled=sampled,
            dropped=dropped,
        )

    def _live(self, turn: Turn, delay_s: float) -> None:
        if turn.wait(delay_s):
            return
        while not turn.is_over:
            began_s = self._shared.clock.monotonic_s()
            problem = self._read(turn)
            turn.let_go()
            if turn.is_over or self.is_fenced:
                return
            if self._shared.clock.monotonic_s() - began_s > _WELL_S:
                self._backoff.reset()
            if turn.wait(self._pause_s(problem)):
                return

    def _read(self, turn: Turn) -> PlainwatchError | None:
        """One connection, to its end. None: a file came to its end."""
        try:
            turn.opening()
            source = self._shared.open(self.spec)
            turn.opened(source)
            has_picture = self._pump(turn, source)
        except (SourceError, Refused, Invalid, ConfigError) as error:
            return error
        if is_live(self.spec.url):
            return SourceUnreachable("the camera ended the stream", "check its power, network and number of clients")
        return None if has_picture else SourceUnsupported("no picture in it decodes", "replace the file")

    def _pump(self, turn: Turn, source: Source) -> bool:
        """Until the stream or the turn ends; whether any picture came."""
        has_picture = False
        for sampled in source.pictures():
            if turn.is_over:
                break
            if not self._pipeline.take(sampled):
                self._fence()
                break
            if isinstance(sampled, Picture) and not turn.is_over:
                has_picture = True
                self._last_frame_at = sampled.captured_at
                turn.saw_picture()
                self._become("online", None)
        return has_picture

    def _pause_s(self, problem: PlainwatchError | None) -> float:
        if problem is None:
            self._become("connecting", None)
            return _FILE_AGAIN_S
        self._become("offline", problem)
        return self._backoff.next_s(problem)

    def _fence(self) -> None:
        self._fenced.set()
        self._turn.end()
        log.warning("camera lost to another worker", extra={"camera_id": self.spec.id, "epoch": self.epoch})

    def _become(self, state: Literal["connecting", "online", "offline"], problem: PlainwatchError | None) -> None:
        """`since` moves only when the state does; a change is told at once."""
        before = self._standing
        if state == before.state:
            if problem is not None and str(problem) != str(before.problem):
                self._standing = Standing(state, before.since, problem)
            return
        self._standing = Standing(state, self._shared.clock.now(), problem)
        log.info(
            "camera changed state", extra={"camera_id": self.spec.id, "state": state, "reason": str(problem or "")}
        )
        if self._stopped.is_set():  # the fleet has told the last of it
            return
        try:
            self.report()
        except Unavailable:
            return  # the fleet's next report brings it
