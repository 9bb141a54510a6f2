"""Deliveries: which webhook goes to which endpoint, what was tried, what came of it.

Takes: a connection inside the caller's transaction, events, DeliveryRow.
Gives: the same back; replays.
Knows nothing about: HTTP, signatures, when and in which turn they are sent; see store.outbox."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, get_args

import sqlalchemy as sa

from contracts.errors import Conflict
from contracts.ids import new_id
from contracts.plan import Severity
from store.schema import attempts, deliveries, endpoints
from store.times import to_text

#: where what goes before the others stands in their order
_AHEAD = timedelta(days=1)


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
    connection: sa.Connection,
    *,
    type: str,
    body: str,
    incident_id: str | None,
    now: datetime,
    severity: Severity | None = None,
    besides: str = "",
) -> tuple[str, ...]:
    """One for each endpoint that wants this event, all under one message id. Gives their ids.

    An event without a severity passes every filter of severities. `besides`: an endpoint that is not told."""
    wanted = (
        sa.select(endpoints.c.id)
        .where(
            endpoints.c.enabled.is_(True),
            endpoints.c.status != "disabled",
            endpoints.c.id != besides,
            sa.or_(endpoints.c.event_types == "[]", endpoints.c.event_types.contains(f'"{type}"', autoescape=True)),
        )
        .order_by(endpoints.c.id)
    )
    if severity is not None:
        wanted = wanted.where(endpoints.c.min_severity.in_(["", *_no_graver_than(severity)]))
    message_id = new_id("msg", now)
    rows = [
        _new_delivery(endpoint_id=endpoint_id, type=type, body=body, incident_id=incident_id, at=now, named=message_id)
        for endpoint_id in connection.execute(wanted).scalars()
    ]
    if rows:
        connection.execute(sa.insert(deliveries), [asdict(row) | {"state": row.state.value} for row in rows])
    return tuple(row.id for row in rows)


def _no_graver_than(severity: Severity) -> tuple[str, ...]:
    graver_first: tuple[str, ...] = get_args(Severity)
    return graver_first[graver_first.index(severity) :]


def add_delivery(
    connection: sa.Connection,
    *,
    endpoint_id: str,
    type: str,
    body: str,
    now: datetime,
    incident_id: str | None = None,
    message_id: str = "",
    ahead: bool = False,
) -> str:
    """To one endpoint, whatever it subscribed to: for test.ping. Gives the delivery's id.

    `ahead`: before what waits there since less than a day."""
    named = message_id or new_id("msg", now)
    row = _new_delivery(endpoint_id=endpoint_id, type=type, body=body, incident_id=incident_id, at=now, named=named)
    next_at = to_text(now - _AHEAD) if ahead else row.next_at
    connection.execute(sa.insert(deliveries).values(asdict(row) | {"state": row.state.value, "next_at": next_at}))
    return row.id


def _new_delivery(
    *, endpoint_id: str, type: str, body: str, incident_id: str | None, at: datetime, named: str
) -> DeliveryRow:
    return DeliveryRow(
        id=new_id("dlv", at),
        message_id=named,
        endpoint_id=endpoint_id,
        type=type,
        body=body,
        next_at=to_text(at),
        created_at=to_text(at),
        incident_id=incident_id,
    )


def attempts_of(
    connection: sa.Connection, delivery_id: str, *, after: int = 0, limit: int | None = None
) -> tuple[Attempt, ...]:
    """Oldest first, after the number `after`; all replays are in one row of numbers, from 1."""
    columns = [attempts.c[field.name] for field in fields(Attempt)]
    wanted = sa.select(*columns).where(attempts.c.delivery_id == delivery_id, attempts.c.number > after)
    found = connection.execute(wanted.order_by(attempts.c.number).limit(limit)).mappings()
    return tuple(Attempt(**each) for each in found)


def delivery_by_id(connection: sa.Connection, delivery_id: str) -> DeliveryRow | None:
    """None where there is none."""
    found = connection.execute(sa.select(deliveries).where(deliveries.c.id == delivery_id)).mappings().first()
    return delivery_row(found) if found else None


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
    return tuple(delivery_row(found) for found in connection.execute(wanted).mappings())


def replay_delivery(connection: sa.Connection, delivery: DeliveryRow, *, now: datetime) -> None:
    """Due at once, with a fresh budget, under the same message id. Raises Conflict where it is still being tried."""
    if delivery.state is DeliveryState.PENDING:
        raise Conflict(f"delivery '{delivery.id}' is still pending", "wait for its next attempt, or cancel it first")
    _replay(connection, deliveries.c.id == delivery.id, now=now)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Deliveries of one state that were made in a stretch of time, `until` excluded; of one endpoint, or of all."""

    since: datetime
    until: datetime
    state: DeliveryState = DeliveryState.DEAD
    endpoint_id: str = ""


def replay_stretch(connection: sa.Connection, stretch: Stretch, *, now: datetime) -> int:
    """As replay_delivery, for each of them; those that are still being tried are left alone. Gives how many."""
    inside = sa.and_(
        deliveries.c.state == stretch.state.value,
        deliveries.c.created_at >= to_text(stretch.since),
        deliveries.c.created_at < to_text(stretch.until),
    )
    if stretch.endpoint_id:
        inside = sa.and_(inside, deliveries.c.endpoint_id == stretch.endpoint_id)
    return _replay(connection, inside, now=now)


def _replay(connection: sa.Connection, which: sa.ColumnElement[bool], *, now: datetime) -> int:
    replayed = connection.execute(
        sa.update(deliveries)
        .where(which, deliveries.c.state != DeliveryState.PENDING.value)
        .values(
            state=DeliveryState.PENDING.value,
            attempts=0,
            next_at=to_text(now),
            leased_until=None,
            leased_by=None,
            finished_at=None,
        )
    )
    return replayed.rowcount


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


def delivery_row(found: Mapping[Any, Any]) -> DeliveryRow:
    """From a row of the table, all its columns."""
    return DeliveryRow(**(dict(found) | {"state": DeliveryState(found["state"])}))
