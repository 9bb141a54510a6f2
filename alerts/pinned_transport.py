"""One POST to one address that the outbound policy allows: resolve once, check every address, dial the one checked.

Takes: a URL, headers, a body, the allow-list of the moment.
Gives: the answer's status, its Retry-After and its beginning; OutboundRefused, OSError, h11's errors.
Knows nothing about: webhooks, time: whoever calls sets the deadline.

A connection for each request: a policy that was tightened holds from the next attempt on. Neither httpx2 nor its pool:
without connections that are kept they take three to ten times the processor for one request (docs/bench-log.md)."""

import asyncio
import base64
import ipaddress
import os
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache

import h11
import httpx2

from contracts.errors import ConfigError
from contracts.outbound import Allowed, Resolver, pin_address, resolve

AllowList = Callable[[], Sequence[Allowed]]
#: a name server that hangs holds a thread longer than its attempt lasts
RESOLVER_THREADS = 64
READ_MAX_BYTES = 64 << 10
ANSWER_KEPT_BYTES = 1 << 10
_CHUNK_BYTES = 16 << 10
_PORTS = {"http": 80, "https": 443}


@dataclass(slots=True)
class Reply:
    """Filled as the answer comes in, so that what came before an end too early is known."""

    status: int | None = None
    retry_after: str | None = None
    beginning: bytes = b""


@dataclass(frozen=True, slots=True)
class _Target:
    host: str
    port: int
    path: bytes
    authority: bytes
    is_tls: bool
    credentials: bytes = field(repr=False)


class PinnedPoster:
    """One for all endpoints; `close` at the end."""

    def __init__(self, allow: AllowList, resolver: Resolver = resolve) -> None:
        self._allow = allow
        self._resolver = resolver
        self._tls = _authorities()
        self._threads = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="resolve")

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, reply: Reply) -> None:
        """Never follows anything: one request, one answer, of which the beginning is read. Raises ValueError too."""
        target = _target(url)
        address = await self._pin(target.host, target.port)
        # Host header and server name stay those of the URL: only the address is ours.
        secure: dict[str, object] = {"ssl": self._tls, "server_hostname": target.host} if target.is_tls else {}
        reader, writer = await asyncio.open_connection(address, target.port, **secure)  # type: ignore[arg-type]
        try:
            connection = h11.Connection(h11.CLIENT)
            writer.write(_request(connection, target, headers, body))
            await writer.drain()
            await read_answer(connection, reader, reply)
        finally:
            writer.transport.abort()  # a polite end of TLS could hang

    def close(self) -> None:
        """Safe to call twice."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _pin(self, host: str, port: int) -> str:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, pin_address, host, port, self._allow(), self._resolver)
        return pin_address(host, port, self._allow(), lambda *_: (host,))


def _authorities() -> ssl.SSLContext:
    """The system's, or those that SSL_CERT_FILE or SSL_CERT_DIR names in their place. Raises ConfigError."""
    try:
        return httpx2.create_ssl_context()
    except OSError as error:
        named = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
        raise ConfigError(
            f"certificate authorities '{named}' cannot be read: {error.strerror or error}",
            "SSL_CERT_FILE names a file of PEM certificates, SSL_CERT_DIR a folder of them",
        ) from error


@lru_cache(maxsize=1024)
def _target(url: str) -> _Target:
    parsed = httpx2.URL(url)
    scheme, host = parsed.raw_scheme.decode(), parsed.raw_host.decode()
    if scheme not in _PORTS or not host:
        raise ValueError("it does not begin with https:// or http:// and a host")
    port = parsed.port or _PORTS[scheme]
    shown = b"[" + parsed.raw_host + b"]" if ":" in host else parsed.raw_host
    authority = shown if parsed.port is None else shown + b":" + str(port).encode()
    user, password = parsed.username, parsed.password
    credentials = base64.b64encode(f"{user}:{password}".encode()) if user or password else b""
    return _Target(host, port, parsed.raw_path, authority, scheme == "https", credentials)


def _request(connection: h11.Connection, target: _Target, headers: Mapping[str, str], body: bytes) -> bytes:
    fields: list[tuple[bytes, bytes]] = [(b"host", target.authority)]
    fields += [(name.encode(), value.encode()) for name, value in headers.items()]
    fields += [(b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    if target.credentials and "authorization" not in headers:
        fields.append((b"authorization", b"Basic " + target.credentials))
    head = connection.send(h11.Request(method=b"POST", target=target.path, headers=fields))
    return b"".join(filter(None, (head, connection.send(h11.Data(body)), connection.send(h11.EndOfMessage()))))


async def read_answer(connection: h11.Connection, reader: asyncio.StreamReader, reply: Reply) -> None:
    """To its end, or as far as READ_MAX_BYTES, headers and all. Raises h11.RemoteProtocolError."""
    left = READ_MAX_BYTES
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if not left:
                break
            some = await reader.read(min(left, _CHUNK_BYTES))
            left -= len(some)
            connection.receive_data(some)
        elif isinstance(event, h11.Response):
            reply.status = event.status_code
            fields = dict(event.headers)
            reply.retry_after = fields.get(b"retry-after", b"").decode("latin-1") or None
        elif isinstance(event, h11.Data):
            reply.beginning += bytes(event.data[: ANSWER_KEPT_BYTES - len(reply.beginning)])
        elif not isinstance(event, h11.InformationalResponse):
            return
    if reply.status is None:
        raise h11.RemoteProtocolError(f"no status in its first {READ_MAX_BYTES >> 10} KB")
