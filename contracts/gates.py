"""What the gate must remember of a camera between frames: when each question was asked last, and of which picture.

Takes: a camera, its memory.
Gives: the memory, as the last analyzer left it; it may be lost, then everything is asked anew.
Knows nothing about: how pictures are embedded."""

from datetime import datetime
from typing import Any

import msgspec

from contracts import keys
from contracts.broker import Client, bus_errors

TTL_S = 3600


class Asked(msgspec.Struct, frozen=True):
    """One question: when the frame was taken that it was asked about, and that frame's embedding (float16, D).

    `likely`: its answer was no clear no."""

    at: datetime
    embedding: bytes
    likely: bool = False


class GateMemory(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of one camera. `model`: embeddings of another one say nothing here; `epoch`: nor do those of another stream."""

    model: str = ""
    epoch: int = 0
    asked: dict[str, Asked] = {}


class GateMemories:
    """In Redis, so that any analyzer may take the camera's next frame."""

    def __init__(self, client: Client, *, shards: int = 1) -> None:
        self._client = client
        self._shards = shards

    def load(self, camera: str) -> GateMemory:
        """Empty where there is none, or none that can be read."""
        with bus_errors(f"read the gate's memory of camera '{camera}'"):
            raw: Any = self._client.get(keys.gate_memory(keys.shard_of(camera, self._shards), camera))
        try:
            return msgspec.msgpack.decode(raw, type=GateMemory) if raw else GateMemory()
        except msgspec.DecodeError:
            return GateMemory()

    def keep(self, camera: str, memory: GateMemory) -> None:
        """Takes the place of the one before."""
        named = keys.gate_memory(keys.shard_of(camera, self._shards), camera)
        with bus_errors(f"keep the gate's memory of camera '{camera}'"):
            self._client.set(named, msgspec.msgpack.encode(memory), ex=TTL_S)
