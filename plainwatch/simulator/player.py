"""The media of one PLAY: each picture at its moment, until the client, the clip or a fault ends it.

Takes: a mount, a connection's writer, and one RTP track.
Gives: packets paced by the event loop's monotonic clock; counts on the mount.
Knows nothing about: RTSP requests."""

import asyncio
import math
import os
import time
from fractions import Fraction

from plainwatch.simulator.encode import AccessUnit
from plainwatch.simulator.faults import Fault
from plainwatch.simulator.mount import Mount, Playback
from plainwatch.simulator.rtp import VIDEO_CLOCK_HZ, RtpTrack

_POLL_S = 0.05
_REPORT_EVERY_S = 5.0
# A live camera does not make up for lost time: later than this it goes on with the present.
_LATEST_S = 1.5
_AUDIO_PACKET = b"\xff" * 160  # 20 ms of G.711 silence
_GOODBYE_WAIT_S = 5.0


class Player:
    """One client's playback; `run` returns when nothing more will be sent."""

    def __init__(
        self, mount: Mount, writer: asyncio.StreamWriter, track: RtpTrack, first_timestamp: int, playback: Playback
    ) -> None:
        self._mount = mount
        self._clip = mount.clip
        self._writer = writer
        self._track = track
        self._timestamp = first_timestamp
        self._playback = playback
        self._loop = asyncio.get_running_loop()
        self._started_s = self._loop.time()
        self._began_s = self._started_s  # when frame 0 was due
        self._lap_frame = 0  # frames before the present lap
        self._gop = 0
        self._first_frame: int | None = None
        self._frozen_at: int | None = None
        self._next_report_s = self._started_s
        self._last_timestamp = first_timestamp

    async def run(self) -> None:
        """Ends by itself only after the last lap or when a fault closes the connection."""
        if self._mount.start == "server":
            self._began_s = self._mount.began_s if self._mount.began_s is not None else self._began_s
            await self._go_to_the_present()
        while not self._writer.is_closing():
            if not await self._send_gop():
                return

    async def _send_gop(self) -> bool:
        is_frozen = self._mount.fault(Fault.FREEZE) is not None
        self._frozen_at = (self._gop if self._frozen_at is None else self._frozen_at) if is_frozen else None
        units = await self._mount.gop(self._gop, self._frozen_at)
        if units is None:
            return await self._next_lap()
        frame = self._lap_frame + self._clip.start_frame(self._gop)
        self._gop += 1
        jump = self._mount.fault(Fault.TIMESTAMP_JUMP)
        for number, unit in enumerate(units, start=frame):
            due_s = self._began_s + float(number / self._clip.fps)
            await asyncio.sleep(max(0.0, due_s - self._loop.time()))
            stalled_s = await self._wait_while_stopped()
            if self._has_to_close() or self._writer.is_closing():
                self._writer.close()
                return False
            await self._send(unit, number, jump.value if jump else 0.0)
            if stalled_s:
                await self._resume_after(stalled_s)
                if self._mount.start == "server":
                    return True
        if self._mount.start == "server" and self._loop.time() - due_s > _LATEST_S:
            await self._go_to_the_present()
        return True

    async def _send(self, unit: AccessUnit, frame: int, jump_s: float) -> None:
        if unit.is_key and self._mount.fault(Fault.NEVER_KEYFRAME):
            return
        if self._first_frame is None:
            self._first_frame = frame
        ticks = Fraction(frame - self._first_frame) / self._clip.fps * VIDEO_CLOCK_HZ
        timestamp = self._timestamp + round(ticks) + round(jump_s * VIDEO_CLOCK_HZ)
        self._last_timestamp = timestamp
        packets = self._track.access_unit(unit.data, timestamp)
        if self._mount.fault(Fault.GARBAGE):
            self._writer.write(os.urandom(len(packets)))
        else:
            self._writer.write(packets + self._report(timestamp))
            # Counted before drain: what is written reaches the client unless the connection breaks.
            self._mount.count_sent(self._playback, len(packets), unit.is_key)
        await self._writer.drain()

    def _report(self, timestamp: int) -> bytes:
        now_s = self._loop.time()
        if now_s < self._next_report_s:
            return b""
        self._next_report_s = now_s + _REPORT_EVERY_S
        return self._track.sender_report(timestamp, time.time())

    async def _wait_while_stopped(self) -> float:
        """Seconds that a fault held the media back."""
        waited_s = 0.0
        while self._is_stopped() and not self._has_to_close() and not self._writer.is_closing():
            before_s = self._loop.time()
            await asyncio.sleep(_POLL_S)
            waited_s += self._loop.time() - before_s
        return waited_s

    def _is_stopped(self) -> bool:
        mount = self._mount
        if mount.fault(Fault.SILENT) or mount.fault(Fault.SILENT_AFTER_PLAY) or mount.fault(Fault.DRIP):
            return True
        stop = mount.fault(Fault.STOP_AFTER)
        return stop is not None and self._loop.time() - self._started_s >= stop.value

    def _has_to_close(self) -> bool:
        close = self._mount.fault(Fault.CLOSE_AFTER)
        return close is not None and self._loop.time() - self._started_s >= close.value

    async def _resume_after(self, stalled_s: float) -> None:
        """A recording goes on where it stood; a live camera goes on with the present."""
        if self._mount.start == "client":
            self._began_s += stalled_s
        else:
            await self._go_to_the_present()

    async def _go_to_the_present(self) -> None:
        """To the next group that begins now or later on the mount's clock."""
        while True:
            frame = math.ceil((self._loop.time() - self._began_s) * self._clip.fps)
            count = self._clip.frame_count
            self._lap_frame = frame // count * count if count and self._mount.loop else 0
            self._gop = self._clip.gop_at(frame - self._lap_frame)
            if count is not None or self._clip.gop(self._gop) is not None:
                return
            await asyncio.sleep(_POLL_S)

    async def _next_lap(self) -> bool:
        count = self._clip.frame_count
        if self._mount.loop and count:
            self._lap_frame += count
            self._gop = 0
            self._playback.laps += 1
            return True
        self._writer.write(self._track.goodbye(self._last_timestamp, time.time()))
        await self._writer.drain()
        # A client that heeds the BYE leaves by itself; another one sees the connection end.
        await asyncio.sleep(_GOODBYE_WAIT_S)
        self._writer.close()
        return False


async def play_silence(mount: Mount, writer: asyncio.StreamWriter, track: RtpTrack, playback: Playback) -> None:
    """The media of a camera without video."""
    timestamp = 0
    while not writer.is_closing():
        packet = track.packet(_AUDIO_PACKET, timestamp, timestamp == 0)
        writer.write(packet)
        mount.count_sent(playback, len(packet), is_key=False)
        await writer.drain()
        timestamp += len(_AUDIO_PACKET)
        await asyncio.sleep(0.02)
