"""The outbox's two steps for a few deliveries of one kind of endpoint, as tests take them; an endpoint that failed."""

from datetime import datetime

import sqlalchemy as sa

from store.deliveries import Attempt, DeliveryRow, DeliveryState
from store.endpoints import EndpointRow
from store.outbox import Recorded, Room, lease_turn, record_attempts
from store.schema import endpoints


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


def have_failed(connection: sa.Connection, endpoint: EndpointRow, times: int) -> None:
    """As if so many attempts had failed, whenever the first of them was."""
    connection.execute(sa.update(endpoints).where(endpoints.c.id == endpoint.id).values(failures=times))
