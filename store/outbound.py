"""Private targets that an admin confirmed, once each.

Takes: a connection inside the caller's transaction, "address:port".
Gives: the allow-list of cameras, or of webhooks.
Knows nothing about: what an address is, what is dialled."""

from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from store.schema import outbound_allow
from store.times import to_text

Kind = Literal["camera", "webhook"]


def allowed_targets(connection: sa.Connection, kind: Kind) -> tuple[str, ...]:
    """As contracts.outbound.parse_allow reads them."""
    wanted = sa.select(outbound_allow.c.target).where(outbound_allow.c.kind == kind)
    return tuple(connection.execute(wanted.order_by(outbound_allow.c.target)).scalars())


def allow_target(connection: sa.Connection, target: str, kind: Kind, *, by: str, now: datetime) -> None:
    """Safe to call twice."""
    if target not in allowed_targets(connection, kind):
        connection.execute(
            sa.insert(outbound_allow).values(target=target, kind=kind, added_by=by, added_at=to_text(now))
        )
