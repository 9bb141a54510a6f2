"""The outbox's two steps for a few deliveries of one kind of endpoint, as tests take them; failures over days."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from store.deliveries import Attempt, DeliveryRow, DeliveryState
from store.outbox import Recorded, Room, lease_turn, record_attempts
from store.schema import attempts
from store.times import to_text


def lease_due(
    connection: sa.Connection, *, worker: str, now: datetime, until: datetime, most: int, per_endpoint: int
) -> tuple[DeliveryRow, ...]:
    """At most `per_endpoint` under lease for each endpoint at once, whatever its health."""
    return lease_turn(connection, Room(most, per_endpoint, most, per_endpoint), worker=worker, now=now, until=until)


def record_attempt(
    connection: sa.Connection, delivery: DeliveryRow, attempt: Attempt, *, state: DeliveryState, next_at: datetime
) -> bool:
    """False where the delivery went on without us."""
    return bool(record_attempts(connection, [Recorded(delivery, attempt, state, next_at)]))


def fail_for(
    connection: sa.Connection, delivery_id: str, span: timedelta, *, every: timedelta, since: datetime
) -> None:
    """After the first attempt, at `since`, as if others had failed so often."""
    times = [since + every * step for step in range(1, int(span / every) + 1)]
    rows = [
        {"delivery_id": delivery_id, "number": 100 + step, "at": to_text(at), "status": 500, "latency_ms": 1.0}
        for step, at in enumerate(times)
    ]
    connection.execute(sa.insert(attempts), rows)
