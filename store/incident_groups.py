"""One event seen by several cameras: incidents of one rule that opened at nearly the same time.

Takes: a connection inside the caller's transaction, an incident that is about to be added.
Gives: the group that it belongs to, and who else does.
Knows nothing about: what is told of a group."""

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from store.incidents import IncidentRow, IncidentState
from store.schema import incidents, rules
from store.times import from_text, to_text

MEMBERS_MOST = 20


def lock_groups(connection: sa.Connection, rule_ids: Iterable[str]) -> None:
    """Before the group of an incident is looked up: two workers must not both find that theirs is the first."""
    for rule_id in sorted(set(rule_ids)):  # one order for all, so that nobody waits for one who waits
        connection.execute(sa.select(rules.c.id).where(rules.c.id == rule_id).with_for_update())


def group_of(connection: sa.Connection, incident: IncidentRow, window: timedelta) -> str:
    """The id of the group's first incident; the incident's own where it is the first, or grouping is off.

    A group's window begins with its first incident and does not grow. The same camera again is news of its own, and so
    is whatever follows a first that was retracted."""
    if not window:
        return incident.id
    at = from_text(incident.captured_at)
    first = (
        sa.select(incidents.c.id)
        .where(
            incidents.c.rule_id == incident.rule_id,
            incidents.c.group_id == incidents.c.id,
            incidents.c.captured_at.between(to_text(at - window), to_text(at + window)),
            incidents.c.state != IncidentState.RETRACTED.value,
        )
        .order_by(incidents.c.id.desc())
        .limit(1)
    )
    found = connection.execute(first).scalar()
    if found is None or _is_in(connection, found, incident.camera_id):
        return incident.id
    return str(found)


def cameras_of_group(connection: sa.Connection, group_id: str) -> tuple[tuple[str, str], ...]:
    """(id, name), in the order in which they joined; MEMBERS_MOST at most."""
    wanted = (
        sa.select(incidents.c.camera_id, incidents.c.camera_name)
        .where(incidents.c.group_id == group_id)
        .order_by(incidents.c.id)
        .limit(MEMBERS_MOST)
    )
    return tuple((str(id), str(name)) for id, name in connection.execute(wanted))


def _is_in(connection: sa.Connection, group_id: str, camera_id: str) -> bool:
    here = sa.and_(incidents.c.group_id == group_id, incidents.c.camera_id == camera_id)
    return connection.execute(sa.select(incidents.c.id).where(here).limit(1)).first() is not None
