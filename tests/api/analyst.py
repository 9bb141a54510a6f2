"""A real analyzer beside a test's API."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from analyzer.desk import JobDesk
from analyzer.engine import Engine
from analyzer.site import SiteWatch
from analyzer.trying import Trying
from analyzer.work import Bounds, Worker
from contracts import keys
from contracts.bus import FrameBus
from contracts.messages import WorkerBeat
from contracts.pins import Pins
from contracts.service import Stop
from tests.api.running import WAIT_S, Site, now, until


@contextmanager
def analyzing(site: Site, engine: Engine, *, name: str = "analyzer-1") -> Iterator[Worker]:
    """Until the end of the block; its sign of life is older than the block only where that takes ten seconds."""
    client, offered = site.deps.client, engine.capabilities(name)
    desk = JobDesk(client, [Trying(engine, deadline_s=60.0, clock=now)], clock=now)
    watch = SiteWatch(site.board, offered)
    worker = Worker(
        FrameBus(client), Pins(client), watch, engine, name=name, bounds=Bounds(1, 8, 10.0), clock=now, desk=desk
    )
    stop = Stop()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    site.board.offer(offered)
    site.board.beat(WorkerBeat("analyzer", name, now(), 1))
    until(lambda: bool(site.deps.live.view(now()).capabilities))
    try:
        yield worker
    finally:
        stop.set()
        client.lpush(keys.bell(0), "1")
        thread.join(timeout=WAIT_S)
        assert not thread.is_alive()
