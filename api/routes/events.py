"""/api/v1/events: incidents and cameras as they change, as server-sent events.

Takes: Last-Event-ID from a client that comes back.
Gives: text/event-stream.
Knows nothing about: what changed (api.events does)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from api.auth import Viewer, check_key
from api.deps import Deps, DepsHere
from api.events import Watch, problem_event, resume_point
from api.problems import declared
from contracts.errors import NotAllowed, Unavailable

router = APIRouter(prefix="/api/v1/events", tags=["events"])

LOOK_EVERY_S = 0.5
#: proxies close a silent connection after a minute or so; and a key may have been revoked
_REMARK_EVERY_LOOKS = 20
_EXAMPLE = 'id: 2026-11-22T09:00:00.180Z\nevent: incident.opened\ndata: {"type":"incident.opened","data":{}}\n\n'
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}}}
}


@router.get("", response_class=StreamingResponse, responses=declared() | _STREAM, summary="Watch events")
async def events(
    request: Request,
    deps: DepsHere,
    _caller: Viewer,
    last_event_id: Annotated[str, Header(max_length=64, description="The id of the last event seen.")] = "",
) -> StreamingResponse:
    """Events: incident.opened, updated, ended, retracted, acknowledged; camera.online, offline, frozen and so on."""
    secret = request.headers.get("authorization", "").partition(" ")[2].strip()
    return StreamingResponse(_stream(deps, Watch(resume_point(last_event_id)), secret), media_type="text/event-stream")


async def _stream(deps: Deps, watch: Watch, secret: str) -> AsyncIterator[bytes]:
    if not deps.streams.acquire(blocking=False):
        yield problem_event("too many clients watch events already; close some", deps.clock()).encoded()
        return
    try:
        yield b"retry: 2000\n: watching\n\n"
        looks = 0
        while True:
            yield await run_sync(_look, deps, watch)
            looks += 1
            if looks % _REMARK_EVERY_LOOKS == 0:
                await run_sync(check_key, deps.database, secret, deps.clock())
                yield b": still watching\n\n"
            await asyncio.sleep(LOOK_EVERY_S)
    except NotAllowed as error:
        yield problem_event(str(error), deps.clock()).encoded()
    finally:
        deps.streams.release()


def _look(deps: Deps, watch: Watch) -> bytes:
    try:
        return b"".join(event.encoded() for event in watch.look(deps, deps.clock()))
    except Unavailable:  # the client goes on waiting; /health says what is away
        return b": the database does not answer\n\n"
