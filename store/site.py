"""Single facts about the site; the version is the one that matters.

Takes: a connection inside the caller's transaction.
Gives: the site's version, which grows with every change of cameras, rules, allowed targets or scalings; other
counters by name.
Knows nothing about: what the counters stand for."""

import sqlalchemy as sa

from store.schema import site
from store.upsert import insert_or_update

_VERSION = "version"


def site_version(connection: sa.Connection) -> int:
    """0 before the first change."""
    return count_of(connection, _VERSION)


def next_site_version(connection: sa.Connection) -> int:
    """In the same transaction as the change, so that no reader sees one without the other."""
    return count_up(connection, _VERSION)


def count_of(connection: sa.Connection, name: str) -> int:
    """Where a counter stands; 0 where it was never counted up."""
    found = connection.execute(sa.select(site.c.value).where(site.c.name == name)).scalar()
    return int(found or 0)


def count_up(connection: sa.Connection, name: str) -> int:
    """The figure after it."""
    # Added up by the database itself: two writers on PostgreSQL must not both read the old figure.
    added = sa.cast(sa.cast(site.c.value, sa.Integer) + 1, sa.String)
    first = insert_or_update(connection, site).values(name=name, value="1")
    connection.execute(first.on_conflict_do_update(index_elements=["name"], set_={"value": added}))
    return count_of(connection, name)


def raise_count(connection: sa.Connection, name: str, to: int) -> bool:
    """False where it stands as high already; else nobody else raises it before this transaction ends."""
    first = insert_or_update(connection, site).values(name=name, value=str(to))
    raised = first.on_conflict_do_update(
        index_elements=["name"], set_={"value": str(to)}, where=sa.cast(site.c.value, sa.Integer) < to
    )
    return connection.execute(raised).rowcount > 0
