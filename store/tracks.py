"""What each camera's tracks have come to, one row for each camera whose rules follow things.

Takes: a connection inside the caller's transaction, TracksRow.
Gives: all of them, at a worker's start; writes of those that changed.
Knows nothing about: what a state means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from store.schema import tracks
from store.times import to_text
from store.upsert import insert_or_update


@dataclass(frozen=True, slots=True)
class TracksRow:
    """`state` is the JSON that rules made."""

    camera_id: str
    state: str


def all_tracks(connection: sa.Connection) -> tuple[TracksRow, ...]:
    """In no particular order."""
    found = connection.execute(sa.select(tracks.c.camera_id, tracks.c.state))
    return tuple(TracksRow(*row) for row in found)


def keep_tracks(connection: sa.Connection, rows: Sequence[TracksRow], *, now: datetime) -> None:
    """Each row at most once."""
    if not rows:
        return
    insert = insert_or_update(connection, tracks)
    fresh = {name: insert.excluded[name] for name in ("state", "updated_at")}
    at = to_text(now)
    connection.execute(
        insert.on_conflict_do_update(index_elements=["camera_id"], set_=fresh),
        [{"camera_id": row.camera_id, "state": row.state, "updated_at": at} for row in rows],
    )


def drop_tracks(connection: sa.Connection, camera_id: str) -> None:
    """Safe to call where there are none."""
    connection.execute(sa.delete(tracks).where(tracks.c.camera_id == camera_id))
