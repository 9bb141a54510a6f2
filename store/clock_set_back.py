"""After a clock was set back: what was put off by the clock before is not left waiting for it to come round again.

Takes: a connection inside the caller's transaction, the time by the clock as it is now.
Gives: deliveries, leases and circuit breakers whose times no honest wait can have set, due again.
Knows nothing about: why the clock moved."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from store.deliveries import DeliveryState
from store.endpoint_health import BREAK_MAX
from store.schema import attempts, deliveries, endpoints
from store.times import to_text

#: two clocks, or one that is slewed, may differ by so much without anybody having set them
SLACK = timedelta(minutes=1)
#: no attempt takes longer
LONGEST_LEASE = timedelta(minutes=5)


def mend_times(connection: sa.Connection, *, now: datetime) -> int:
    """Gives how many deliveries are due again. What was made or tried in the future was timed by another clock."""
    later = to_text(now + SLACK)
    pending = deliveries.c.state == DeliveryState.PENDING.value
    tried = sa.exists().where(attempts.c.delivery_id == deliveries.c.id, attempts.c.at > later)
    due = connection.execute(
        sa.update(deliveries)
        .where(pending, deliveries.c.next_at > later, sa.or_(deliveries.c.created_at > later, tried))
        .values(next_at=to_text(now))
    )
    connection.execute(
        sa.update(deliveries)
        .where(pending, deliveries.c.leased_until > to_text(now + LONGEST_LEASE))
        .values(leased_until=None, leased_by=None)
    )
    # An endpoint may have asked for a longer pause than our breaker's; one that was tried in the future has not.
    tried_there = sa.exists().where(
        deliveries.c.endpoint_id == endpoints.c.id, attempts.c.delivery_id == deliveries.c.id, attempts.c.at > later
    )
    shut = endpoints.c.open_until > to_text(now + BREAK_MAX + SLACK)
    connection.execute(sa.update(endpoints).where(shut, tried_there).values(open_until=None))
    return due.rowcount
