"""Counts over whole tables, for metrics.

Takes: a connection.
Gives: how many incidents are open, how many deliveries are in each state.
Knows nothing about: Prometheus."""

import sqlalchemy as sa

from store.schema import deliveries, incidents


def open_incident_count(connection: sa.Connection) -> int:
    """Those that have not ended."""
    wanted = sa.select(sa.func.count()).select_from(incidents).where(incidents.c.ended_at.is_(None))
    return connection.execute(wanted).scalar() or 0


def deliveries_by_state(connection: sa.Connection) -> dict[str, int]:
    """A state without deliveries is not in it."""
    wanted = sa.select(deliveries.c.state, sa.func.count()).group_by(deliveries.c.state)
    return {state: int(count) for state, count in connection.execute(wanted)}
