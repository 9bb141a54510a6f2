"""Pictures kept for the evidence of an incident that may come of them.

Takes: JPEG bytes from the analyzer.
Gives: the same bytes to alerts, by sha256; bounded in time and memory.
Knows nothing about: incidents."""

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from contracts import keys
from contracts.broker import Client, bus_errors
from contracts.bus import lua, to_ms

PIN_TTL_S = 300
LAST_TTL_S = 86_400


class LastPicture(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest picture kept of a camera, for rules that fire when nothing is seen, and for the archive."""

    sha256: str
    captured_at: datetime
    picture: bytes
    epoch: int = 0
    seq: int = 0


class Pins:
    """`max_bytes` holds per shard; the oldest pictures go first."""

    def __init__(self, client: Client, *, shards: int = 1, max_bytes: int = 128 << 20) -> None:
        self._client = client
        self._shards = shards
        self._max_bytes = max_bytes
        self._pin = client.register_script(lua("pin"))

    def keep(self, camera: str, picture: bytes, *, now: datetime) -> str:
        """Gives the sha256 by which `fetch` finds it."""
        shard = keys.shard_of(camera, self._shards)
        sha256 = hashlib.sha256(picture).hexdigest()
        named = [keys.pin_index(shard), keys.pin_bytes(shard), keys.pin(shard, sha256)]
        with bus_errors(f"pin a picture of camera '{camera}'"):
            self._pin(
                keys=named, args=[sha256, picture, to_ms(now), PIN_TTL_S * 1000, self._max_bytes, keys.pin(shard, "")]
            )
        return sha256

    def keep_last(
        self, camera: str, picture: bytes, *, captured_at: datetime, epoch: int = 0, seq: int = 0
    ) -> None:
        """One a camera: the newest takes the place of the one before."""
        shard = keys.shard_of(camera, self._shards)
        last = LastPicture(hashlib.sha256(picture).hexdigest(), captured_at, picture, epoch, seq)
        with bus_errors(f"keep the last picture of camera '{camera}'"):
            self._client.set(keys.last_picture(shard, camera), msgspec.msgpack.encode(last), ex=LAST_TTL_S)

    def fetch(self, camera: str, sha256: str) -> bytes | None:
        """None: it was evicted, or never pinned; the incident says evidence_missing."""
        shard = keys.shard_of(camera, self._shards)
        with bus_errors(f"fetch a picture of camera '{camera}'"):
            picture: Any = self._client.get(keys.pin(shard, sha256))
        if picture is None:
            last = self.last(camera)
            return last.picture if last and last.sha256 == sha256 else None
        return bytes(picture)

    def last(self, camera: str) -> LastPicture | None:
        """The newest picture kept with keep_last."""
        shard = keys.shard_of(camera, self._shards)
        with bus_errors(f"fetch the last picture of camera '{camera}'"):
            raw: Any = self._client.get(keys.last_picture(shard, camera))
        return msgspec.msgpack.decode(raw, type=LastPicture) if raw else None
