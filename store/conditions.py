"""What is wrong with the site, each episode begun once and ended once.

Takes: a connection inside the caller's transaction, a subject and a kind.
Gives: whether this call began or ended the episode: of two workers that see the same, one does.
Knows nothing about: what is told of it, how it is noticed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from store.lifecycle_schema import conditions
from store.times import to_text
from store.upsert import insert_or_update

#: an episode that begins later than this after the one before is the first of its own row of them
OF_LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """Times as store.times writes them; `ended_at` None: it goes on. `episodes`: of late, this one counted."""

    subject: str
    kind: str
    since: str
    told_at: str
    reason: str
    ended_at: str | None
    episodes: int


def begin_condition(
    connection: sa.Connection, subject: str, kind: str, *, since: datetime, reason: str, now: datetime
) -> bool:
    """False: it goes on already."""
    fresh = insert_or_update(connection, conditions).values(
        subject=subject, kind=kind, since=to_text(since), told_at=to_text(now), reason=reason, ended_at=None, episodes=1
    )
    again = sa.case((conditions.c.ended_at > to_text(now - OF_LATE), conditions.c.episodes + 1), else_=1)
    changed = {name: fresh.excluded[name] for name in ("since", "told_at", "reason", "ended_at")}
    begun = fresh.on_conflict_do_update(
        index_elements=["subject", "kind"],
        set_={**changed, "episodes": again},
        where=conditions.c.ended_at.is_not(None),
    )
    return connection.execute(begun).rowcount > 0


def end_condition(connection: sa.Connection, subject: str, kind: str, *, now: datetime) -> ConditionRow | None:
    """None: it was over already."""
    ended = (
        sa.update(conditions)
        .where(conditions.c.subject == subject, conditions.c.kind == kind, conditions.c.ended_at.is_(None))
        .values(ended_at=to_text(now))
        .returning(*conditions.c)
    )
    found = connection.execute(ended).mappings().first()
    return ConditionRow(**found) if found else None


def active_conditions(connection: sa.Connection) -> tuple[ConditionRow, ...]:
    """Oldest first."""
    wanted = sa.select(conditions).where(conditions.c.ended_at.is_(None)).order_by(conditions.c.since)
    return tuple(ConditionRow(**found) for found in connection.execute(wanted).mappings())


def forget_condition(connection: sa.Connection, subject: str, kind: str) -> None:
    """Of a subject that is gone: nothing is told. Safe to call where there is none."""
    connection.execute(sa.delete(conditions).where(conditions.c.subject == subject, conditions.c.kind == kind))
