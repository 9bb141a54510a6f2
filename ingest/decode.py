"""From packets to sampled pictures, with FFmpeg's decoders.

Takes: an open container, the sampling, the clock.
Gives: Picture, and Undecodable for what was chosen and came out broken.
Knows nothing about: where the packets come from, how they are paced."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from fractions import Fraction
from typing import TypeAlias

import av
import av.container
import av.error
import av.packet
import av.video.stream

from contracts.errors import SourceUnsupported
from contracts.site import Sampling
from ingest.measure import Rates
from ingest.ring import Kept, PacketRing, StreamHead
from ingest.source import PIXELS_MAX, Clock, Picture, Sampled, Sampler, StreamFacts, Undecodable

VideoPacket: TypeAlias = "av.packet.Packet[av.video.stream.VideoStream]"
#: what decoders raise on damaged data; IndexError in 8 of 150 mutated files, the others by their own bounds
_DECODE_ERRORS = (av.error.FFmpegError, IndexError, ValueError, MemoryError)


class Decoding:
    """One stream of one connection. The iterator belongs to one thread; `close` and `facts` to any."""

    def __init__(
        self,
        container: av.container.InputContainer,
        subject: str,
        sampling: Sampling,
        clock: Clock,
        wait_until_due: Callable[[float], bool] | None = None,
        ring: PacketRing | None = None,
    ) -> None:
        if not container.streams.video:
            raise SourceUnsupported(f"camera '{subject}' sends no video", "choose a stream with video")
        self._container = container
        self._stream: av.video.stream.VideoStream = container.streams.video[0]
        self._subject = subject
        self._sampling = sampling
        self._sampler = Sampler(sampling)
        self._clock = clock
        self._wait_until_due = wait_until_due
        self._ring = ring
        self._closed = threading.Event()
        self._rates = Rates()
        self._size: tuple[int, int] = (self._stream.width or 0, self._stream.height or 0)
        self._codec: str | None = None
        self._prepare()

    def _prepare(self) -> None:
        """One thread a camera: more never lower the CPU time, and frame threads deliver seconds late."""
        context = self._stream.codec_context
        if context is None:
            raise SourceUnsupported(
                f"camera '{self._subject}' sends a codec that is not read", "set the camera to H.264 or H.265"
            )
        _refuse_huge(self._subject, *self._size)
        self._codec = context.name
        context.thread_type = "NONE"
        context.thread_count = 1
        if self._sampling.mode == "keyframes":
            context.skip_frame = "NONKEY"
        if self._ring is not None:
            time_base = self._stream.time_base or Fraction(1, 90_000)
            self._ring.begin(StreamHead(context.name, *self._size, time_base, context.extradata or b""))

    def close(self) -> None:
        """Ends the iteration at its next packet; the container is freed by the thread that reads it."""
        self._closed.set()

    def facts(self) -> StreamFacts:
        """Measured so far."""
        return StreamFacts(
            codec=self._codec,
            width=self._size[0] or None,
            height=self._size[1] or None,
            fps=self._rates.fps,
            keyframe_interval_s=self._rates.keyframe_interval_s,
            packets=self._rates.packets,
        )

    def pictures(self) -> Iterator[Sampled]:
        """Errors of the container pass through: the source knows what to call them."""
        sample = self._keyframe if self._sampling.mode == "keyframes" else self._every
        try:
            for packet in self._container.demux(self._stream):
                if self._closed.is_set():
                    return
                if packet.size == 0:
                    continue
                at_s = self._time_s(packet)
                if self._wait_until_due is not None and self._wait_until_due(at_s):
                    return
                self._rates.note(at_s, packet.is_keyframe)
                self._keep(packet)
                yield from sample(packet, at_s)
        finally:
            self._container.close()

    def _keep(self, packet: VideoPacket) -> None:
        if self._ring is None:
            return
        pts = packet.pts if packet.pts is not None else packet.dts
        if pts is None:  # as the first packets of a stream, until the camera said what its times mean
            self._ring.skip()
        else:
            self._ring.note(Kept(bytes(packet), pts, bool(packet.is_keyframe), self._clock.now()))

    def _keyframe(self, packet: VideoPacket, at_s: float) -> Iterator[Sampled]:
        """Only chosen keyframes reach the decoder, and it is drained after each.

        Undrained, streams with B frames give a keyframe one whole interval late, and open GOPs hardly any."""
        if not packet.is_keyframe or not self._sampler.is_due(at_s):
            return
        self._sampler.take(at_s)
        captured_at = self._clock.now()
        context = self._stream.codec_context
        try:
            frames = [*packet.decode(), *context.decode(None)]
        except _DECODE_ERRORS:
            frames = []
        context.flush_buffers()
        if frames:
            yield self._checked(frames[0], captured_at)
        else:
            yield Undecodable(captured_at)

    def _every(self, packet: VideoPacket, at_s: float) -> Iterator[Sampled]:
        captured_at = self._clock.now()
        try:
            frames = packet.decode()
        except _DECODE_ERRORS:
            if self._sampler.is_due(at_s):
                self._sampler.take(at_s)
                yield Undecodable(captured_at)
            return
        for frame in frames:
            frame_s = float(frame.time) if frame.time is not None else at_s
            if self._sampler.is_due(frame_s):
                self._sampler.take(frame_s)
                yield self._checked(frame, captured_at)

    def _checked(self, frame: av.VideoFrame, captured_at: datetime) -> Sampled:
        self._size = (frame.width, frame.height)
        _refuse_huge(self._subject, frame.width, frame.height)
        if frame.is_corrupt:  # concealed damage looks like grey smears, which models take for something
            return Undecodable(captured_at)
        return Picture(frame, captured_at, is_keyframe=bool(frame.key_frame))

    def _time_s(self, packet: VideoPacket) -> float:
        """Some containers (AVI) give decoding times only; without any, the time of arrival serves."""
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None or packet.time_base is None:
            return self._clock.monotonic_s()
        return float(stamp * packet.time_base)


def _refuse_huge(subject: str, width: int, height: int) -> None:
    if width * height > PIXELS_MAX:
        raise SourceUnsupported(
            f"camera '{subject}' sends pictures of {width} x {height}", "choose a stream below 40 megapixels"
        )
