"""The HTTP transport that dials only what the outbound policy allows.

Takes: the allow-list of the moment.
Gives: an httpx2 transport: each connection resolves its host once, checks every address, and dials the checked one.
Knows nothing about: webhooks.

httpx2's own transport takes no network backend, httpcore2's pool does. Connections are not kept: a policy that was
tightened holds from the next attempt on."""

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2

from contracts.errors import SourceUnreachable
from contracts.outbound import Allowed, Resolver, pin_address, resolve

AllowList = Callable[[], Sequence[Allowed]]
#: a name server that hangs holds a thread longer than its attempt lasts: more threads than attempts at once
RESOLVER_THREADS = 64


class PinnedBackend(httpcore2.AsyncNetworkBackend):
    """Raises OutboundRefused where the policy says no, before anything is dialled."""

    def __init__(self, allow: AllowList, resolver: Resolver = resolve) -> None:
        self._allow = allow
        self._resolver = resolver
        self._dial = httpcore2.AnyIOBackend()
        self._threads = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="resolve")

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Host header and server name stay those of the URL: only the address is ours."""
        bare = host.strip("[]")
        try:
            address = await asyncio.get_running_loop().run_in_executor(
                self._threads, pin_address, bare, port, self._allow(), self._resolver
            )
        except SourceUnreachable as error:
            raise httpcore2.ConnectError(str(error)) from error
        return await self._dial.connect_tcp(address, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def close(self) -> None:
        """Safe to call twice."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class PinnedTransport(httpx2.AsyncBaseTransport):
    """One for all endpoints; `limit` connections at once."""

    def __init__(self, allow: AllowList, *, limit: int, resolver: Resolver = resolve, tls: ssl.SSLContext) -> None:
        self._backend = PinnedBackend(allow, resolver)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls, max_connections=limit, max_keepalive_connections=0, network_backend=self._backend
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Never follows anything: one request, one answer."""
        assert isinstance(request.stream, AsyncIterable)
        url = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        with _httpx_errors():
            answer = await self._pool.handle_async_request(
                httpcore2.Request(
                    method=request.method,
                    url=url,
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        assert isinstance(answer.stream, AsyncIterable)
        return httpx2.Response(status_code=answer.status, headers=answer.headers, stream=_Body(answer.stream))

    async def aclose(self) -> None:
        await self._pool.aclose()
        self._backend.close()


class _Body(httpx2.AsyncByteStream):
    def __init__(self, stream: AsyncIterable[bytes]) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _httpx_errors():
            async for part in self._stream:
                yield part

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None)
        if close:
            await close()


@contextmanager
def _httpx_errors() -> Iterator[None]:
    """httpcore2 and httpx2 each have their own tree of errors; above, only httpx2's is known."""
    try:
        yield
    except httpcore2.TimeoutException as error:
        raise httpx2.TimeoutException(str(error) or "no answer in time") from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
        raise httpx2.TransportError(str(error) or type(error).__name__) from error
