"""The outbox: which webhook goes to which endpoint, what was tried, what came of it.

Takes: a connection inside the caller's transaction, DeliveryRow.
Gives: the same back; leases on what is due, so that several deliverers never send one at once.
Knows nothing about: HTTP, signatures, the retry schedule."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.errors import Conflict
from contracts.ids import new_id
from store.schema import attempts, deliveries, endpoints
from store.times import to_text


class DeliveryState(StrEnum):
    """`dead`: given up, and kept to be seen and replayed."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """`attempts` counts since the last replay. Times as store.times writes them."""

    id: str
    message_id: str
    endpoint_id: str
    type: str
    body: str
    next_at: str
    created_at: str
    state: DeliveryState = DeliveryState.PENDING
    incident_id: str | None = None
    attempts: int = 0
    leased_until: str | None = None
    leased_by: str | None = None
    finished_at: str | None = None
    last_status: int | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `status` None: no answer came. `answer`: its beginning, for admins only."""

    at: str
    latency_ms: float
    status: int | None = None
    error: str | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Empty means any."""

    state: str = ""
    endpoint_id: str = ""
    incident_id: str = ""


def add_deliveries(
    connection: sa.Connection, *, type: str, body: str, incident_id: str | None, now: datetime
) -> tuple[str, ...]:
    """One for each endpoint that wants this type of event, all under one message id. Gives their ids."""
    wanted = sa.select(endpoints.c.id, endpoints.c.event_types).where(
        endpoints.c.enabled.is_(True), endpoints.c.status != "disabled"
    )
    chosen = [
        endpoint_id
        for endpoint_id, event_types in connection.execute(wanted.order_by(endpoints.c.id))
        if not (types := msgspec.json.decode(event_types, type=tuple[str, ...])) or type in types
    ]
    message_id = new_id("msg", now)
    return tuple(
        add_delivery(
            connection,
            endpoint_id=endpoint_id,
            type=type,
            body=body,
            incident_id=incident_id,
            message_id=message_id,
            now=now,
        )
        for endpoint_id in chosen
    )


def add_delivery(
    connection: sa.Connection,
    *,
    endpoint_id: str,
    type: str,
    body: str,
    now: datetime,
    incident_id: str | None = None,
    message_id: str = "",
) -> str:
    """To one endpoint, whatever it subscribed to: for test.ping. Gives the delivery's id."""
    at = to_text(now)
    row = DeliveryRow(
        id=new_id("dlv", now),
        message_id=message_id or new_id("msg", now),
        endpoint_id=endpoint_id,
        type=type,
        body=body,
        next_at=at,
        created_at=at,
        incident_id=incident_id,
    )
    connection.execute(sa.insert(deliveries).values(asdict(row) | {"state": row.state.value}))
    return row.id


def lease_due(
    connection: sa.Connection, *, worker: str, now: datetime, until: datetime, most: int, per_endpoint: int
) -> tuple[DeliveryRow, ...]:
    """At most `per_endpoint` under lease for each endpoint at once, so that a slow one holds up no other."""
    at = to_text(now)
    free = sa.or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= at)
    pending = deliveries.c.state == DeliveryState.PENDING.value
    held = (
        sa.select(deliveries.c.endpoint_id, sa.func.count().label("n"))
        .where(pending, deliveries.c.leased_until > at)
        .group_by(deliveries.c.endpoint_id)
        .subquery()
    )
    order = sa.func.row_number().over(
        partition_by=deliveries.c.endpoint_id, order_by=(deliveries.c.next_at, deliveries.c.id)
    )
    open_endpoint = sa.and_(endpoints.c.enabled.is_(True), endpoints.c.status != "disabled")
    due = (
        sa.select(deliveries.c.id, deliveries.c.next_at, (order + sa.func.coalesce(held.c.n, 0)).label("place"))
        .join(endpoints, endpoints.c.id == deliveries.c.endpoint_id)
        .outerjoin(held, held.c.endpoint_id == deliveries.c.endpoint_id)
        .where(pending, deliveries.c.next_at <= at, free, open_endpoint)
        .subquery()
    )
    chosen = sa.select(due.c.id).where(due.c.place <= per_endpoint).order_by(due.c.next_at, due.c.id).limit(most)
    leased = (
        sa.update(deliveries)
        .where(deliveries.c.id.in_(chosen), pending, free)
        .values(leased_until=to_text(until), leased_by=worker)
        .returning(*deliveries.c)
    )
    rows = [_row(found) for found in connection.execute(leased).mappings()]
    return tuple(sorted(rows, key=lambda row: (row.next_at, row.id)))


