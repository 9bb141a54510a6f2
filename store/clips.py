"""Incidents whose clip is still to come.

Takes: a connection inside the caller's transaction.
Gives: one at a time, under a lease, so that no two workers ask for one clip at once.
Knows nothing about: films, who makes them.

An attempt counts from the moment it begins, so that a worker that dies of it does not try for ever."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from store.clips_schema import clips
from store.incidents import IncidentState
from store.schema import incidents
from store.times import to_text
from store.upsert import insert_or_update


@dataclass(frozen=True, slots=True)
class ClipClaim:
    """`attempts` counts the one that runs under this lease."""

    incident_id: str
    attempts: int
    leased_until: str


def clip_wanted(connection: sa.Connection, *, now: datetime, since: datetime, captured_before: datetime) -> str | None:
    """The newest incident that has none yet: opened after `since`, and so long ago that its end is on film."""
    at = to_text(now)
    free = sa.or_(clips.c.leased_until.is_(None), clips.c.leased_until <= at)
    again = sa.and_(clips.c.state == "wanted", clips.c.next_at <= at, free)
    new = sa.and_(
        clips.c.incident_id.is_(None),
        incidents.c.opened_at >= to_text(since),
        incidents.c.captured_at <= to_text(captured_before),
        incidents.c.state != IncidentState.RETRACTED.value,
    )
    table = incidents.outerjoin(clips, clips.c.incident_id == incidents.c.id)
    found = sa.select(incidents.c.id).select_from(table).where(sa.or_(new, again)).order_by(incidents.c.id.desc())
    return connection.execute(found.limit(1)).scalar()


def claim_clip(
    connection: sa.Connection, incident_id: str, *, worker: str, now: datetime, until: datetime
) -> ClipClaim | None:
    """None where another worker has it."""
    at = to_text(now)
    row = {"incident_id": incident_id, "state": "wanted", "next_at": at}
    connection.execute(insert_or_update(connection, clips).values(row).on_conflict_do_nothing())
    claimed = (
        sa.update(clips)
        .where(
            clips.c.incident_id == incident_id,
            clips.c.state == "wanted",
            sa.or_(clips.c.leased_until.is_(None), clips.c.leased_until <= at),
        )
        .values(leased_until=to_text(until), leased_by=worker, attempts=clips.c.attempts + 1)
        .returning(clips.c.attempts)
    )
    attempts = connection.execute(claimed).scalar()
    return ClipClaim(incident_id, attempts, to_text(until)) if attempts is not None else None


def return_clips(connection: sa.Connection, *, worker: str) -> None:
    """At a worker's start: what it was asking for when it was killed may be asked for at once."""
    freed = sa.update(clips).where(clips.c.leased_by == worker, clips.c.state == "wanted")
    connection.execute(freed.values(leased_until=None, leased_by=None))


def put_off_clip(connection: sa.Connection, claim: ClipClaim, *, next_at: datetime) -> None:
    """After an attempt that failed; frees the lease."""
    values = {"next_at": to_text(next_at), "leased_until": None, "leased_by": None}
    connection.execute(sa.update(clips).where(_held(claim)).values(values))


def end_clip(connection: sa.Connection, claim: ClipClaim, state: Literal["kept", "missing"]) -> bool:
    """It is there, or never will be. False where it went on without us."""
    values = {"state": state, "leased_until": None, "leased_by": None}
    return connection.execute(sa.update(clips).where(_held(claim)).values(values)).rowcount == 1


def _held(claim: ClipClaim) -> sa.ColumnElement[bool]:
    # Each claim counts an attempt, so the pair names one claim also where the clock stood still.
    return sa.and_(
        clips.c.incident_id == claim.incident_id,
        clips.c.leased_until == claim.leased_until,
        clips.c.attempts == claim.attempts,
    )
