"""The analyzer's process: settings into parts, parts into the loop.

Takes: PLAINWATCH_* variables.
Gives: an exit code.
Knows nothing about: how it is supervised."""

import sys
import threading
from datetime import UTC, datetime
from functools import partial

from analyzer.engines import open_engine
from analyzer.explaining import desk_for
from analyzer.site import SiteWatch
from analyzer.work import Bounds, Worker
from contracts.board import Board
from contracts.broker import connect
from contracts.bus import FrameBus
from contracts.pins import Pins
from contracts.service import Stop, beat_forever, run, worker_name
from contracts.settings import Settings

ROOM = "analyzer"


def serve(settings: Settings, stop: Stop) -> None:
    """Until `stop`, or until the engine cannot be opened."""
    name = worker_name(ROOM, settings)
    client = connect(settings.bus_url)
    board = Board(client)
    pins = Pins(client, shards=settings.shards, max_bytes=settings.pin_mb << 20)
    clock, deadline_s = partial(datetime.now, UTC), settings.engine_deadline_s
    engine = open_engine(settings, client)
    offered = engine.capabilities(name)
    worker = Worker(
        FrameBus(client, shards=settings.shards),
        pins,
        SiteWatch(board, offered),
        engine,
        name=name,
        bounds=Bounds(settings.shards, settings.batch_frames, settings.max_age_s, deadline_s),
        clock=clock,
        desk=desk_for(client, pins, engine, explains=offered.explains, deadline_s=deadline_s, clock=clock),
    )
    threading.Thread(target=beat_forever, args=(board, ROOM, name, stop, worker.figures), daemon=True).start()
    worker.run(stop)
    engine.close()


if __name__ == "__main__":
    sys.exit(run(ROOM, serve))
