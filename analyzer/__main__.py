"""The analyzer's process: settings into parts, parts into the loop.

Takes: PLAINWATCH_* variables.
Gives: an exit code.
Knows nothing about: how it is supervised."""

import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from analyzer.edge.engine import open_edge_engine
from analyzer.engine import Engine
from analyzer.site import SiteWatch
from analyzer.work import Bounds, Worker
from contracts.board import Board
from contracts.broker import connect
from contracts.bus import FrameBus
from contracts.errors import ConfigError
from contracts.pins import Pins
from contracts.service import Stop, beat_forever, run, worker_name
from contracts.settings import Settings

ROOM = "analyzer"
ENGINES: dict[str, Callable[[Settings], Engine]] = {"edge": open_edge_engine}


def serve(settings: Settings, stop: Stop) -> None:
    """Until `stop`, or until the engine cannot be opened."""
    opener = ENGINES.get(settings.engine)
    if not opener:
        raise ConfigError(
            f"setting PLAINWATCH_ENGINE: '{settings.engine}' is no engine", f"give one of: {', '.join(sorted(ENGINES))}"
        )
    name = worker_name(ROOM, settings)
    client = connect(settings.bus_url)
    board = Board(client)
    engine = opener(settings)
    worker = Worker(
        FrameBus(client, shards=settings.shards),
        Pins(client, shards=settings.shards, max_bytes=settings.pin_mb << 20),
        SiteWatch(board, engine.capabilities(name)),
        engine,
        name=name,
        bounds=Bounds(settings.shards, settings.batch_frames, settings.max_age_s),
        clock=lambda: datetime.now(UTC),
    )
    threading.Thread(target=beat_forever, args=(board, ROOM, name, stop, worker.figures), daemon=True).start()
    worker.run(stop)
    engine.close()


if __name__ == "__main__":
    sys.exit(run(ROOM, serve))
