"""How an endpoint fares: healthy, failing since when, shut for how long, disabled and why.

Takes: a connection inside the caller's transaction.
Gives: the change of one endpoint's status and of its circuit breaker, nothing else of the row is touched; for how
long attempts have failed.
Knows nothing about: what makes an endpoint fail.

The breaker: after BREAK_AFTER failures in a row nothing is sent until `open_until`; then one delivery goes as a probe,
and says whether the rest may follow or the wait doubles. It is in the database: shared, and kept over restarts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa

from store.schema import attempts, deliveries, endpoints
from store.times import from_text, to_text

BREAK_AFTER = 3
BREAK_FIRST = timedelta(seconds=5)
BREAK_MAX = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt at an endpoint. `pause`: it asked to be left alone for so long."""

    reason: str
    now: datetime
    pause: timedelta = timedelta()
    time_scale: float = 1.0


def endpoint_answered(connection: sa.Connection, *endpoint_ids: str) -> None:
    """Healthy again, unless somebody disabled it meanwhile. Writes only where something changes."""
    connection.execute(
        sa.update(endpoints)
        .where(
            endpoints.c.id.in_(endpoint_ids),
            endpoints.c.status != "disabled",
            sa.or_(endpoints.c.status != "healthy", endpoints.c.failures > 0),
        )
        .values(status="healthy", status_reason="", failing_since=None, failures=0, open_until=None)
    )


def endpoint_failed(connection: sa.Connection, endpoint_id: str, failure: Failure) -> datetime:
    """Gives since when it has been failing without a success in between."""
    now = failure.now
    wanted = sa.select(endpoints.c.failing_since, endpoints.c.failures, endpoints.c.open_until)
    found = connection.execute(wanted.where(endpoints.c.id == endpoint_id)).first()
    since, failures, open_until = found or (None, 0, None)
    if open_until is None or open_until <= to_text(now):  # else it was under way when the breaker opened
        failures += 1
        shut = max(_shut_for(failures) * failure.time_scale, failure.pause)
        open_until = to_text(now + shut) if shut else None
    _set(
        connection,
        endpoint_id,
        status="failing",
        status_reason=failure.reason,
        failing_since=since or to_text(now),
        failures=failures,
        open_until=open_until,
    )
    return from_text(since) if since else now


def failing_span(
    connection: sa.Connection, endpoint_id: str, *, since: datetime, longest_gap: timedelta
) -> timedelta:
    """How long attempts have failed since then, with at most `longest_gap` counted between two of them."""
    wanted = (
        sa.select(attempts.c.at)
        .join(deliveries, deliveries.c.id == attempts.c.delivery_id)
        .where(deliveries.c.endpoint_id == endpoint_id, attempts.c.at >= to_text(since))
        .order_by(attempts.c.at)
    )
    times = [from_text(at) for at in connection.execute(wanted).scalars()]
    return sum((min(later - earlier, longest_gap) for earlier, later in pairwise(times)), timedelta())


def disable_endpoint(connection: sa.Connection, endpoint_id: str, *, reason: str) -> bool:
    """Nothing is sent there until somebody enables it. False where it was disabled already."""
    return _set(connection, endpoint_id, status="disabled", status_reason=reason, failures=0, open_until=None)


def open_breakers(connection: sa.Connection, endpoint_ids: Iterable[str]) -> None:
    """What waits for these endpoints is tried at the next turn: somebody says that they are well again."""
    connection.execute(sa.update(endpoints).where(endpoints.c.id.in_(list(endpoint_ids))).values(open_until=None))


def _shut_for(failures: int) -> timedelta:
    if failures < BREAK_AFTER:
        return timedelta()
    doublings: int = min(failures - BREAK_AFTER, 20)
    return min(BREAK_FIRST * (1 << doublings), BREAK_MAX)


def _set(connection: sa.Connection, endpoint_id: str, **values: str | int | None) -> bool:
    changed = connection.execute(
        sa.update(endpoints).where(endpoints.c.id == endpoint_id, endpoints.c.status != "disabled").values(values)
    )
    return changed.rowcount == 1
