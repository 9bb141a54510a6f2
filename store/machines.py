"""The states of the rules' temporal machines, one for each rule and camera.

Takes: a connection inside the caller's transaction, MachineRow.
Gives: all of them, at a worker's start; writes of those that changed.
Knows nothing about: what a state means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from store.schema import machines
from store.times import to_text
from store.upsert import insert_or_update


@dataclass(frozen=True, slots=True)
class MachineRow:
    """`state` is the JSON that rules made."""

    rule_id: str
    camera_id: str
    rule_version: int
    state: str


def all_machines(connection: sa.Connection) -> tuple[MachineRow, ...]:
    """In no particular order."""
    wanted = sa.select(machines.c.rule_id, machines.c.camera_id, machines.c.rule_version, machines.c.state)
    return tuple(MachineRow(*found) for found in connection.execute(wanted))


def keep_machines(connection: sa.Connection, rows: Sequence[MachineRow], *, now: datetime) -> None:
    """Each row at most once."""
    if not rows:
        return
    insert = insert_or_update(connection, machines)
    fresh = {name: insert.excluded[name] for name in ("rule_version", "state", "updated_at")}
    at = to_text(now)
    connection.execute(
        insert.on_conflict_do_update(index_elements=["rule_id", "camera_id"], set_=fresh),
        [
            {
                "rule_id": row.rule_id,
                "camera_id": row.camera_id,
                "rule_version": row.rule_version,
                "state": row.state,
                "updated_at": at,
            }
            for row in rows
        ],
    )


def drop_machine(connection: sa.Connection, *, rule_id: str, camera_id: str) -> None:
    """Safe to call where there is none."""
    connection.execute(sa.delete(machines).where(machines.c.rule_id == rule_id, machines.c.camera_id == camera_id))
