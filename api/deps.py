"""What every route may use, in one object.

Takes: the parts, built by __main__ or by a test.
Gives: Deps, and DepsHere for the routes' signatures.
Knows nothing about: routes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from api.asking import Asker
from api.backtesting import Turns
from api.feedback import Turnstile
from api.live import LiveBoard
from api.pictures import Pictures
from contracts.broker import Client
from contracts.bus import FrameBus
from contracts.errors import Unavailable
from contracts.seal import Sealer
from contracts.settings import Settings
from store.database import Database

#: requests that wait on a worker hold a thread each; the pool has 40, and the others must go on being answered
SLOW_REQUESTS = 16
#: each looks twice a second
EVENT_STREAMS = 32


@dataclass(frozen=True, slots=True)
class Deps:
    """`changed` is called after each change of the site; it wakes the publisher and returns at once."""

    database: Database
    client: Client
    live: LiveBoard
    bus: FrameBus
    sealer: Sealer
    settings: Settings
    clock: Callable[[], datetime]
    changed: Callable[[], None]
    pictures: Pictures
    streams: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(EVENT_STREAMS))
    words: Turnstile = field(default_factory=Turnstile)
    backtests: Turns = field(default_factory=Turns)
    slow: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(SLOW_REQUESTS))

    @property
    def asker(self) -> Asker:
        """For pictures that were kept."""
        return Asker(self.client, self.bus.bell(), self.clock, self.settings.engine_deadline_s)

    @contextmanager
    def slow_request(self) -> Iterator[None]:
        """Around a wait of seconds. Raises Unavailable where too many wait already."""
        if not self.slow.acquire(blocking=False):
            raise Unavailable(f"{SLOW_REQUESTS} requests wait on workers already", "ask again in a few seconds")
        try:
            yield
        finally:
            self.slow.release()


def deps_of(request: Request) -> Deps:
    """The app's own; no module holds one."""
    deps: Deps = request.app.state.deps
    return deps


DepsHere = Annotated[Deps, Depends(deps_of)]
