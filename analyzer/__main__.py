"""The analyzer's process: settings into parts, parts into the loop.

Takes: PLAINWATCH_* variables.
Gives: an exit code.
Knows nothing about: how it is supervised."""

import sys
import threading
from datetime import UTC, datetime
from functools import partial

from analyzer.desk import JobDesk, Service
from analyzer.engines import open_engine
from analyzer.explaining import explaining
from analyzer.site import SiteWatch
from analyzer.trying import Trying
from analyzer.work import Bounds, Worker
from analyzer.writing import writing
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
    services: tuple[Service, ...] = (
        *explaining(pins, engine, explains=offered.explains, deadline_s=deadline_s, clock=clock),
        *writing(engine, writes=offered.writes, deadline_s=deadline_s),
        Trying(engine, deadline_s=deadline_s, clock=clock),
    )
    worker = Worker(
        FrameBus(client, shards=settings.shards),
        pins,
        SiteWatch(board, offered),
        engine,
        name=name,
        bounds=Bounds(settings.shards, settings.batch_frames, settings.max_age_s, deadline_s),
        clock=clock,
        desk=JobDesk(client, services, clock=clock),
    )
    threading.Thread(target=beat_forever, args=(board, ROOM, name, stop, worker.figures), daemon=True).start()
    worker.run(stop)
    engine.close()


if __name__ == "__main__":
    sys.exit(run(ROOM, serve))
