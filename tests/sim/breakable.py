"""The parts of a site that chance breaks, one step at a time, and the clock that they share.

Each is the real one; before or after a step it looks whether a fault is due there."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from analyzer.engine import Query
from contracts import keys
from contracts.answers import AnswerStream, Delivered
from contracts.broker import Client
from contracts.bus import FrameBus, Put, TakenFrame
from contracts.errors import BusUnreachable, EngineError, StoreUnreachable
from contracts.messages import Answer, Capabilities, Detection, Keyframe, ModelRef, StreamMessage, Unchanged
from contracts.service import Stop
from contracts.site import AskedQuestion
from store.database import Database
from tests.alerts.receiver import NOW
from tests.alerts.scene import picture

SEEN, NOT_SEEN, BROKEN = picture(200), picture(90), picture(140)
BOX = Detection("car", 0.92, (0.1, 0.2, 0.5, 0.7))


class Killed(BaseException):
    """kill -9: nothing that comes after it in the process happens."""


@dataclass
class Moment:
    """The one clock. Waiting for something moves it, for nothing else happens meanwhile."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class OneTurn(Stop):
    """Lets a loop go round once."""

    def __init__(self, moment: Moment, turns: int = 1) -> None:
        super().__init__()
        self._moment = moment
        self._left = turns

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0

    def wait(self, seconds: float) -> bool:
        self._moment.pass_by(seconds)
        return False


class Bus(FrameBus):
    """The real one, which never blocks; it may be away, or its reply may be lost on the way."""

    def __init__(self, client: Client, books: "Books") -> None:
        super().__init__(client)
        self._books = books

    def take(self, *, shard: int, worker: str, most: int, now: datetime, visible_for_s: float) -> list[TakenFrame]:
        self._books.lose("bus")
        frames = super().take(shard=shard, worker=worker, most=most, now=now, visible_for_s=visible_for_s)
        self._look(*(frame.camera for frame in frames))
        self._books.lose("reply")
        return frames

    def wait(self, *, shard: int, seconds: float = 0.0) -> None:
        return None

    def put(self, message: Keyframe | Unchanged) -> Put:
        put = super().put(message)
        self._look()
        return put

    def reclaim(self, *, shard: int, now: datetime, worker: str = "") -> list[str]:
        cameras = super().reclaim(shard=shard, now=now, worker=worker)
        self._look()
        return cameras

    def finish(self, frame: TakenFrame, outcome: StreamMessage, *, worker: str, remember: bool = False) -> bool:
        self._books.lose("bus")
        done = super().finish(frame, outcome, worker=worker, remember=remember)
        self._look()
        if done:
            self._books.published[frame.camera].append(outcome)
        self._books.lose("finish reply")
        return done

    def _look(self, *served: str) -> None:
        """At the queue, as it stands after each step."""
        queue: Any = self._client.lrange(keys.ready(0), 0, -1)
        self._books.see_queue([camera.decode() for camera in queue], served)


class Stream(AnswerStream):
    """The real one, which never blocks; the worker may be killed before it acknowledges."""

    def __init__(self, client: Client, consumer: str, books: "Books") -> None:
        super().__init__(client, shard=0, consumer=consumer)
        self._books = books

    def read(self, *, most: int, wait_s: float = 0.0) -> list[Delivered]:
        self._books.lose("stream")
        return super().read(most=most, wait_s=0.001)

    def ack(self, ids: list[bytes]) -> None:
        self._books.kill("before ack")
        super().ack(ids)
        self._books.kill("after ack")


class Store(Database):
    """The real one, which may be away for some tries, or take the process with it before or after a commit."""

    books: "Books"

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        if self.books.pop("store"):
            raise StoreUnreachable("database: it is away", "wait")
        with super().write() as connection:
            yield connection
            self.books.kill("before commit")
        self.books.kill("after commit")


@dataclass
class Books:
    """Which faults are due, each once for each time it was planned; and what an all-seeing eye saw."""

    planned: list[str] = field(default_factory=list)
    published: dict[str, list[StreamMessage]] = field(default_factory=lambda: defaultdict(list))
    #: of each camera in the queue: how often each other one was served since it came into it
    overtaken: dict[str, Counter[str]] = field(default_factory=dict)
    worst_overtaking: int = 0
    ages_s: list[float] = field(default_factory=list)

    def pop(self, fault: str) -> bool:
        if fault in self.planned:
            self.planned.remove(fault)
            return True
        return False

    def lose(self, fault: str) -> None:
        if self.pop(fault):
            raise BusUnreachable(f"bus: {fault}", "wait")

    def kill(self, fault: str) -> None:
        if self.pop(fault):
            raise Killed(fault)

    def see_queue(self, queue: Sequence[str], served: Sequence[str]) -> None:
        self.overtaken = {camera: self.overtaken.get(camera, Counter()) for camera in queue}
        for others in self.overtaken.values():
            others.update(served)
            self.worst_overtaking = max(self.worst_overtaking, *others.values(), 0)


class ScriptedEngine:
    """Says what the picture says, unless it fails; `meanwhile` happens while it thinks."""

    def __init__(self, moment: Moment, books: Books) -> None:
        self._moment = moment
        self._books = books
        self.meanwhile: Callable[[], None] = lambda: None

    def capabilities(self, worker: str) -> Capabilities:
        return Capabilities(worker, "edge", ModelRef("scripted", "1", "edge"), labels=("car",), predicates=("objects",))

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        self._books.ages_s += [(self._moment.now - query.frame.captured_at).total_seconds() for query in batch]
        self._books.kill("while it looks")
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        if any(query.frame.picture == BROKEN for query in batch):
            raise EngineError("engine: it broke", "wait")
        return [tuple(_said(question, query.frame.picture) for question in query.questions) for query in batch]

    def close(self) -> None:
        return None


def _said(question: AskedQuestion, shown: bytes) -> Answer:
    seen = (BOX,) if shown == SEEN else ()
    return Answer(question.key, margin=3.0 if seen else -3.0, count=len(seen), detections=seen)
