"""One attempt at one event through apprise, in a process of its own.

Takes: an endpoint's URL, a webhook's body, the outbound policy.
Gives: Sent: acknowledged means that the service took it; never raises for a service's fault.
Knows nothing about: apprise itself, the database, the schedule.

The process gets the URL on standard input, none of our environment, and is killed at the timeout."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from alerts.apprise_urls import dialled, require_apprise, without_parts
from alerts.formats.apprise_text import apprise_text
from alerts.formats.notice import read_notice
from alerts.webhook import TIMEOUT_S, Sent
from contracts.errors import PlainwatchError
from contracts.outbound import Allowed, Resolver, pin_address, resolve, written
from contracts.redact import scrub
from contracts.through_apprise import Order, Verdict

#: each is a Python of 50 MB and a third of a second of a core
PLACES = 8
_ROOT = str(Path(__file__).resolve().parents[1])
#: no user's packages, nothing from the folder that we happen to stand in
_COMMAND = (sys.executable, "-s", "-P", "-B", "-m", "alerts.apprise_child")
#: where certificates of one's own are, and libraries; a proxy would dial in our place, so none is named
_KEPT = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "LD_LIBRARY_PATH", "TZ")


class AppriseSender:
    """One for all endpoints: it bounds how many processes there are."""

    def __init__(
        self,
        allow: Callable[[], Sequence[Allowed]],
        *,
        timeout_s: float = TIMEOUT_S,
        resolver: Resolver = resolve,
    ) -> None:
        self._allow = allow
        self._timeout_s = timeout_s
        self._resolver = resolver
        self._places = asyncio.Semaphore(PLACES)

    async def send(self, url: str, body: bytes) -> Sent:
        """Within the timeout, from waiting for a place to the process's end."""
        begun_s = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s), self._places:
                error = await self._tell(url, body)
        except TimeoutError:
            error = f"no answer within {self._timeout_s:g} s"
        except PlainwatchError as problem:
            error = scrub(str(problem))
        except OSError as problem:
            error = f"the process for apprise could not be started: {problem.strerror}"
        return Sent(None, (time.monotonic() - begun_s) * 1000, error, acknowledged=not error)

    async def _tell(self, url: str, body: bytes) -> str:
        """What went wrong, or ""."""
        require_apprise()
        target, allow = dialled(url), self._allow()
        if target:
            await asyncio.to_thread(pin_address, target.host, target.port, allow, self._resolver)
        told = apprise_text(read_notice(body))
        order = Order(url, told.title, told.body, told.kind, written(allow), self._timeout_s)
        said = await _asked(msgspec.json.encode(order))
        try:
            verdict = msgspec.json.decode(said, type=Verdict)
        except msgspec.DecodeError:
            return "apprise ended without a word; try the same URL with its own command line"
        return "" if verdict.ok else scrub(without_parts(verdict.problem, url))


async def _asked(order: bytes) -> bytes:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *_COMMAND, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env=_environment(), cwd="/"
    )
    try:
        said, _ = await process.communicate(order)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    return said


def _environment() -> dict[str, str]:
    """HOME is nowhere: requests would look for passwords in it."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONPATH": _ROOT, "HOME": "/nonexistent", "PATH": os.defpath, "LC_ALL": "C.UTF-8"}
