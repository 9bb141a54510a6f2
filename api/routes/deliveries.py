"""/api/v1/deliveries: which webhooks went out, which are tried again, which were given up.

Takes: filters.
Gives: DeliveryOut; replays.
Knows nothing about: how a webhook is sent."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import Admin, Viewer
from api.bodies.deliveries import AttemptOut, DeliveryOut, Replay, ReplayedOut, attempt_out, delivery_out
from api.deps import DepsHere
from api.paging import Cursor, Limit, Page, page_of, position
from api.problems import declared
from contracts.errors import Invalid, NotFound
from store.audit import note
from store.deliveries import (
    DeliveryFilter,
    DeliveryState,
    Stretch,
    attempts_of,
    delivery_by_id,
    page_of_deliveries,
    replay_delivery,
    replay_stretch,
)
from store.endpoint_health import open_breakers

router = APIRouter(prefix="/api/v1/deliveries", tags=["deliveries"])

Id = Annotated[str, Query(max_length=64)]


@router.get("", response_model_exclude_none=True, responses=declared(), summary="List deliveries")
def list_deliveries(
    deps: DepsHere,
    _caller: Viewer,
    state: DeliveryState | None = None,
    endpoint: Id = "",
    incident: Id = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Page[DeliveryOut]:
    """Newest first."""
    only = DeliveryFilter(state=state.value if state else "", endpoint_id=endpoint, incident_id=incident)
    with deps.database.read() as connection:
        rows = page_of_deliveries(connection, before=position(cursor), limit=limit + 1, only=only)
    return page_of(rows, limit, lambda row: row.id, delivery_out)


@router.get("/{delivery_id}", response_model_exclude_none=True, responses=declared(404), summary="Show a delivery")
def show(delivery_id: str, deps: DepsHere, _caller: Viewer) -> DeliveryOut:
    """As it stands now."""
    with deps.database.read() as connection:
        row = delivery_by_id(connection, delivery_id)
    if row is None:
        raise _unknown(delivery_id)
    return delivery_out(row)


@router.get(
    "/{delivery_id}/attempts",
    response_model_exclude_none=True,
    responses=declared(404),
    summary="List a delivery's attempts",
)
def list_attempts(
    delivery_id: str, deps: DepsHere, caller: Viewer, cursor: Cursor = "", limit: Limit = 50
) -> Page[AttemptOut]:
    """Oldest first, replays included. What the endpoint answered is shown to admins only."""
    place = position(cursor) or "0"
    if not (place.isascii() and place.isdigit() and len(place) < 10):
        raise Invalid("cursor: not one of ours", "leave it out, or send next_cursor as it came")
    after = int(place)
    with deps.database.read() as connection:
        if delivery_by_id(connection, delivery_id) is None:
            raise _unknown(delivery_id)
        found = attempts_of(connection, delivery_id, after=after, limit=limit + 1)
    numbered = list(enumerate(found, start=after + 1))
    with_answer = caller.may("admin")
    return page_of(numbered, limit, lambda one: str(one[0]), lambda one: attempt_out(one[1], with_answer=with_answer))


@router.post("/replay", status_code=202, responses=declared(), summary="Send the webhooks of a stretch of time again")
def replay_many(body: Replay, deps: DepsHere, caller: Admin) -> ReplayedOut:
    """Each under its own webhook-id, at once, with a fresh budget; those that are still being tried are left alone."""
    now = deps.clock()
    stretch = Stretch(body.since, body.until, DeliveryState(body.state), body.endpoint)
    with deps.database.write() as connection:
        count = replay_stretch(connection, stretch, now=now)
        open_breakers(connection, [body.endpoint])
        told = f"{count} {body.state}, {body.since.isoformat()} to {body.until.isoformat()}"
        subject = body.endpoint or "all endpoints"
        note(connection, actor=caller.key_id, action="deliveries replayed", subject=subject, detail=told, now=now)
    return ReplayedOut(replayed=count)


@router.post(
    "/{delivery_id}/replay",
    status_code=202,
    response_model_exclude_none=True,
    responses=declared(404, 409),
    summary="Send a webhook again",
)
def replay(delivery_id: str, deps: DepsHere, caller: Admin) -> DeliveryOut:
    """Under the same webhook-id, at once, with a fresh budget of attempts."""
    now = deps.clock()
    with deps.database.write() as connection:
        row = delivery_by_id(connection, delivery_id)
        if row is None:
            raise _unknown(delivery_id)
        replay_delivery(connection, row, now=now)
        open_breakers(connection, [row.endpoint_id])
        note(connection, actor=caller.key_id, action="delivery replayed", subject=delivery_id, now=now)
        again = delivery_by_id(connection, delivery_id)
    return delivery_out(again or row)


def _unknown(delivery_id: str) -> NotFound:
    return NotFound(f"delivery '{delivery_id}' does not exist", "GET /api/v1/deliveries lists those that do")
