"""One attempt at one webhook: a signed POST, and what the endpoint said.

Takes: a URL, a secret, a message id, a body; the outbound policy sits in the transport.
Gives: Sent, whatever the endpoint does: it never raises for an endpoint's fault, never follows, never reads on.
Knows nothing about: the database, the schedule."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

import httpx2

from alerts.pinned_transport import AllowList, PinnedTransport
from alerts.sign import signed_headers
from contracts.errors import OutboundRefused
from contracts.outbound import Resolver, resolve
from contracts.redact import scrub

TIMEOUT_S = 15.0
READ_MAX_BYTES = 64 << 10
ANSWER_KEPT_BYTES = 1 << 10
CONNECTIONS_MAX = 32


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, and where to. `url` and `secret` are opened for the moment of sending only."""

    url: str
    secret: str
    message_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """`status` None: no answer came, and `error` says why. `answer`: its beginning."""

    status: int | None
    latency_ms: float
    error: str = ""
    answer: str = ""
    retry_after: str | None = None

    @property
    def accepted(self) -> bool:
        """2xx and nothing else: a redirect is a failure."""
        return self.status is not None and 200 <= self.status < 300


class WebhookSender:
    """Use as `async with`; one for all endpoints."""

    def __init__(self, allow: AllowList, *, timeout_s: float = TIMEOUT_S, resolver: Resolver = resolve) -> None:
        tls = httpx2.create_ssl_context(trust_env=False)
        self._timeout_s = timeout_s
        self._client = httpx2.AsyncClient(
            transport=PinnedTransport(allow, limit=CONNECTIONS_MAX, resolver=resolver, tls=tls),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(timeout_s),
        )

    async def __aenter__(self) -> "WebhookSender":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def send(self, message: Message, *, now: datetime) -> Sent:
        """Within the timeout, from resolving the name to the last byte read."""
        begun_s = time.monotonic()
        status: int | None = None
        retry_after: str | None = None
        answer, error = b"", ""
        try:
            async with asyncio.timeout(self._timeout_s):
                headers = _headers(message, now)
                async with self._client.stream("POST", message.url, content=message.body, headers=headers) as response:
                    status, retry_after = response.status_code, response.headers.get("retry-after")
                    answer = await _beginning(response)
        except (TimeoutError, httpx2.TimeoutException):
            error = f"no complete answer within {self._timeout_s:g} s"
        except (httpx2.TransportError, OutboundRefused) as problem:
            error = scrub(str(problem))
        except (httpx2.InvalidURL, ValueError) as problem:
            error = f"the URL or the secret is not valid: {scrub(str(problem))}"
        if status is not None and not 200 <= status < 300:
            error = _refusal(status)
        elif status is not None:
            error = ""  # accepted; that the rest of the answer never came is not our concern
        return Sent(status, (time.monotonic() - begun_s) * 1000, error, _text(answer), retry_after)


def user_agent() -> str:
    """`Plainwatch/<version>`."""
    try:
        return f"Plainwatch/{version('plainwatch')}"
    except PackageNotFoundError:
        return "Plainwatch"


def _headers(message: Message, now: datetime) -> dict[str, str]:
    signed = signed_headers(message.secret, message_id=message.message_id, at=now, body=message.body)
    plain = {"content-type": "application/json", "user-agent": user_agent(), "accept-encoding": "identity"}
    return plain | signed


async def _beginning(response: httpx2.Response) -> bytes:
    kept, read = b"", 0
    async for part in response.aiter_raw():
        kept += part[: max(0, ANSWER_KEPT_BYTES - len(kept))]
        read += len(part)
        if read >= READ_MAX_BYTES:
            break
    return kept


def _refusal(status: int) -> str:
    if 300 <= status < 400:
        return f"answered {status}: redirects are not followed, register the final address"
    return f"answered {status}"


def _text(answer: bytes) -> str:
    # PostgreSQL's text holds no zero byte.
    return scrub(answer.decode(errors="replace").replace("\0", "�"))[:ANSWER_KEPT_BYTES]
