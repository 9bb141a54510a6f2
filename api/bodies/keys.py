"""Keys over HTTP.

Takes: what a new key may do.
Gives: keys without their secrets; the secret once, when it is made.
Knows nothing about: hashes."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.bodies.fields import BodyIn, Name
from store.keys import KeyRow, Scope

_SHOWN: JsonDict = {
    "id": "key_01kap3v5c7e8k2m9qs",
    "name": "dashboard",
    "scopes": ["view"],
    "created_at": "2026-11-22T09:00:00.000Z",
}


class KeyIn(BodyIn):
    """A new key."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "dashboard", "scopes": ["view"]}]})

    name: Name = Field(default="admin", description="For people: who uses it.")
    scopes: list[Scope] = Field(default=["admin"], min_length=1, max_length=4, description="admin implies all others.")
    expires_at: AwareDatetime | None = Field(default=None, description="Absent: never.")


class KeyOut(BaseModel):
    """A key, without what opens."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOWN]})

    id: str
    name: str
    scopes: list[Scope]
    created_at: str
    expires_at: str | None = None
    last_used_at: str | None = Field(default=None, description="To the minute.")
    revoked_at: str | None = None


class NewKeyOut(KeyOut):
    """A key that was just made; `key` is shown this once."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOWN | {"key": "pw_key_…"}]})

    key: str


def key_out(row: KeyRow) -> KeyOut:
    """Without the hash, too."""
    return KeyOut.model_validate(_fields(row))


def new_key_out(row: KeyRow, secret: str) -> NewKeyOut:
    """The only answer that holds a key."""
    return NewKeyOut.model_validate(_fields(row) | {"key": secret})


def _fields(row: KeyRow) -> dict[str, object]:
    names = ("id", "name", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    return {name: getattr(row, name) for name in names}

