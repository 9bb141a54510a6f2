"""What happens before any route: the key is checked, the body is bounded, safe headers are set.

Takes: raw ASGI requests.
Gives: requests with a checked caller and a body of at most 1 MB; problems for all others.
Knows nothing about: routes, scopes.

In front of the framework, since it would parse a body before it looks at the key."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth import Caller, check_key
from api.deps import Deps
from api.problems import problem, problem_of
from contracts.errors import NotAllowed, PlainwatchError

BODY_MAX_BYTES = 1 << 20
BODY_TIMEOUT_S = 10.0
_GUARDED = ("/api/", "/metrics")
#: here a signed link may stand in place of a key; the route checks it
_SIGNED = ("/api/v1/evidence/", "/api/v1/archive/", "/api/v1/feedback/")

Message = MutableMapping[str, Any]


class Gate:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded_send = _with_safe_headers(send)
        try:
            scope.setdefault("state", {})["caller"] = await self._caller(scope)
        except PlainwatchError as error:
            await problem_of(error)(scope, receive, guarded_send)
            return
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:  # PostgreSQL's text holds none
            await problem(422, "invalid", "the address holds a zero byte", "leave it out")(scope, receive, guarded_send)
            return
        body = await _bounded_body(scope, receive)
        if isinstance(body, int):
            await _body_problem(body)(scope, receive, guarded_send)
            return
        await self._app(scope, _replay(body, receive), guarded_send)

    async def _caller(self, scope: Scope) -> Caller | None:
        deps: Deps = scope["app"].state.deps
        if not scope["path"].startswith(_GUARDED):
            return None
        header = Headers(scope=scope).get("authorization", "")
        kind, _, secret = header.partition(" ")
        if kind.casefold() == "bearer" and secret.strip():
            return await run_sync(check_key, deps.database, secret.strip(), deps.clock())
        if not header and scope["path"].startswith(_SIGNED):
            return None
        raise NotAllowed("this needs a key", "send the header Authorization: Bearer pw_key_…")


def _with_safe_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Content-Type-Options"] = "nosniff"
            headers.setdefault("Cache-Control", "no-store")
            headers["Referrer-Policy"] = "no-referrer"
            headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        await send(message)

    return guarded


async def _bounded_body(scope: Scope, receive: Receive) -> bytes | int:
    """The whole body, or the status of the problem with it."""
    declared = Headers(scope=scope).get("content-length", "0")
    if not declared.isdecimal() or int(declared) > BODY_MAX_BYTES:
        return 413
    if scope["method"] in ("GET", "HEAD") and declared == "0":
        return b""
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await _read(receive)
    except TimeoutError:
        return 408


async def _read(receive: Receive) -> bytes | int:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return 408
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY_MAX_BYTES:
            return 413
        if not message.get("more_body", False):
            return b"".join(parts)


def _body_problem(status: int) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    if status == 413:
        return problem(413, "too_large", f"the body is over {BODY_MAX_BYTES} bytes", "send less")
    return problem(408, "too_slow", f"the body did not arrive within {BODY_TIMEOUT_S:.0f} s", "send it again")


def _replay(body: bytes, receive: Receive) -> Receive:
    """First the body that was read, then whatever comes: the disconnect."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replayed
