"""The secret that signs expiring links to pictures.

Takes: a connection inside the caller's transaction.
Gives: the same 32 bytes to every process, made on first use.
Knows nothing about: what is linked."""

import secrets

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from store.schema import site

_NAME = "link_secret"


def link_secret(connection: sa.Connection) -> bytes:
    """In a write transaction: whoever comes second reads what the first one made."""
    kept = _kept(connection)
    if kept:
        return kept
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(site).values(name=_NAME, value=secrets.token_hex(32)))
    except IntegrityError:  # PostgreSQL lets two first callers come this far
        pass
    return _kept(connection)


def _kept(connection: sa.Connection) -> bytes:
    found = connection.execute(sa.select(site.c.value).where(site.c.name == _NAME)).scalar()
    return bytes.fromhex(found or "")
