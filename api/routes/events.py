"""/api/v1/events: incidents and cameras as they change, as server-sent events; what was told of the site, as a list.

Takes: Last-Event-ID from a client that comes back.
Gives: text/event-stream.
Knows nothing about: what changed (api.events does)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from api.auth import Viewer, check_key
from api.bodies.site_events import SiteEventOut
from api.deps import Deps, DepsHere
from api.events import Watch, problem_event, resume_point
from api.paging import Cursor, Limit, Page, page_of, position
from api.problems import declared
from contracts.errors import NotAllowed, Unavailable
from store.system_events import SystemEvent, page_of_system_events

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
    """Events: incident.opened, updated, ended, retracted, acknowledged, snoozed; analyzer.down and others of the site;
    camera.online, offline, frozen and so on, these at once where webhooks wait until it has lasted."""
    secret = request.headers.get("authorization", "").partition(" ")[2].strip()
    return StreamingResponse(_stream(deps, Watch(resume_point(last_event_id)), secret), media_type="text/event-stream")


@router.get("/site", response_model_exclude_none=True, responses=declared(), summary="List events of the site")
def site_events(deps: DepsHere, _caller: Viewer, cursor: Cursor = "", limit: Limit = 50) -> Page[SiteEventOut]:
    """Cameras offline, frozen, covered; analyzers down or behind; rules that nobody evaluates; and their recovery.

    Newest first; the newest 10,000 are kept."""
    with deps.database.read() as connection:
        rows = page_of_system_events(connection, before=position(cursor), limit=limit + 1)
    return page_of(rows, limit, lambda row: row.id, _shown)


def _shown(row: SystemEvent) -> SiteEventOut:
    return SiteEventOut(id=row.id, type=row.type, timestamp=row.at, data=msgspec.json.decode(row.data))


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
