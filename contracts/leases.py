"""Which ingest worker owns which camera, with an epoch that fences the old owner off.

Takes: camera ids and a worker's name.
Gives: Leases.acquire / renew / release.
Knows nothing about: how work is divided; see ingest."""

from datetime import datetime
from typing import Any

from contracts import keys
from contracts.broker import Client, bus_errors
from contracts.bus import lua, to_ms

LEASE_S = 15.0


class Leases:
    """A lease lasts LEASE_S; renew it every third of that."""

    def __init__(self, client: Client, *, worker: str, shards: int = 1) -> None:
        self._worker = worker
        self._shards = shards
        self._lease = client.register_script(lua("lease"))
        self._release = client.register_script(lua("release"))

    def acquire(self, camera: str, *, now: datetime, floor: int = 0) -> int | None:
        """A new epoch, greater than any before; None where another worker owns the camera."""
        return self._call(camera, to_ms(now), floor, "new")

    def renew(self, camera: str, epoch: int, *, now: datetime) -> bool:
        """False: the camera is another worker's by now, stop reading it."""
        return self._call(camera, to_ms(now), 0, str(epoch)) == epoch

    def release(self, camera: str) -> None:
        """Safe to call for a camera that is not ours."""
        shard = keys.shard_of(camera, self._shards)
        with bus_errors(f"release camera '{camera}'"):
            self._release(keys=[keys.lease(shard, camera)], args=[self._worker])

    def _call(self, camera: str, now_ms: int, floor: int, held: str) -> int | None:
        shard = keys.shard_of(camera, self._shards)
        named = [keys.lease(shard, camera), keys.epoch(shard, camera)]
        with bus_errors(f"lease camera '{camera}'"):
            epoch: Any = self._lease(keys=named, args=[self._worker, int(LEASE_S * 1000), now_ms, floor, held])
        return int(epoch) or None
