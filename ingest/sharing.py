"""Which ingest worker reads which camera, without anybody deciding it.

Takes: camera ids and the workers that are alive.
Gives: the owner of each (rendezvous hashing): a worker that dies moves only its own cameras.
Knows nothing about: leases, which settle what two workers see differently."""

import hashlib
from collections.abc import Iterable


def owner_of(camera: str, workers: Iterable[str]) -> str:
    """The same answer in every process that sees the same workers."""
    return max(workers, key=lambda worker: (hashlib.sha256(f"{worker}\n{camera}".encode()).digest(), worker))
