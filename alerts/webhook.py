"""One attempt at one webhook: a signed POST, and what the endpoint said.

Takes: a URL, secrets, a message id, a body; the outbound policy sits in the transport.
Gives: Sent, whatever the endpoint does: it never raises for an endpoint's fault, never follows, never reads on.
Knows nothing about: the database, the schedule."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import h11
import httpx2

from alerts.formats.notice import read_notice
from alerts.formats.request import Service
from alerts.pinned_transport import ANSWER_KEPT_BYTES, AllowList, PinnedPoster, Reply
from alerts.sign import signed_headers
from contracts.errors import OutboundRefused, SourceUnreachable
from contracts.outbound import Resolver, resolve
from contracts.redact import scrub

TIMEOUT_S = 15.0
#: an error is shown to everybody: what the endpoint wrote belongs to `answer`, which only admins see
ERROR_MAX = 300


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, and where to. `url` and the secrets are open here: never shown, never written.

    `old_secrets` sign beside the new one; `headers` stand in place of ours of the same name. `service`: whose format
    the body is put into, and then nothing is signed. `over_at`: when the incident ended, if it has by now."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    message_id: str
    body: bytes
    old_secrets: tuple[str, ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    service: Service | None = None
    over_at: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """`status` None: no answer came, and `error` says why. `answer`: its beginning.

    `acknowledged`: over a protocol that has no status."""

    status: int | None
    latency_ms: float
    error: str = ""
    answer: str = ""
    retry_after: str | None = None
    acknowledged: bool = False

    @property
    def accepted(self) -> bool:
        """2xx and nothing else: a redirect is a failure, and so is a service that says no in its words."""
        return self.acknowledged or (not self.error and self.status is not None and 200 <= self.status < 300)


class WebhookSender:
    """Use as `async with`; one for all endpoints."""

    def __init__(self, allow: AllowList, *, timeout_s: float = TIMEOUT_S, resolver: Resolver = resolve) -> None:
        self._timeout_s = timeout_s
        self._poster = PinnedPoster(allow, resolver)

    async def __aenter__(self) -> "WebhookSender":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._poster.close()

    async def send(self, message: Message, *, now: datetime) -> Sent:
        """Within the timeout, from resolving the name to the last byte read."""
        begun_s = time.monotonic()
        reply, error, odd = Reply(), "", ""
        try:
            async with asyncio.timeout(self._timeout_s):
                url, body = _formatted(message)
                await self._poster.post(url, _headers(message, now), body, reply)
        except TimeoutError:
            error = f"no complete answer within {self._timeout_s:g} s"
        except (OutboundRefused, SourceUnreachable) as problem:
            error = scrub(str(problem))
        except h11.RemoteProtocolError as problem:
            error, odd = "the answer is not HTTP", str(problem)
        except OSError as problem:
            error = f"the connection failed: {scrub(str(problem)) or type(problem).__name__}"
        except (httpx2.InvalidURL, h11.LocalProtocolError, ValueError) as problem:
            error = f"the URL or the secret is not valid: {scrub(str(problem))}"
        if reply.status is not None and not 200 <= reply.status < 300:
            error = _refusal(reply.status)
        elif reply.status is not None:
            # That the rest of the answer never came is not our concern.
            error = message.service.refused(reply.beginning) if message.service else ""
        latency_ms = (time.monotonic() - begun_s) * 1000
        answer = _text(reply.beginning or odd.encode())
        return Sent(reply.status, latency_ms, error[:ERROR_MAX], answer, reply.retry_after)


@cache
def user_agent() -> str:
    """`Plainwatch/<version>`."""
    try:
        return f"Plainwatch/{version('plainwatch')}"
    except PackageNotFoundError:
        return "Plainwatch"


def _formatted(message: Message) -> tuple[str, bytes]:
    if message.service is None:
        return message.url, message.body
    request = message.service.convert(read_notice(message.body, over_at=message.over_at), message.url)
    return request.url, request.body


def _headers(message: Message, now: datetime) -> dict[str, str]:
    plain = {"content-type": "application/json", "user-agent": user_agent(), "accept-encoding": "identity"}
    if message.service is not None:
        return plain | dict(message.headers)
    signed = signed_headers(
        message.secret, message_id=message.message_id, at=now, body=message.body, others=message.old_secrets
    )
    return plain | dict(message.headers) | signed


def _refusal(status: int) -> str:
    if 300 <= status < 400:
        return f"answered {status}: redirects are not followed, register the final address"
    return f"answered {status}"


def _text(answer: bytes) -> str:
    # PostgreSQL's text holds no zero byte.
    return scrub(answer.decode(errors="replace").replace("\0", "�"))[:ANSWER_KEPT_BYTES]
