"""How an endpoint fares: healthy, failing since when, disabled and why.

Takes: a connection inside the caller's transaction.
Gives: the change of one endpoint's status; nothing else of the row is touched.
Knows nothing about: what makes an endpoint fail."""

from datetime import datetime

import sqlalchemy as sa

from store.schema import endpoints
from store.times import from_text, to_text


def endpoint_answered(connection: sa.Connection, endpoint_id: str) -> None:
    """Healthy again, unless somebody disabled it meanwhile."""
    _set(connection, endpoint_id, status="healthy", reason="", failing_since=None)


def endpoint_failed(connection: sa.Connection, endpoint_id: str, *, reason: str, now: datetime) -> datetime:
    """Gives since when it has been failing without a success in between."""
    since = connection.execute(sa.select(endpoints.c.failing_since).where(endpoints.c.id == endpoint_id)).scalar()
    _set(connection, endpoint_id, status="failing", reason=reason, failing_since=since or to_text(now))
    return from_text(since) if since else now


def disable_endpoint(connection: sa.Connection, endpoint_id: str, *, reason: str) -> bool:
    """Nothing is sent there until somebody enables it. False where it was disabled already."""
    return _set(connection, endpoint_id, status="disabled", reason=reason)


def _set(connection: sa.Connection, endpoint_id: str, *, status: str, reason: str, **more: str | None) -> bool:
    changed = connection.execute(
        sa.update(endpoints)
        .where(endpoints.c.id == endpoint_id, endpoints.c.status != "disabled")
        .values(status=status, status_reason=reason, **more)
    )
    return changed.rowcount == 1
