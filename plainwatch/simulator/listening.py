"""Listening on a port and ending every connection when that ends.

Takes: an address and what to do with a connection.
Gives: the port that was taken; nothing is left running after `close`.
Knows nothing about: the protocol spoken."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

from contracts.errors import ConfigError

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_BACKLOG = 512
_FLUSHED_WITHIN_S = 1.0


class Listener:
    """One listening socket and its connections."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int, ssl_context: ssl.SSLContext | None = None) -> int:
        """The port; 0 takes a free one."""
        try:
            self._server = await asyncio.start_server(
                self._accepted, host, port, ssl=ssl_context, backlog=_BACKLOG, limit=1 << 16
            )
        except OSError as error:
            raise ConfigError(
                f"simulator cannot listen on {host}:{port}, got {error.strerror}", "choose another port"
            ) from error
        taken: int = self._server.sockets[0].getsockname()[1]
        return taken

    async def close(self) -> None:
        """Safe to call twice."""
        if self._server is not None:
            self._server.close()
        connections = list(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._connections.add(task)
        try:
            # Cancelled only by close(); Python 3.11's streams would report a task that ends as cancelled.
            with suppress(asyncio.CancelledError, ConnectionError):
                await self._serve(reader, writer)
        finally:
            await _end(writer)
            self._connections.discard(task)


async def _end(writer: asyncio.StreamWriter) -> None:
    """What was counted as sent still leaves; a client that does not read is cut off."""
    writer.close()
    try:
        await asyncio.wait_for(writer.wait_closed(), _FLUSHED_WITHIN_S)
    except OSError:  # TimeoutError and TLS errors are OSErrors too
        writer.transport.abort()
