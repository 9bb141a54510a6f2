"""An RTSP server whose cameras do what a test tells them, in this event loop or on a thread of its own.

Takes: mounts, an address to listen on, perhaps a TLS context.
Gives: URLs that any RTSP client opens over TCP.
Knows nothing about: requests and media (session.py, player.py)."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from contracts.errors import ConfigError
from contracts.redact import join_credentials
from plainwatch.simulator.listening import Listener
from plainwatch.simulator.mount import Mount, MountCounts
from plainwatch.simulator.session import Session
from plainwatch.simulator.thread import running


class Simulator:
    """`async with Simulator(Mount(…)) as cameras: cameras.url("yard")`; port 0 takes a free one."""

    def __init__(
        self, *mounts: Mount, host: str = "127.0.0.1", port: int = 0, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        self.mounts = {mount.name: mount for mount in mounts}
        if len(self.mounts) != len(mounts):
            raise ConfigError("two mounts of the simulator share a name", "give each its own")
        self.host = host
        self.port = port
        self._ssl_context = ssl_context
        self._listener = Listener(self._serve)

    async def __aenter__(self) -> Self:
        self.port = await self._listener.open(self.host, self.port, self._ssl_context)
        began_s = asyncio.get_running_loop().time()
        for mount in self.mounts.values():
            mount.began_s = began_s
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._listener.close()

    def url(self, name: str, *, with_password: bool = True) -> str:
        """The mount's address; as a camera's user types it, the password inside, unless told otherwise."""
        mount = self.mounts[name]
        scheme = "rtsps" if self._ssl_context else "rtsp"
        bare = f"{scheme}://{self.host}:{self.port}/{name}"
        return join_credentials(bare, mount.user, mount.password) if with_password else bare

    def counts(self) -> list[MountCounts]:
        """One entry a mount, in their order."""
        return [mount.counts() for mount in self.mounts.values()]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Session(reader, writer, self.mounts, self.host).run()


@contextmanager
def serve_in_thread(
    *mounts: Mount, host: str = "127.0.0.1", port: int = 0, ssl_context: ssl.SSLContext | None = None
) -> Iterator[Simulator]:
    """The same for code that is not async: served from its own thread until the block ends."""
    with running(Simulator(*mounts, host=host, port=port, ssl_context=ssl_context)) as simulator:
        yield simulator
