"""A whole API on a real port, and the hands to play the workers."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2
import msgspec

from api.auth import create_key
from api.deps import Deps
from api.publish import Publisher
from contracts.board import Board
from contracts.broker import Client
from contracts.jobs import answer_job, take_job
from contracts.messages import CameraHealth, Capabilities, ModelRef, WorkerBeat
from contracts.service import Stop
from contracts.site import Probe, ProbeReport
from store.keys import Scope

WAIT_S = 10.0
PICTURE = b"\xff\xd8\xff picture \xff\xd9"
GOOD_CAMERA = ProbeReport(
    ok=True, codec="h264", width=1280, height=720, fps=25.0, keyframe_interval_s=0.5, picture=PICTURE
)
DETECTOR = Capabilities(
    "analyzer-1",
    "edge",
    ModelRef("yolox_nano", "1", "edge"),
    labels=("car", "person", "bicycle"),
    predicates=("objects", "motion"),
)


def now() -> datetime:
    return datetime.now(UTC)


def until(holds: Callable[[], bool]) -> None:
    """Polls with a deadline."""
    end = threading.Event()
    for _ in range(int(WAIT_S / 0.02)):
        if holds():
            return
        end.wait(0.02)
    raise AssertionError("it did not come to hold in time")


@dataclass
class Site:
    """One running API, and the hands to play the workers."""

    deps: Deps
    url: str
    board: Board
    publisher: Publisher
    admin: httpx2.Client
    opened: list[httpx2.Client] = field(default_factory=list)

    def client(self, key: str = "") -> httpx2.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        client = httpx2.Client(base_url=self.url, headers=headers, timeout=WAIT_S, verify=False)  # plain HTTP here
        self.opened.append(client)
        return client

    def with_scopes(self, *scopes: Scope) -> httpx2.Client:
        return self.client(create_key(self.deps.database, "test", scopes, now()))

    def report(self, camera: str, **values: object) -> None:
        given: dict[str, object] = {"state": "online", "since": now(), "at": now(), "epoch": 1, "worker": "ingest-1"}
        self.board.report_health(CameraHealth(camera=camera, **(given | values)))  # type: ignore[arg-type]

    def analyzer_is_online(self, offered: Capabilities = DETECTOR) -> None:
        self.board.offer(offered)
        self.board.beat(WorkerBeat("analyzer", offered.worker, now(), 1))

    def add_camera(self, name: str = "gate", **values: object) -> dict[str, object]:
        body = {"name": name, "url": f"rtsp://192.168.1.20/{name.replace(' ', '-')}", "probe": False} | values
        answer = self.admin.post("/api/v1/cameras", json=body)
        assert answer.status_code == 201, answer.text
        shown: dict[str, object] = answer.json()
        return shown

    def add_endpoint(self, name: str = "phone", **values: object) -> dict[str, object]:
        body = {"name": name, "url": "https://93.184.216.34/hook"} | values
        answer = self.admin.post("/api/v1/endpoints", json=body)
        assert answer.status_code == 201, answer.text
        shown: dict[str, object] = answer.json()
        return shown


class IngestWorker:
    """Answers probe jobs over the real bus with what the test says; remembers what it was asked."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.report = GOOD_CAMERA
        self.asked: list[Probe] = []

    def run(self, stop: Stop) -> None:
        board = Board(self._client)
        while not stop.is_set():
            board.beat(WorkerBeat("ingest", "ingest-1", now(), 1))
            job = take_job(self._client, "ingest", wait_s=0.2)
            if job:
                answer_job(self._client, job, {"probe": self._probe}, now=now())

    def _probe(self, payload: bytes) -> bytes:
        self.asked.append(msgspec.msgpack.decode(payload, type=Probe))
        return msgspec.msgpack.encode(self.report)


