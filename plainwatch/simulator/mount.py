"""One camera of the simulator: its clip, its password, its faults, and what it has sent.

Takes: a Clip; faults switched on and off from any thread while it runs.
Gives: groups of pictures as the faults leave them, and exact counts.
Knows nothing about: RTSP, sockets."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.errors import ConfigError
from plainwatch.simulator.clip import Clip
from plainwatch.simulator.encode import Gop, changed_gop
from plainwatch.simulator.faults import Fault, Misbehaviour, PictureChange, misbehaviour, picture_change
from plainwatch.simulator.footage import Bgr
from plainwatch.simulator.wire import AuthScheme

Start = Literal["client", "server"]

_POLL_S = 0.02
_PLAYBACKS_KEPT = 1000
_CHANGED_GOPS_KEPT = 64
_PICTURE_FAULTS = (Fault.FREEZE, Fault.DARK, Fault.COVERED, Fault.RESOLUTION_CHANGE)


@dataclass(slots=True)
class Playback:
    """What one client got since its PLAY. The first frame of the clip was due at `started_at` (start='client')."""

    client: str
    started_at: datetime
    keyframes: int = 0
    frames: int = 0
    bytes_sent: int = 0
    laps: int = 0
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class MountCounts:
    """A mount's totals since it was made."""

    mount: str
    sent_keyframes: int
    sent_frames: int
    sent_bytes: int
    clients: int
    clients_ever: int
    connections: int


class Mount:
    """`start='client'`: each client sees the clip from its beginning; 'server': all see one running clock."""

    def __init__(
        self,
        name: str,
        clip: Clip,
        *,
        user: str = "",
        password: str = "",
        auth: AuthScheme = "digest",
        loop: bool = True,
        start: Start = "client",
    ) -> None:
        if not name or name.strip("/") != name or "?" in name or "/trackID=" in name:
            raise ConfigError(f"mount '{name}' is no usable name", "use letters, digits, '-' and '/' inside")
        self.name = name
        self.clip = clip
        self.user = user
        self.password = password
        self.auth: AuthScheme = auth
        self.loop = loop
        self.start: Start = start
        self.began_s: float | None = None  # on the event loop's clock; the simulator sets it when it starts
        self.connections = 0
        self.playbacks: deque[Playback] = deque(maxlen=_PLAYBACKS_KEPT)
        self._faults: dict[Fault, Misbehaviour] = {}
        self._keyframes = self._frames = self._bytes = self._clients_ever = 0
        self._changed_gops: dict[tuple[Sequence[Fault], int], asyncio.Task[Gop]] = {}

    # Faults: one assignment each, so that any thread may switch them.

    def misbehave(self, fault: Fault | str, value: float | str | None = None) -> None:
        """Begin a fault: wire faults at once, picture faults at the next keyframe."""
        wanted = misbehaviour(fault, value)
        self._faults = {**self._faults, wanted.fault: wanted}

    def behave(self, *faults: Fault | str) -> None:
        """End these faults; all of them where none is named."""
        ended = {Fault(fault) for fault in faults} or set(self._faults)
        self._faults = {fault: held for fault, held in self._faults.items() if fault not in ended}

    def fault(self, fault: Fault) -> Misbehaviour | None:
        """None while the mount does not have it."""
        return self._faults.get(fault)

    # Counts: written by the one event loop that serves the mount, read by anybody.

    @property
    def sent_keyframes(self) -> int:
        """Keyframes handed to client sockets, all clients together."""
        return self._keyframes

    @property
    def clients(self) -> int:
        """Clients that are playing now."""
        return sum(not playback.is_over for playback in self.playbacks)

    def counts(self) -> MountCounts:
        """A snapshot."""
        return MountCounts(
            self.name, self._keyframes, self._frames, self._bytes, self.clients, self._clients_ever, self.connections
        )

    def begin_playback(self, playback: Playback) -> None:
        """A client said PLAY."""
        self._clients_ever += 1
        self.playbacks.append(playback)

    def count_sent(self, playback: Playback, size_bytes: int, is_key: bool) -> None:
        """One access unit went out."""
        self._frames += 1
        self._bytes += size_bytes
        self._keyframes += is_key
        playback.frames += 1
        playback.bytes_sent += size_bytes
        playback.keyframes += is_key

    # Media.

    async def gop(self, index: int, frozen_at: int | None) -> Gop | None:
        """The group as the picture faults leave it; `frozen_at` names the group that a freeze holds. None: the end."""
        present = await self._encoded(index)
        faults = tuple(fault for fault in _PICTURE_FAULTS if fault in self._faults)
        if present is None or not faults:
            return present
        held = await self._encoded(frozen_at) if Fault.FREEZE in faults and frozen_at is not None else None
        if held is None or frozen_at is None:
            return await self._changed(present, index, faults)
        # Groups differ by a picture where the rate is odd: a longer one must not run into its successor's time.
        return (await self._changed(held, frozen_at, faults))[: len(present)]

    async def _encoded(self, index: int) -> Gop | None:
        while True:
            gop = self.clip.gop(index)
            if gop is not None:
                return gop
            count = self.clip.gop_count
            if count is not None and index >= count:
                return None
            await asyncio.sleep(_POLL_S)

    async def _changed(self, original: Gop, index: int, faults: Sequence[Fault]) -> Gop:
        """Decoded and encoded again once for all clients."""
        key = (faults, index)
        if key not in self._changed_gops:
            if len(self._changed_gops) >= _CHANGED_GOPS_KEPT:
                self._changed_gops.pop(next(iter(self._changed_gops)))
            change = _composed(faults, self.clip.start_frame(index))
            work = asyncio.to_thread(changed_gop, original, self.clip.fps, change)
            self._changed_gops[key] = asyncio.create_task(work)
        # Shielded: a client that leaves must not take the others' pictures with it.
        return await asyncio.shield(self._changed_gops[key])


def _composed(faults: Sequence[Fault], first_frame: int) -> PictureChange:
    changes = [change for fault in faults if (change := picture_change(fault, first_frame)) is not None]

    def change_all(number: int, picture: Bgr) -> Bgr:
        for change in changes:
            picture = change(number, picture)
        return picture

    return change_all
