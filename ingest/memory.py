"""What a camera has learnt of its view, small enough to outlive its process.

Takes: the background with the ages of what stands before it, and the usual levels.
Gives: Memory, and its bytes; kept outside the process every few seconds, so that a killed worker's successor goes on.
Knows nothing about: where it is kept."""

import zlib
from datetime import datetime, timedelta

import msgspec
import numpy as np
import numpy.typing as npt

#: an older view may be another one: the light has changed, somebody moved the camera
FRESH = timedelta(seconds=60)
_AGE_MAX_S = 255.0


class Memory(msgspec.Struct, frozen=True):
    """`level` and `age_s`: (height, width) bytes, deflated; (level, pictures) of brightness and detail."""

    at: datetime
    height: int
    width: int
    level: bytes
    age_s: bytes
    bright: tuple[float, int]
    detail: tuple[float, int]
    noise: float


def pack(level: npt.NDArray[np.float32]) -> bytes:
    """Whole numbers from 0 to 255 are exact enough for grey levels and for seconds."""
    return zlib.compress(np.clip(np.rint(level), 0, _AGE_MAX_S).astype(np.uint8).tobytes(), 1)


def unpack(packed: bytes, height: int, width: int) -> npt.NDArray[np.float32]:
    """Raises ValueError where it is not of that size."""
    return np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, width).astype(np.float32)


def to_bytes(memory: Memory) -> bytes:
    """For Redis."""
    return msgspec.msgpack.encode(memory)


def from_bytes(raw: bytes | None, now: datetime) -> Memory | None:
    """None where there is none, it is too old, or another version wrote it."""
    try:
        memory = msgspec.msgpack.decode(raw or b"", type=Memory)
    except msgspec.DecodeError:
        return None
    return memory if now - memory.at <= FRESH else None
