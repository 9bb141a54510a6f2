"""Getting frames off the bus: new ones in turns, and those that a worker's death left behind.

Takes: the bus, this worker's name, the time.
Gives: TakenFrames, ours until a deadline.
Knows nothing about: what is done with a frame."""

import logging
from datetime import datetime

from contracts.bus import FrameBus, TakenFrame

log = logging.getLogger(__name__)

RECLAIM_EVERY_S = 1.0
#: with several shards we wait at one bell only, so not for long
_SHARD_WAIT_S = 0.05


class Taker:
    """`settled`: what our name holds on the bus is what we know of."""

    def __init__(self, bus: FrameBus, *, name: str, shards: int, visible_for_s: float) -> None:
        self._bus = bus
        self._name = name
        self._shards = shards
        self._visible_for_s = visible_for_s
        self._first_shard = 0
        self._reclaimed_at: datetime | None = None
        self._one_at_a_time = 0

    @property
    def settled(self) -> bool:
        """False at the start, and after the bus was away."""
        return self._reclaimed_at is not None

    def unsettle(self) -> None:
        """A reply may have been lost on its way."""
        self._reclaimed_at = None

    def take(self, now: datetime, *, most: int) -> list[TakenFrame]:
        """At most one a camera, and one in all as long as one of those that wait may be a killer."""
        most = 1 if self._one_at_a_time else most
        frames: list[TakenFrame] = []
        for step in range(self._shards):
            if len(frames) >= most:
                break
            frames += self._bus.take(
                shard=(self._first_shard + step) % self._shards,
                worker=self._name,
                most=most - len(frames),
                now=now,
                visible_for_s=self._visible_for_s,
            )
        self._first_shard = (self._first_shard + 1) % self._shards
        self._one_at_a_time = max(0, self._one_at_a_time - max(1, len(frames)))
        return frames

    def take_back_own(self, now: datetime, *, careful: bool) -> None:
        """What our name holds, we do not know of: of the life before, or of a reply that was lost on its way."""
        found = [self._bus.reclaim(shard=shard, now=now, worker=self._name) for shard in range(self._shards)]
        self._reclaimed_at = now
        if careful:
            # One of them may have been the death of us: taken in a batch again, it would make the others suspects too.
            self._one_at_a_time = sum(map(len, found))

    def reclaim(self, now: datetime) -> None:
        """Frames of workers that are gone for good."""
        if self._reclaimed_at and abs((now - self._reclaimed_at).total_seconds()) < RECLAIM_EVERY_S:
            return
        self._reclaimed_at = now
        for shard in range(self._shards):
            cameras = self._bus.reclaim(shard=shard, now=now)
            self._one_at_a_time += len(cameras)
            for camera in cameras:
                log.warning("frame reclaimed", extra={"camera_id": camera})

    def wait(self) -> None:
        """Until a frame may be there."""
        if self._shards == 1:
            self._bus.wait(shard=0)
        else:
            self._bus.wait(shard=self._first_shard, seconds=_SHARD_WAIT_S)
