"""The names of everything we keep in Redis.

Takes: camera ids, shard numbers, worker names.
Gives: keys; those of one shard share a hash tag, so that Redis Cluster keeps them on one node.
Knows nothing about: what is stored under them."""

import zlib

PREFIX = "pw"
SITE_INGEST = f"{PREFIX}:site:ingest"
SITE_ANALYZER = f"{PREFIX}:site:analyzer"
CAPABILITIES = f"{PREFIX}:capabilities"
BEATS = f"{PREFIX}:beats"
HEALTH = f"{PREFIX}:health"
SCENES = f"{PREFIX}:scenes"
LAST_WORDS = f"{PREFIX}:lastwords"
UNANSWERED = f"{PREFIX}:unanswered"


def shard_of(camera: str, shards: int) -> int:
    """Where a camera's frames and answers go; equal in every process with the same number of shards."""
    return zlib.crc32(camera.encode()) % shards


def tag(shard: int) -> str:
    """The hash tag of a shard."""
    return f"{{s{shard:02d}}}"


def mailbox(shard: int, camera: str) -> str:
    return f"{PREFIX}:{tag(shard)}:mailbox:{camera}"


def epoch(shard: int, camera: str) -> str:
    return f"{PREFIX}:{tag(shard)}:epoch:{camera}"


def lease(shard: int, camera: str) -> str:
    return f"{PREFIX}:{tag(shard)}:lease:{camera}"


def ready(shard: int) -> str:
    return f"{PREFIX}:{tag(shard)}:ready"


def busy(shard: int) -> str:
    return f"{PREFIX}:{tag(shard)}:busy"


def taken(shard: int) -> str:
    return f"{PREFIX}:{tag(shard)}:taken"


def deadlines(shard: int) -> str:
    return f"{PREFIX}:{tag(shard)}:deadlines"


def bell(shard: int) -> str:
    return f"{PREFIX}:{tag(shard)}:bell"


def poison(shard: int) -> str:
    return f"{PREFIX}:{tag(shard)}:poison"


def answers(shard: int) -> str:
    return f"{PREFIX}:{tag(shard)}:answers"


def pin(shard: int, sha256: str) -> str:
    return f"{PREFIX}:{tag(shard)}:pin:{sha256}"


def pin_index(shard: int) -> str:
    return f"{PREFIX}:{tag(shard)}:pins"


def pin_bytes(shard: int) -> str:
    return f"{PREFIX}:{tag(shard)}:pinbytes"


def last_picture(shard: int, camera: str) -> str:
    return f"{PREFIX}:{tag(shard)}:last:{camera}"


def recent(shard: int, camera: str) -> str:
    return f"{PREFIX}:{tag(shard)}:recent:{camera}"


def gate_memory(shard: int, camera: str) -> str:
    return f"{PREFIX}:{tag(shard)}:gate:{camera}"


def jobs(room: str) -> str:
    return f"{PREFIX}:jobs:{room}"


def backtest(backtest_id: str) -> str:
    return f"{PREFIX}:backtest:{backtest_id}"


def reply(job: str) -> str:
    return f"{PREFIX}:reply:{job}"
