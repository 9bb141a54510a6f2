"""Deliveries over HTTP.

Takes: rows of the outbox.
Gives: what was tried and what came of it; never the endpoint's answer or URL.
Knows nothing about: when the next attempt is made."""

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from contracts.redact import scrub
from store.deliveries import DeliveryRow

_OUT: JsonDict = {
    "id": "dlv_01kap3v5c7e8k2m9qs",
    "message_id": "msg_01kap3v5c7e8k2m9qt",
    "endpoint_id": "end_01kap3v5c7e8k2m9qs",
    "incident_id": "inc_01kap3v5c7e8k2m9qu",
    "type": "incident.opened",
    "state": "delivered",
    "attempts": 1,
    "next_at": "2026-11-22T09:00:00.000Z",
    "created_at": "2026-11-22T09:00:00.000Z",
    "finished_at": "2026-11-22T09:00:00.120Z",
    "last_status": 204,
}


class DeliveryOut(BaseModel):
    """One webhook to one endpoint. `message_id` is its webhook-id: the same over retries and replays."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    id: str
    message_id: str
    endpoint_id: str
    incident_id: str | None = None
    type: str
    state: str = Field(description="pending, delivered, dead or cancelled.")
    attempts: int
    next_at: str | None = Field(default=None, description="Of the next attempt; absent once there is none.")
    created_at: str
    finished_at: str | None = None
    last_status: int | None = None
    last_error: str | None = None


def delivery_out(row: DeliveryRow) -> DeliveryOut:
    """A delivery as it is shown."""
    return DeliveryOut(
        id=row.id,
        message_id=row.message_id,
        endpoint_id=row.endpoint_id,
        incident_id=row.incident_id,
        type=row.type,
        state=row.state.value,
        attempts=row.attempts,
        next_at=row.next_at if row.state.value == "pending" else None,
        created_at=row.created_at,
        finished_at=row.finished_at,
        last_status=row.last_status,
        last_error=scrub(row.last_error) if row.last_error else None,
    )
