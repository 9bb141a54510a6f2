"""/api/v1/keys: made and revoked by admins; the first one with the set-up key.

Takes: KeyIn.
Gives: the secret once; lists without it.
Knows nothing about: how a key is checked."""

from fastapi import APIRouter

from api.auth import Admin, AnyCaller, ScopeMissing, new_key
from api.bodies.keys import KeyIn, KeyOut, NewKeyOut, key_out, new_key_out
from api.deps import DepsHere
from api.paging import Cursor, Limit, Page, page_of, position
from api.problems import declared
from contracts.errors import Invalid, NotAllowed, NotFound
from store.audit import note
from store.keys import add_key, page_of_keys, revoke_key
from store.times import to_text

router = APIRouter(prefix="/api/v1/keys", tags=["keys"])


@router.post("", status_code=201, response_model_exclude_none=True, responses=declared(), summary="Make a key")
def make_key(body: KeyIn, deps: DepsHere, caller: AnyCaller) -> NewKeyOut:
    """The secret is in this answer and never again. The set-up key makes the first admin key, and is used up."""
    now = deps.clock()
    if not caller.setup and not caller.may("admin"):
        raise ScopeMissing("this needs a key with the scope 'admin'", "ask an admin for one")
    if caller.setup and "admin" not in body.scopes:
        raise Invalid("scopes: the first key must be an admin's", 'send "scopes": ["admin"], then make others with it')
    if body.expires_at is not None and body.expires_at <= now:
        raise Invalid("expires_at: the key would have expired already", "give a time to come, or leave it out")
    secret, row = new_key(body.name, body.scopes, now, expires_at=body.expires_at)
    with deps.database.write() as connection:
        if caller.setup and not revoke_key(connection, caller.key_id, now=to_text(now)):
            raise NotAllowed("the set-up key is used up", "use the admin key that was made with it")
        add_key(connection, row)
        note(connection, actor=caller.key_id, action="key made", subject=row.id, detail=body.name, now=now)
    return new_key_out(row, secret)


@router.get("", response_model_exclude_none=True, responses=declared(), summary="List keys")
def list_keys(deps: DepsHere, _caller: Admin, cursor: Cursor = "", limit: Limit = 50) -> Page[KeyOut]:
    """Revoked and used-up ones too."""
    with deps.database.read() as connection:
        rows = page_of_keys(connection, after=position(cursor), limit=limit + 1)
    return page_of(rows, limit, lambda row: row.id, key_out)


@router.delete("/{key_id}", status_code=204, responses=declared(404), summary="Revoke a key")
def revoke(key_id: str, deps: DepsHere, caller: Admin) -> None:
    """At once, and for good."""
    now = deps.clock()
    with deps.database.write() as connection:
        if not revoke_key(connection, key_id, now=to_text(now)):
            raise NotFound(f"key '{key_id}' does not exist, or is revoked", "GET /api/v1/keys lists them")
        note(connection, actor=caller.key_id, action="key revoked", subject=key_id, now=now)
