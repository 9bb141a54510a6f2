"""Rules that shall be quiet on a camera for a while.

Takes: a connection inside the caller's transaction, SnoozeRow.
Gives: the same back; those whose time is over are as good as gone, and are removed when the next one is made.
Knows nothing about: incidents, who is quiet because of it."""

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from store.lifecycle_schema import snoozes
from store.times import to_text
from store.upsert import insert_or_update


@dataclass(frozen=True, slots=True)
class SnoozeRow:
    """Times as store.times writes them. `by`: the id of a key; `incident_id`: the occasion."""

    rule_id: str
    camera_id: str
    until: str
    by: str
    incident_id: str
    at: str


def keep_snooze(connection: sa.Connection, snooze: SnoozeRow) -> None:
    """In place of one that the rule has on the camera already."""
    connection.execute(sa.delete(snoozes).where(snoozes.c.until <= snooze.at))
    insert = insert_or_update(connection, snoozes).values(asdict(snooze))
    changed = {name: insert.excluded[name] for name in ("until", "by", "incident_id", "at")}
    connection.execute(insert.on_conflict_do_update(index_elements=["rule_id", "camera_id"], set_=changed))


def lift_snooze(connection: sa.Connection, *, rule_id: str, camera_id: str, now: datetime) -> bool:
    """False where there was none, or its time was over."""
    here = sa.and_(snoozes.c.rule_id == rule_id, snoozes.c.camera_id == camera_id)
    gone = connection.execute(sa.delete(snoozes).where(here, snoozes.c.until > to_text(now)))
    return gone.rowcount > 0


def all_snoozes(connection: sa.Connection) -> tuple[SnoozeRow, ...]:
    """Also those whose time is over: whoever asks knows the moment. Newest first."""
    found = connection.execute(sa.select(snoozes).order_by(snoozes.c.at.desc())).mappings()
    return tuple(SnoozeRow(**row) for row in found)
