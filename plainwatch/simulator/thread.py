"""An asyncio server on a thread of its own, for code that is not async.

Takes: a server that is an async context manager.
Gives: the same server, running until the block ends.
Knows nothing about: what is served."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

from contracts.errors import ConfigError

Server = TypeVar("Server", bound=AbstractAsyncContextManager[object])

_STARTS_IN_S = 15.0


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Listening when the block begins; what made it fail to listen is raised here."""
    thread = _ServerThread(server)
    thread.start()
    try:
        thread.wait_until_ready()
        yield server
    finally:
        thread.stop()


class _ServerThread(threading.Thread):
    def __init__(self, server: AbstractAsyncContextManager[object]) -> None:
        super().__init__(name="simulator", daemon=True)
        self._server = server
        self._ready = threading.Event()
        self._refused: ConfigError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop_asked: asyncio.Event | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        except ConfigError as error:
            self._refused = error
        finally:
            self._ready.set()

    def wait_until_ready(self) -> None:
        if not self._ready.wait(_STARTS_IN_S):
            raise ConfigError(f"simulator did not listen within {_STARTS_IN_S:.0f} s", "look for a stuck machine")
        if self._refused is not None:
            raise self._refused

    def stop(self) -> None:
        if self._loop is not None and self._stop_asked is not None and self.is_alive():
            self._loop.call_soon_threadsafe(self._stop_asked.set)
        self.join()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop_asked = asyncio.Event()
        async with self._server:
            self._ready.set()
            await self._stop_asked.wait()
