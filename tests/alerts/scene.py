"""A site with one camera and one rule, whose answers go the real way: frame bus, answer stream, worker."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import simplejpeg

from alerts.consume import Place, ShardWorker
from alerts.evidence import EvidenceKeeper
from alerts.shards import ShardLease
from alerts.unanswered import Unanswered
from contracts.answers import AnswerStream
from contracts.broker import Client
from contracts.bus import FrameBus
from contracts.messages import Answer, Answers, Detection, Keyframe, Missed, ModelRef, Scene, StreamMessage, Unchanged
from contracts.pins import Pins
from contracts.plan import Predicate, Question, RulePlan, Temporal, question_key
from contracts.service import Stop
from store.cameras import CameraRow, add_camera
from store.database import Database
from store.incidents import IncidentRow, page_of_incidents
from store.rules import RuleRow, add_rule
from store.site import next_site_version

CAMERA = "cam_1"
RULE = "rul_1"
MODEL = ModelRef("yolox_nano", "1", "edge")
CAR = Question("q1", "Is a car visible?", Predicate("objects", ("car",)))
PERSON = Question("q2", "Is a person visible?", Predicate("objects", ("person",)))
CAR_BOX = Detection("car", 0.92, (0.1, 0.2, 0.5, 0.7))
CREATED = "2026-11-22T11:00:00.000Z"


def plan(temporal: Temporal = Temporal(), **changes: object) -> RulePlan:  # noqa: B008 - frozen
    whole = RulePlan(
        lang="en",
        status="ok",
        questions=(CAR,),
        logic="q1",
        negated=False,
        temporal=temporal,
        window=(),
        zones=(),
        cameras=(),
        lint=(),
        answerable=(),
        summary="I will look for a car.",
    )
    return type(whole)(**{name: getattr(whole, name) for name in whole.__struct_fields__} | changes)  # type: ignore[arg-type]


def camera_row(camera_id: str = CAMERA) -> CameraRow:
    return CameraRow(id=camera_id, name=f"gate {camera_id}", url="rtsp://10.0.0.9/1", sealed=b"", created_at=CREATED)


def rule_row(rule_plan: RulePlan | None = None, rule_id: str = RULE) -> RuleRow:
    return RuleRow(
        id=rule_id,
        version=1,
        text="a car is visible",
        plan=rule_plan or plan(),
        created_at=CREATED,
        updated_at=CREATED,
    )


def picture(shade: int = 90) -> bytes:
    return bytes(simplejpeg.encode_jpeg(np.full((180, 320, 3), shade, np.uint8), quality=90, colorspace="BGR"))


@dataclass
class Site:
    """`now` is the cameras' and the worker's clock in one."""

    database: Database
    client: Client
    folder: Path
    clock: Callable[[], datetime]
    seq: int = 0
    epoch: int = 1
    stop: Stop = field(default_factory=Stop)

    def __post_init__(self) -> None:
        self.bus = FrameBus(self.client)
        self.pins = Pins(self.client)

    def register(self, *rules: RuleRow, cameras: tuple[CameraRow, ...] = ()) -> None:
        with self.database.write() as connection:
            for camera in cameras or (camera_row(),):
                add_camera(connection, camera)
            for rule in rules or (rule_row(),):
                add_rule(connection, rule)
            next_site_version(connection)

    def change(self, statement: Callable[..., object], *given: object, **named: object) -> None:
        with self.database.write() as connection:
            statement(connection, *given, **named)
            next_site_version(connection)

    def worker(
        self,
        name: str = "alerts-1",
        archive: Callable[[Answers], None] = lambda _: None,
        *,
        group_window_s: float = 0.0,
        unanswered: Unanswered | None = None,
        notes: bool = True,
    ) -> ShardWorker:
        return ShardWorker(
            AnswerStream(self.client, shard=0, consumer=name),
            self.database,
            ShardLease(self.database, 0, worker=name),
            EvidenceKeeper(self.folder, self.pins),
            Place("http://site.example:8600", "UTC", 1, group_window_s),
            self.clock,
            archive=archive,
            unanswered=unanswered,
            notes=notes,
        )

    def turn(self, worker: ShardWorker, times: int = 2) -> None:
        """The first read of a worker is what was left over; the second is what is new."""
        for _ in range(times):
            worker.turn(self.stop)

    def see(self, *boxes: Detection, pinned: bytes | None = None, camera: str = CAMERA, failure: str = "") -> Answers:
        """One frame, analysed: the car's and the person's question are answered, or not, because of a `failure`."""
        jpeg = pinned or picture()
        sha256 = self.pins.keep(camera, jpeg, now=self.clock()) if boxes else None
        self.pins.keep_last(camera, jpeg, captured_at=self.clock())
        answers = tuple(_answer(question, boxes, failure) for question in (CAR, PERSON))
        self.seq += 1
        message = Answers(camera, self.epoch, self.seq, self.clock(), 1, MODEL, answers, 12.0, 34.0, sha256)
        self._publish(message)
        return message

    def see_the_same(self, same_as: Answers) -> None:
        self.seq += 1
        self._publish(Unchanged(CAMERA, self.epoch, self.seq, self.clock(), same_as.seq))

    def miss(self) -> None:
        self.seq += 1
        self._publish(Missed(CAMERA, self.epoch, self.seq, self.clock(), "stale"))

    def incidents(self) -> tuple[IncidentRow, ...]:
        """Newest first."""
        with self.database.read() as connection:
            return page_of_incidents(connection, before="", limit=100)

    def _publish(self, message: StreamMessage) -> None:
        frame = Keyframe(message.camera, self.epoch, message.seq, message.captured_at, b"jpeg", 320, 180, Scene())
        self.bus.put(frame)
        (taken,) = self.bus.take(shard=0, worker="analyzer", most=1, now=self.clock(), visible_for_s=15)
        assert self.bus.finish(taken, message, worker="analyzer")


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def _answer(question: Question, boxes: tuple[Detection, ...], failure: str) -> Answer:
    if failure:
        return Answer(question_key(question), unknown_reason=failure)
    wanted = question.predicate.labels if question.predicate else ()
    seen = tuple(box for box in boxes if box.label in wanted)
    return Answer(question_key(question), margin=3.0 if seen else -3.0, count=len(seen), detections=seen)
