"""The drawn scene as a file, and the live services played over it one frame at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import av
import numpy as np

from alerts.consume import Place, ShardWorker
from alerts.evidence import EvidenceKeeper
from alerts.shards import ShardLease
from analyzer.engine import Engine
from analyzer.site import SiteWatch
from analyzer.work import Bounds, Worker
from api.publish import read_site
from contracts.answers import AnswerStream
from contracts.board import Board
from contracts.broker import Client
from contracts.bus import FrameBus, Put
from contracts.messages import BusMessage
from contracts.pins import Pins
from contracts.service import Stop
from contracts.site import IngestCamera
from ingest.pipeline import Pipeline
from plainwatch.replay.footage import Footage
from plainwatch.simulator import scene_footage
from store.cameras import CameraRow, add_camera
from store.database import Database
from store.incidents import IncidentRow, page_of_incidents
from store.rules import RuleRow, add_rule
from store.site import next_site_version


def write_scene(path: Path) -> Path:
    """24 s at 10 pictures a second: a figure comes at 4 s, stands from 7 to 13.4, leaves; a car from 17.4 to 20.4."""
    return write_video(path, [np.asarray(frame) for frame in scene_footage(fps=10).frames()], fps=10)


def write_video(path: Path, pictures: Sequence[np.ndarray], *, fps: int) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=fps)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 4_000_000
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    return path


@dataclass
class LiveSite:
    """A door behind which each frame goes through the real bus, analyzer and alert worker before the next comes."""

    client: Client
    database: Database
    folder: Path
    engine: Engine
    now: datetime
    stop: Stop = field(default_factory=Stop)

    def put(self, message: BusMessage) -> Put:
        self.now = message.captured_at
        put = self._bus.put(message)
        assert put.evicted == 0 and self._analyst.turn() == 1
        self._worker.turn(self.stop)
        return put

    def play(self, footage: Footage, camera: CameraRow, rules: Sequence[RuleRow]) -> tuple[IncidentRow, ...]:
        """Oldest first."""
        with self.database.write() as connection:
            add_camera(connection, camera)
            for rule in rules:
                add_rule(connection, rule)
            next_site_version(connection)
        with self.database.read() as connection:
            Board(self.client).publish_site(*read_site(connection))
        self._start()
        pipeline = Pipeline(IngestCamera(camera.id, camera.name, camera.url), 1, self)
        for sampled in footage.pictures():
            pipeline.take(sampled)
        with self.database.read() as connection:
            return page_of_incidents(connection, before="", limit=100)[::-1]

    def _start(self) -> None:
        self._bus, pins = FrameBus(self.client), Pins(self.client)
        site = SiteWatch(Board(self.client), self.engine.capabilities("analyzer-1"))
        bounds = Bounds(1, batch_frames=8, max_age_s=10.0)
        self._analyst = Worker(
            self._bus, pins, site, self.engine, name="analyzer-1", bounds=bounds, clock=lambda: self.now
        )
        self._worker = ShardWorker(
            AnswerStream(self.client, shard=0, consumer="alerts-1"),
            self.database,
            ShardLease(self.database, 0, worker="alerts-1"),
            EvidenceKeeper(self.folder, pins),
            Place("http://site.example:8600", "UTC", 1),
            lambda: self.now,
        )
        self._worker.turn(self.stop)
