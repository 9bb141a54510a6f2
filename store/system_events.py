"""What was told about the site itself: cameras, analyzers, rules, endpoints.

Takes: a connection inside the caller's transaction, SystemEvent.
Gives: the same back; only the newest are kept.
Knows nothing about: webhooks, what an event means."""

from dataclasses import asdict, dataclass

import sqlalchemy as sa

from store.lifecycle_schema import system_events

KEPT = 10_000


@dataclass(frozen=True, slots=True)
class SystemEvent:
    """`data`: JSON, as in the webhook's body. Ids sort by time."""

    id: str
    type: str
    at: str
    data: str


def add_system_event(connection: sa.Connection, event: SystemEvent) -> None:
    """The oldest go when there are too many."""
    connection.execute(sa.insert(system_events).values(asdict(event)))
    newest = sa.select(system_events.c.id).order_by(system_events.c.id.desc())
    last_kept = connection.execute(newest.offset(KEPT - 1).limit(1)).scalar()
    if last_kept is not None:
        connection.execute(sa.delete(system_events).where(system_events.c.id < last_kept))


def page_of_system_events(connection: sa.Connection, *, before: str, limit: int) -> tuple[SystemEvent, ...]:
    """Newest first, older than the id `before` ("" for the newest of all)."""
    wanted = sa.select(system_events).order_by(system_events.c.id.desc()).limit(limit)
    if before:
        wanted = wanted.where(system_events.c.id < before)
    return tuple(SystemEvent(**found) for found in connection.execute(wanted).mappings())
