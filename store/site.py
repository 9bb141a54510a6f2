"""Single facts about the site; the version is the one that matters.

Takes: a connection inside the caller's transaction.
Gives: the site's version, which grows with every change of cameras, rules or allowed targets.
Knows nothing about: what the version stands for."""

import sqlalchemy as sa

from store.schema import site

_VERSION = "version"


def site_version(connection: sa.Connection) -> int:
    """0 before the first change."""
    found = connection.execute(sa.select(site.c.value).where(site.c.name == _VERSION)).scalar()
    return int(found or 0)


def next_site_version(connection: sa.Connection) -> int:
    """In the same transaction as the change, so that no reader sees one without the other."""
    # Added up by the database itself: two writers on PostgreSQL must not both read the old figure.
    added = sa.cast(sa.cast(site.c.value, sa.Integer) + 1, sa.String)
    if connection.execute(sa.update(site).where(site.c.name == _VERSION).values(value=added)).rowcount == 0:
        connection.execute(sa.insert(site).values(name=_VERSION, value="1"))
    return site_version(connection)
