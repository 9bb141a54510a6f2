"""Footage to H.264 access units as a camera makes them: no B frames, closed groups, a keyframe on schedule.

Takes: Footage, a video file, or BGR pictures; the time between keyframes.
Gives: Annex B access units; each keyframe brings its own SPS and PPS.
Knows nothing about: RTP, sockets, when a unit is sent."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np

from contracts.errors import ConfigError
from plainwatch.simulator.footage import Bgr, Footage, even, file_footage

_START_CODE = b"\x00\x00\x01"
_NAL_SPS, _NAL_PPS = 7, 8
# scenecut=0 and keyint=infinite: keyframes come only where the schedule forces one.
_X264 = "keyint=infinite:min-keyint=1:scenecut=0:bframes=0:open-gop=0:repeat-headers=1:annexb=1:sliced-threads=0"


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One coded picture, Annex B."""

    is_key: bool
    data: bytes


Gop = tuple[AccessUnit, ...]


@dataclass(frozen=True, slots=True)
class AccessUnits:
    """A whole clip, encoded."""

    fps: Fraction
    width: int
    height: int
    keyframe_every_s: Fraction
    units: tuple[AccessUnit, ...]
    sps: bytes
    pps: bytes

    @property
    def keyframes(self) -> int:
        """How many of the units are keyframes."""
        return sum(unit.is_key for unit in self.units)


class H264Encoder:
    """x264 on one thread; each picture leaves as one access unit at once."""

    def __init__(self, width: int, height: int, fps: Fraction) -> None:
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height = width, height
        context.pix_fmt = "yuv420p"
        context.framerate = fps
        context.time_base = 1 / fps
        context.thread_count = 1
        context.options = {
            "preset": "superfast",
            "tune": "zerolatency",
            "crf": "23",
            "forced-idr": "1",
            "x264-params": _X264,
        }
        self._context = context
        self._pts = 0

    def encode(self, picture: av.VideoFrame | Bgr, is_key: bool) -> AccessUnit:
        """One picture in, its access unit out; a picture of another size is scaled."""
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24") if isinstance(picture, np.ndarray) else picture
        frame = frame.reformat(self._context.width, self._context.height, "yuv420p")
        frame.pts, frame.time_base = self._pts, self._context.time_base
        frame.pict_type = av.video.frame.PictureType.I if is_key else av.video.frame.PictureType.NONE
        self._pts += 1
        (packet,) = self._context.encode(frame)
        return AccessUnit(packet.is_keyframe, bytes(packet))


def gop_start(index: int, fps: Fraction, keyframe_every_s: Fraction) -> int:
    """The number of the frame that begins group `index`: the first at or after index × keyframe_every_s."""
    return math.ceil(index * max(Fraction(1), fps * keyframe_every_s))


def encoded_gops(footage: Footage, keyframe_every_s: Fraction) -> Iterator[Gop]:
    """The groups of pictures one after the other, encoded as they are asked for."""
    encoder = H264Encoder(footage.width, footage.height, footage.fps)
    group: list[AccessUnit] = []
    next_gop = 0
    for number, picture in enumerate(footage.frames()):
        is_key = number == gop_start(next_gop, footage.fps, keyframe_every_s)
        if is_key:
            next_gop += 1
            if group:
                yield tuple(group)
            group = []
        group.append(encoder.encode(picture, is_key))
    if group:
        yield tuple(group)


def encode_clip(
    source: Path | Footage | Iterable[Bgr],
    *,
    fps: float | None = None,
    keyframe_every_s: float = 0.5,
    size: tuple[int, int] | None = None,
) -> AccessUnits:
    """The whole clip at once; `Clip` does the same while it is already being sent. Pictures need an fps."""
    footage = source if isinstance(source, Footage) else _as_footage(source, fps, size)
    every_s = keyframe_interval(keyframe_every_s)
    units = tuple(unit for gop in encoded_gops(footage, every_s) for unit in gop)
    if not units:
        raise ConfigError("clip 'source' holds no pictures", "give footage with at least one frame")
    sps, pps = parameter_sets(units[0].data)
    return AccessUnits(footage.fps, footage.width, footage.height, every_s, units, sps, pps)


def keyframe_interval(every_s: float) -> Fraction:
    """As an exact fraction, so that a long clip does not drift."""
    if not every_s > 0:
        raise ConfigError(f"keyframe interval must be above 0 seconds, got {every_s}", "0.5 is the usual choice")
    return Fraction(every_s).limit_denominator(1000)


def changed_gop(gop: Gop, fps: Fraction, change: Callable[[int, Bgr], Bgr]) -> Gop:
    """The same group decoded, each picture put through `change(number, picture)`, and encoded again."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    decoded = chain.from_iterable(decoder.decode(av.Packet(unit.data)) for unit in gop)
    pictures = [change(number, _bgr(frame)) for number, frame in enumerate(chain(decoded, _held_back(decoder)))]
    height, width = pictures[0].shape[:2]
    encoder = H264Encoder(even(width), even(height), fps)
    return tuple(encoder.encode(picture, number == 0) for number, picture in enumerate(pictures))


def nal_units(annex_b: bytes) -> list[bytes]:
    """Without their start codes."""
    found: list[bytes] = []
    begin = annex_b.find(_START_CODE)
    while begin >= 0:
        begin += len(_START_CODE)
        following = annex_b.find(_START_CODE, begin)
        # A four-byte start code leaves its leading zero on the unit before; a NAL unit never ends in zero.
        found.append(annex_b[begin : following if following >= 0 else None].rstrip(b"\x00"))
        begin = following
    return found


def parameter_sets(keyframe: bytes) -> tuple[bytes, bytes]:
    """(SPS, PPS) of a keyframe that brings them."""
    by_type = {unit[0] & 0x1F: unit for unit in nal_units(keyframe)}
    return by_type[_NAL_SPS], by_type[_NAL_PPS]


def _as_footage(source: Path | Iterable[Bgr], fps: float | None, size: tuple[int, int] | None) -> Footage:
    if isinstance(source, Path):
        return file_footage(source, fps=fps, size=size)
    if fps is None:
        raise ConfigError("pictures carry no frame rate, got fps=None", "say fps=…")
    pictures = list(source)
    if not pictures:
        raise ConfigError("clip 'source' holds no pictures", "give at least one picture")
    height, width = pictures[0].shape[:2]
    width, height = size or (width, height)
    return Footage(Fraction(fps).limit_denominator(1001), even(width), even(height), lambda: iter(pictures))


def _held_back(decoder: av.VideoCodecContext) -> Iterator[av.VideoFrame]:
    """What the decoder gives only at the end; a generator, so that it is asked last."""
    yield from decoder.decode(None)


def _bgr(frame: av.VideoFrame) -> Bgr:
    return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
