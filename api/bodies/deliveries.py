"""Deliveries over HTTP.

Takes: rows of the outbox.
Gives: what was tried and what came of it; never the endpoint's URL, and its answer to admins only.
Knows nothing about: when the next attempt is made."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.bodies.fields import BodyIn
from contracts.redact import scrub
from store.deliveries import Attempt, DeliveryRow

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


class AttemptOut(BaseModel):
    """One try. Without `status` no answer came; `answer` is its beginning, for admins."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"at": "2026-11-22T09:00:00.120Z", "latency_ms": 12.5, "status": 204}]}
    )

    at: str
    latency_ms: float
    status: int | None = None
    error: str | None = None
    answer: str | None = None


def _within_reason(at: datetime) -> datetime:
    if not 2000 <= at.year < 2200:
        raise ValueError("write a year from 2000 to 2199")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_within_reason)]


class Replay(BodyIn):
    """Deliveries that were made from `from` until `to`, that excluded; of one endpoint, or of all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"from": "2026-11-22T08:00:00Z", "to": "2026-11-22T09:00:00Z", "state": "dead"}]
        }
    )

    endpoint: str = Field(default="", max_length=64)
    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")
    state: Literal["dead", "delivered", "cancelled"] = "dead"


class ReplayedOut(BaseModel):
    """How many are due again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"replayed": 17}]})

    replayed: int


def attempt_out(attempt: Attempt, *, with_answer: bool) -> AttemptOut:
    """An attempt as it is shown."""
    return AttemptOut(
        at=attempt.at,
        latency_ms=round(attempt.latency_ms, 1),
        status=attempt.status,
        error=scrub(attempt.error) if attempt.error else None,
        answer=scrub(attempt.answer) if attempt.answer and with_answer else None,
    )


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