def anything_due(connection: sa.Connection, *, now: datetime) -> bool:
    """A cheap look, to spare the write transaction of a lease."""
    at = to_text(now)
    wanted = (
        sa.select(deliveries.c.id)
        .where(
            deliveries.c.state == DeliveryState.PENDING.value,
            deliveries.c.next_at <= at,
            sa.or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= at),
        )
        .limit(1)
    )
    return connection.execute(wanted).first() is not None


def return_leases(connection: sa.Connection, *, worker: str) -> None:
    """At a worker's start: what it was sending when it was killed is due at once."""
    connection.execute(
        sa.update(deliveries).where(deliveries.c.leased_by == worker).values(leased_until=None, leased_by=None)
    )


def record_attempt(
    connection: sa.Connection, delivery: DeliveryRow, attempt: Attempt, *, state: DeliveryState, next_at: datetime
) -> bool:
    """Frees the lease. False where the delivery went on without us: cancelled, replayed, or leased by another."""
    finished = None if state is DeliveryState.PENDING else attempt.at
    changed = connection.execute(
        sa.update(deliveries)
        .where(
            deliveries.c.id == delivery.id,
            deliveries.c.state == DeliveryState.PENDING.value,
            deliveries.c.leased_until == delivery.leased_until,
        )
        .values(
            state=state.value,
            attempts=deliveries.c.attempts + 1,
            next_at=to_text(next_at),
            leased_until=None,
            leased_by=None,
            finished_at=finished,
            last_status=attempt.status,
            last_error=attempt.error,
        )
    )
    if changed.rowcount == 0:
        return False
    so_far = sa.select(sa.func.coalesce(sa.func.max(attempts.c.number), 0)).where(attempts.c.delivery_id == delivery.id)
    number = (connection.execute(so_far).scalar() or 0) + 1
    connection.execute(sa.insert(attempts).values(delivery_id=delivery.id, number=number, **asdict(attempt)))
    return True


def attempts_of(connection: sa.Connection, delivery_id: str) -> tuple[Attempt, ...]:
    """Oldest first."""
    columns = [attempts.c[field.name] for field in fields(Attempt)]
    wanted = sa.select(*columns).where(attempts.c.delivery_id == delivery_id).order_by(attempts.c.number)
    return tuple(Attempt(**found) for found in connection.execute(wanted).mappings())


def delivery_by_id(connection: sa.Connection, delivery_id: str) -> DeliveryRow | None:
    """None where there is none."""
    found = connection.execute(sa.select(deliveries).where(deliveries.c.id == delivery_id)).mappings().first()
    return _row(found) if found else None


def page_of_deliveries(
    connection: sa.Connection, *, before: str, limit: int, only: DeliveryFilter | None = None
) -> tuple[DeliveryRow, ...]:
    """Newest first, older than the id `before` ("" for the newest of all)."""
    wanted = sa.select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
    if before:
        wanted = wanted.where(deliveries.c.id < before)
    for name, value in asdict(only or DeliveryFilter()).items():
        if value:
            wanted = wanted.where(deliveries.c[name] == value)
    return tuple(_row(found) for found in connection.execute(wanted).mappings())


def replay_delivery(connection: sa.Connection, delivery: DeliveryRow, *, now: datetime) -> None:
    """Due at once, with a fresh budget, under the same message id. Raises Conflict where it is still being tried."""
    if delivery.state is DeliveryState.PENDING:
        raise Conflict(f"delivery '{delivery.id}' is still pending", "wait for its next attempt, or cancel it first")
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.id == delivery.id, deliveries.c.state != DeliveryState.PENDING.value)
        .values(
            state=DeliveryState.PENDING.value,
            attempts=0,
            next_at=to_text(now),
            leased_until=None,
            leased_by=None,
            finished_at=None,
        )
    )


def bury_pending(connection: sa.Connection, *, endpoint_id: str, reason: str, now: datetime) -> int:
    """Of an endpoint that was disabled: its waiting deliveries become dead letters. Gives how many."""
    buried = connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.endpoint_id == endpoint_id, deliveries.c.state == DeliveryState.PENDING.value)
        .values(
            state=DeliveryState.DEAD.value,
            finished_at=to_text(now),
            last_error=reason,
            leased_until=None,
            leased_by=None,
        )
    )
    return buried.rowcount


def _row(found: Mapping[Any, Any]) -> DeliveryRow:
    return DeliveryRow(**(dict(found) | {"state": DeliveryState(found["state"])}))
