"""The last seconds of a camera as it sent them: encoded packets, never decoded, in bounded memory.

Takes: packets as they come.
Gives: those around a moment, from a keyframe on.
Knows nothing about: how they are written to a film.

Groups of pictures are kept and dropped whole: what stands before the first keyframe nobody can decode. A lost
connection's packets stay until they are too old: what happened just before is what one wants to see."""

import threading
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction

_JUMP_S = 5.0


@dataclass(frozen=True, slots=True)
class StreamHead:
    """What all packets of one connection share. `extradata`: the parameter sets, where the camera sends them apart."""

    codec: str
    width: int
    height: int
    time_base: Fraction
    extradata: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """One packet; `pts` counts in the head's time base."""

    data: bytes = field(repr=False)
    pts: int
    is_keyframe: bool
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Cut:
    """Packets in the order in which they came, the first of them a keyframe."""

    head: StreamHead
    packets: tuple[Kept, ...]


@dataclass(slots=True)
class _Group:
    head: StreamHead
    packets: list[Kept]
    size: int = 0


class PacketRing:
    """Written by the thread that reads the camera, cut by any."""

    def __init__(self, *, max_bytes: int, seconds: float) -> None:
        self._max_bytes = max_bytes
        self._lasts = timedelta(seconds=seconds)
        self._lock = threading.Lock()
        self._groups: deque[_Group] = deque()
        self._head: StreamHead | None = None
        self._is_broken = True
        self._last: Kept | None = None
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes of packets held now."""
        return self._size

    def begin(self, head: StreamHead) -> None:
        """A connection was made; it starts with the next keyframe."""
        with self._lock:
            self._head, self._is_broken, self._last = head, True, None

    def skip(self) -> None:
        """A packet came that cannot be kept: what hangs on it cannot be shown either."""
        with self._lock:
            self._is_broken = True

    def note(self, packet: Kept) -> None:
        """A packet that is larger than the whole room is not kept, and what hangs on it neither."""
        with self._lock:
            if self._head is None:
                return
            if self._jumps(self._head, packet):
                self._head, self._is_broken = replace(self._head), True  # no cut spans it
            self._last = packet
            if packet.is_keyframe:
                self._groups.append(_Group(self._head, []))
                self._is_broken = False
            if self._is_broken:
                return
            newest = self._groups[-1]
            newest.packets.append(packet)
            newest.size += len(packet.data)
            self._size += len(packet.data)
            self._trim(packet.arrived_at - self._lasts)

    def cut(self, since: datetime, moment: datetime, until: datetime) -> Cut | None:
        """None: the moment is no longer here, or never was. One connection's packets only."""
        with self._lock:
            groups = [group for group in self._groups if group.packets[0].arrived_at <= until]
            around = next((group for group in reversed(groups) if group.packets[0].arrived_at <= moment), None)
            if around is None:
                return None
            same = [group for group in groups if group.head is around.head]
            first = max((place for place, group in enumerate(same) if _began(group) <= since), default=0)
            packets = [packet for group in same[first:] for packet in group.packets if packet.arrived_at <= until]
        return Cut(around.head, tuple(packets))

    def forget(self, now: datetime) -> None:
        """What is too old by now, though nothing newer came."""
        with self._lock:
            while self._groups and self._groups[-1].packets[-1].arrived_at <= now - 2 * self._lasts:
                self._drop()
                self._is_broken = True

    def _jumps(self, head: StreamHead, packet: Kept) -> bool:
        """The camera's clock was set, or counts anew: its times say something else than ours."""
        if self._last is None:
            return False
        theirs_s = float((packet.pts - self._last.pts) * head.time_base)
        ours_s = (packet.arrived_at - self._last.arrived_at).total_seconds()
        return abs(theirs_s - ours_s) > _JUMP_S

    def _trim(self, older_than: datetime) -> None:
        while len(self._groups) > 1 and _began(self._groups[1]) <= older_than:
            self._drop()
        while self._size > self._max_bytes:
            self._drop()
            self._is_broken = not self._groups

    def _drop(self) -> None:
        self._size -= self._groups.popleft().size


class Rings:
    """One a camera, made when it is first opened; `seconds` before the newest packet are kept, if they fit."""

    def __init__(self, *, max_bytes: int, seconds: float) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._lock = threading.Lock()
        self._rings: dict[str, PacketRing] = {}

    def of(self, camera: str) -> PacketRing | None:
        """To write to; None where clips are switched off."""
        if self._max_bytes <= 0:
            return None
        with self._lock:
            return self._rings.setdefault(camera, PacketRing(max_bytes=self._max_bytes, seconds=self._seconds))

    def find(self, camera: str) -> PacketRing | None:
        """To cut from; None where nothing was kept."""
        with self._lock:
            return self._rings.get(camera)

    def sweep(self, now: datetime) -> int:
        """Empties those that nobody writes to any more; gives the bytes that are held."""
        with self._lock:
            rings = list(self._rings.values())
        for ring in rings:
            ring.forget(now)
        return sum(ring.size for ring in rings)


def _began(group: _Group) -> datetime:
    return group.packets[0].arrived_at
