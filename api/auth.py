"""Keys: how they are made, checked, and what each may do.

Takes: `Authorization: Bearer pw_key_…`.
Gives: the Caller, or NotAllowed; the one-time set-up key with which the first admin key is made.
Knows nothing about: HTTP bodies, cookies."""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from contracts.errors import NotAllowed, Unavailable
from contracts.ids import new_id
from store.database import Database
from store.keys import (
    KeyRow,
    Scope,
    add_key,
    key_by_hash,
    revoke_one_time_keys,
    touch_key,
    valid_admin_keys,
)
from store.times import from_text, to_text

log = logging.getLogger(__name__)

KEY_PREFIX = "pw_key_"
SETUP_PREFIX = "pw_setup_"
SETUP_KEY_LASTS = timedelta(hours=24)
#: the supervisor's own key for its command line; with it alone, nobody has set the site up yet
CLI_KEY_NAME = "command line of this machine"
#: a write per request would cost a synced commit each
TOUCH_EVERY = timedelta(minutes=1)


class ScopeMissing(NotAllowed):
    """The key is good, and not for this."""

    status = 403


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `setup`: a set-up key, which opens one door only."""

    key_id: str
    scopes: frozenset[Scope]
    setup: bool

    def may(self, scope: Scope) -> bool:
        """An admin may do everything; a set-up key nothing of the sort."""
        return not self.setup and (scope in self.scopes or "admin" in self.scopes)


def create_key(
    database: Database, name: str, scopes: Sequence[Scope], now: datetime, *, expires_at: datetime | None = None
) -> str:
    """The secret: the only time that it can be seen."""
    secret, row = new_key(name, scopes, now, expires_at=expires_at)
    with database.write() as connection:
        add_key(connection, row)
    return secret


def new_key(
    name: str, scopes: Sequence[Scope], now: datetime, *, expires_at: datetime | None = None, one_time: bool = False
) -> tuple[str, KeyRow]:
    """(secret, the row that knows its hash)."""
    secret = (SETUP_PREFIX if one_time else KEY_PREFIX) + secrets.token_urlsafe(32)
    expires = to_text(expires_at) if expires_at else None
    ordered = tuple(sorted(set(scopes)))
    row = KeyRow(new_id("key", now), name, _hash(secret), ordered, to_text(now), one_time, expires)
    return secret, row


def ensure_setup_key(database: Database, now: datetime) -> str | None:
    """A fresh set-up key in place of any before; None once a person's admin key exists."""
    secret, row = new_key("set-up", ("admin",), now, expires_at=now + SETUP_KEY_LASTS, one_time=True)
    with database.write() as connection:
        if any(key.name != CLI_KEY_NAME for key in valid_admin_keys(connection, now=to_text(now))):
            return None
        revoke_one_time_keys(connection, now=to_text(now))
        add_key(connection, row)
    return secret


def check_key(database: Database, secret: str, now: datetime) -> Caller:
    """Raises NotAllowed; one message for every key that does not open, so that nothing can be learnt from it."""
    presented = _hash(secret)
    with database.read() as connection:
        row = key_by_hash(connection, presented)
    if row is None or not hmac.compare_digest(row.hash, presented) or not row.valid_at(to_text(now)):
        raise NotAllowed(
            "the key is wrong, expired, used up or revoked", "make a key with POST /api/v1/keys, as an admin"
        )
    _remember_use(database, row, now)
    return Caller(row.id, frozenset(row.scopes), row.one_time)


def _remember_use(database: Database, row: KeyRow, now: datetime) -> None:
    if row.last_used_at and now - from_text(row.last_used_at) < TOUCH_EVERY:
        return
    try:
        with database.write() as connection:
            touch_key(connection, row.id, now=to_text(now))
    except Unavailable as error:  # a full disk must not lock everybody out of reading
        log.warning("use of a key not remembered", extra={"key_id": row.id, "problem": str(error)})


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


_bearer = HTTPBearer(auto_error=False, scheme_name="key", description="A key made with POST /api/v1/keys.")


def caller_of(
    request: Request, _shown: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None
) -> Caller:
    """Whom the gate let through. Raises NotAllowed where it let somebody through without a key."""
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        raise NotAllowed("this needs a key", "send the header Authorization: Bearer pw_key_…")
    return caller


def requires(scope: Scope) -> Callable[[Caller], Caller]:
    """A dependency: the caller, or ScopeMissing."""

    def check(caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
        if not caller.may(scope):
            raise ScopeMissing(f"this needs a key with the scope '{scope}'", "ask an admin for one")
        return caller

    return check


AnyCaller = Annotated[Caller, Depends(caller_of)]
Viewer = Annotated[Caller, Depends(requires("view"))]
RuleWriter = Annotated[Caller, Depends(requires("rules"))]
CameraWriter = Annotated[Caller, Depends(requires("cameras"))]
Admin = Annotated[Caller, Depends(requires("admin"))]
