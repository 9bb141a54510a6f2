"""/api/v1/deliveries: which webhooks went out, which are tried again, which were given up.

Takes: filters.
Gives: DeliveryOut; replays.
Knows nothing about: how a webhook is sent."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import Admin, Viewer
from api.bodies.deliveries import DeliveryOut, delivery_out
from api.deps import DepsHere
from api.paging import Cursor, Limit, Page, page_of, position
from api.problems import declared
from contracts.errors import NotFound
from store.audit import note
from store.deliveries import (
    DeliveryFilter,
    DeliveryState,
    delivery_by_id,
    page_of_deliveries,
    replay_delivery,
)

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
        note(connection, actor=caller.key_id, action="delivery replayed", subject=delivery_id, now=now)
        again = delivery_by_id(connection, delivery_id)
    return delivery_out(again or row)


def _unknown(delivery_id: str) -> NotFound:
    return NotFound(f"delivery '{delivery_id}' does not exist", "GET /api/v1/deliveries lists those that do")
