"""The ingest worker: cameras in, keyframes out."""

import sys
import threading
import time
from datetime import UTC, datetime
from functools import partial

from contracts import clips
from contracts.board import Board
from contracts.broker import connect
from contracts.bus import FrameBus
from contracts.leases import Leases
from contracts.seal import sealer_from
from contracts.service import Stop, beat_forever, run, worker_name
from contracts.settings import Settings, comma_list
from contracts.site import IngestCamera
from ingest.camera import Camera, Shared
from ingest.desk import Desk
from ingest.door import BusDoor
from ingest.filming import SLACK_S, answer_clip
from ingest.fleet import Fleet
from ingest.opening import Opener
from ingest.probe import answer_probe
from ingest.ring import Rings
from ingest.source import Clock, Limits, Source


def main(settings: Settings, stop: Stop) -> None:
    """Wires the room; returns when told to stop."""
    import cv2

    cv2.setNumThreads(1)  # one thread a camera is the plan; more only fight over the cores
    client = connect(settings.bus_url)
    board, worker = Board(client), worker_name("ingest", settings)
    clock = Clock(lambda: datetime.now(UTC), time.monotonic)
    limits = Limits(settings.open_timeout_s, settings.read_timeout_s)
    sealer = sealer_from(settings.key_file, settings.secret_key.get_secret_value())
    opener = Opener(sealer, settings.media_root, comma_list(settings.camera_allow), limits, clock)
    door = BusDoor(FrameBus(client, shards=settings.shards), clock.monotonic_s)

    def make_camera(spec: IngestCamera, epoch: int) -> Camera:
        return Camera(spec, epoch, shared)

    fleet = Fleet(board, Leases(client, worker=worker, shards=settings.shards), clock, worker, make_camera)
    rings = Rings(max_bytes=settings.clip_mb << 20, seconds=settings.clip_pre_s + settings.clip_post_s + SLACK_S)

    def open_camera(spec: IngestCamera) -> Source:
        return opener.open(spec.url, spec.sealed, spec.sampling, fleet.allow, ring=rings.of(spec.id))

    def figures() -> dict[str, float]:
        return fleet.figures() | {"ring_bytes": rings.sweep(clock.now())}

    shared = Shared(board, door, clock, limits, worker, open_camera)
    desk = Desk(client, {"probe": lambda payload: answer_probe(payload, opener)}, clock)
    film = partial(answer_clip, rings=rings, board=board)
    films = Desk(client, {clips.JOB: film}, clock, room=clips.clip_room(worker), places=1)
    beats = threading.Thread(target=beat_forever, args=(board, "ingest", worker, stop, figures), name="beats")
    jobs = threading.Thread(target=desk.run, args=(stop,), name="jobs", daemon=True)
    filming = threading.Thread(target=films.run, args=(stop,), name="films", daemon=True)
    beats.start()
    jobs.start()
    filming.start()
    fleet.run(stop)
    beats.join()


if __name__ == "__main__":
    sys.exit(run("ingest", main))
