"""Who changed what.

Takes: a connection inside the caller's transaction, so that a change and its entry commit together.
Gives: entries that are only ever added.
Knows nothing about: what may be changed; a detail never holds a secret."""

from datetime import datetime

import sqlalchemy as sa

from contracts.ids import new_id
from store.schema import audit
from store.times import to_text


def note(connection: sa.Connection, *, actor: str, action: str, subject: str, detail: str = "", now: datetime) -> None:
    """`action` is a past tense such as "camera added"; `subject` an id; `actor` the id of a key."""
    connection.execute(
        sa.insert(audit).values(
            id=new_id("aud", now), at=to_text(now), actor=actor, action=action, subject=subject, detail=detail
        )
    )


def notes_on(connection: sa.Connection, subject: str) -> tuple[tuple[str, str, str], ...]:
    """(actor, action, detail), oldest first."""
    wanted = sa.select(audit.c.actor, audit.c.action, audit.c.detail).where(audit.c.subject == subject)
    return tuple((row.actor, row.action, row.detail) for row in connection.execute(wanted.order_by(audit.c.id)))
