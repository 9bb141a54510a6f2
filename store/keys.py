"""Keys to the API: only their hashes are kept.

Takes: a connection inside the caller's transaction, KeyRow.
Gives: the key that a hash belongs to; what keys there are.
Knows nothing about: how a key looks, who presents it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from store.schema import api_keys

Scope = Literal["view", "rules", "cameras", "admin"]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """`one_time`: a set-up key, which creates the first admin key and nothing else."""

    id: str
    name: str
    hash: str
    scopes: tuple[Scope, ...]
    created_at: str
    one_time: bool = False
    expires_at: str | None = None
    last_used_at: str | None = None
    revoked_at: str | None = None

    def valid_at(self, now: str) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


def add_key(connection: sa.Connection, key: KeyRow) -> None:
    """The hash is unique by chance of 256 random bits."""
    connection.execute(sa.insert(api_keys).values(_values(key)))


def key_by_hash(connection: sa.Connection, key_hash: str) -> KeyRow | None:
    """Also a key that is revoked or expired: ask valid_at."""
    found = connection.execute(sa.select(api_keys).where(api_keys.c.hash == key_hash)).mappings().first()
    return _row(found) if found else None


def page_of_keys(connection: sa.Connection, *, after: str, limit: int) -> tuple[KeyRow, ...]:
    """Those made after the id `after`, revoked ones too; all ids sort by time."""
    wanted = sa.select(api_keys).where(api_keys.c.id > after).order_by(api_keys.c.id).limit(limit)
    return tuple(_row(found) for found in connection.execute(wanted).mappings())


def valid_admin_keys(connection: sa.Connection, *, now: str) -> tuple[KeyRow, ...]:
    """Set-up keys are not among them."""
    wanted = sa.select(api_keys).where(api_keys.c.revoked_at.is_(None), api_keys.c.one_time.is_(False))
    rows = [_row(found) for found in connection.execute(wanted).mappings()]
    return tuple(row for row in rows if "admin" in row.scopes and row.valid_at(now))


def revoke_key(connection: sa.Connection, key_id: str, *, now: str) -> bool:
    """False where there was none to revoke, so that a one-time key is used up by exactly one caller."""
    wanted = (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None)
    return connection.execute(sa.update(api_keys).where(wanted).values(revoked_at=now)).rowcount > 0


def revoke_one_time_keys(connection: sa.Connection, *, now: str) -> None:
    """Only the newest set-up key opens anything."""
    wanted = api_keys.c.one_time.is_(True) & api_keys.c.revoked_at.is_(None)
    connection.execute(sa.update(api_keys).where(wanted).values(revoked_at=now))


def touch_key(connection: sa.Connection, key_id: str, *, now: str) -> None:
    """Remembers that the key was used."""
    connection.execute(sa.update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now))


_PLAIN = ("id", "name", "hash", "created_at", "one_time", "expires_at", "last_used_at", "revoked_at")


def _values(key: KeyRow) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(key, name) for name in _PLAIN}
    return values | {"scopes": msgspec.json.encode(key.scopes).decode()}


def _row(found: Mapping[Any, Any]) -> KeyRow:
    return KeyRow(
        **{name: found[name] for name in _PLAIN},
        scopes=msgspec.json.decode(found["scopes"], type=tuple[Scope, ...]),
    )
