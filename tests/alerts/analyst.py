"""What stands for an analyzer that explains: it answers the `explain` jobs of a real Valkey in a thread of its own."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from alerts.consume import Place, ShardWorker
from alerts.evidence import EvidenceKeeper
from alerts.shards import ShardLease
from contracts.answers import AnswerStream
from contracts.board import Board
from contracts.broker import Client
from contracts.errors import EngineError
from contracts.explain import JOB, Explained, ExplainRequest
from contracts.jobs import answer_job, take_job
from contracts.messages import Answer, Answers, Capabilities, Detection, ModelRef, WorkerBeat
from contracts.pins import Pins
from contracts.plan import Question, question_key
from tests.alerts.receiver import Clock
from tests.alerts.scene import CAMERA, CAR, PERSON, Site, picture

MODEL = ModelRef("reader-2b", "1", "vlm")
FOUND = Detection("red car", 0.8, (0.2, 0.3, 0.6, 0.9))
SAID = Explained("A red car stands before the gate.", MODEL, (FOUND,), grounded=True)


@dataclass
class Analyst:
    """Says `said`; an EngineError in its place is raised. Counts what it was asked."""

    client: Client
    clock: Clock
    said: Explained | EngineError = SAID
    asked: list[ExplainRequest] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def come_online(self, *, explains: bool = True) -> None:
        """Again after ten seconds, to be still there."""
        board = Board(self.client)
        board.offer(Capabilities("analyzer-1", "vlm", MODEL, free_text=True, explains=explains))
        board.beat(WorkerBeat("analyzer", "analyzer-1", self.clock(), 1))

    def serve(self, over: threading.Event) -> None:
        """Until `over`."""
        while not over.is_set():
            job = take_job(self.client, "analyzer", wait_s=0.1)
            if job is not None:
                answer_job(self.client, job, {JOB: self._explain}, now=self.clock())

    def _explain(self, payload: bytes) -> bytes:
        request = msgspec.msgpack.decode(payload, type=ExplainRequest)
        self.asked.append(request)
        self.before()
        if any(Pins(self.client).fetch(request.camera, sha256) is None for sha256 in request.pictures):
            raise EngineError("explain: the picture is no longer kept", "nothing to be done")
        if isinstance(self.said, EngineError):
            raise self.said
        return msgspec.msgpack.encode(self.said)


class ReadingSite(Site):
    """Its analyzer reads questions, and gives margins without boxes."""

    explains = True

    def worker(self, name: str = "alerts-1") -> ShardWorker:
        return ShardWorker(
            AnswerStream(self.client, shard=0, consumer=name),
            self.database,
            ShardLease(self.database, 0, worker=name),
            EvidenceKeeper(self.folder, self.pins),
            Place("http://site.example:8600", "UTC", 1),
            self.clock,
            explains=lambda: self.explains,
        )

    def read(self, *, car: float = 6.0, person: float = -6.0, pinned: bytes | None = None) -> None:
        """One frame, as margins."""
        self.seq += 1
        sha256 = self.pins.keep(CAMERA, pinned or picture(), now=self.clock())
        answers = (Answer(question_key(CAR), margin=car), Answer(question_key(PERSON), margin=person))
        self._publish(
            Answers(CAMERA, self.epoch, self.seq, self.clock(), 1, MODEL, answers, 12.0, 34.0, sha256),
        )

    def read_change(self, question: Question, *before: bytes) -> tuple[str, ...]:
        """A yes about a frame and those before it, which are pinned. Gives the sha256 of each, the frame's last."""
        self.seq += 1
        *earlier, newest = (self.pins.keep(CAMERA, each, now=self.clock()) for each in (*before, picture()))
        answers = (Answer(question_key(question), margin=6.0),)
        message = Answers(
            CAMERA, self.epoch, self.seq, self.clock(), 1, MODEL, answers, 12.0, 34.0, newest, tuple(earlier)
        )
        self._publish(message)
        return (*earlier, newest)

    def open_one(self, **margins: float) -> None:
        """An incident of the rule, told and not explained."""
        self.read(**margins)  # type: ignore[arg-type]
        self.turn(self.worker())
