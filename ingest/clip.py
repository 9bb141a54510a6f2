"""A film of the seconds around a moment, made of the packets that the camera sent.

Takes: Cut; masks.
Gives: an MP4 file that starts to play before it is whole; remuxed as it came, or encoded anew where something is
masked: what is masked leaves ingest in no form.
Knows nothing about: cameras, jobs."""

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction

import av
import av.error
import numpy as np
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from contracts.errors import SourceUnsupported
from ingest.jpeg import LONG_SIDE, fitted
from ingest.masks import Masks
from ingest.ring import Cut, Kept

#: of the MP4's index: per packet, and what it needs besides
_INDEX_BYTES = (64, 4096)
_ANNEX_B = (b"\0\0\1", b"\0\0\0\1")
#: HEVC under the name that says "parameters in the index": Apple's players take no other, and they do stand there
_MARKS = {"hevc": (b"hev1", b"hvc1")}
_ENCODER = "libx264"
_OPTIONS = {"preset": "veryfast", "crf": "26", "bf": "0"}


def film(cut: Cut, masks: Masks) -> bytes:
    """Raises SourceUnsupported where the stream's kind cannot stand in an MP4, or does not decode."""
    try:
        return _encoded_anew(cut, masks) if masks else _remuxed(cut)
    except (av.error.FFmpegError, ValueError, IndexError, MemoryError) as error:
        raise SourceUnsupported(
            f"no clip can be made of {cut.head.codec}: {type(error).__name__}", "set the camera to H.264"
        ) from error


def _remuxed(cut: Cut) -> bytes:
    head, file = cut.head, io.BytesIO()
    with av.open(file, "w", format="mp4", options=_reserved(len(cut.packets))) as out:
        stream = out.add_mux_stream(head.codec, width=head.width, height=head.height, time_base=head.time_base)
        for packet in _timed(cut):
            packet.stream = stream
            out.mux(packet)
    # PyAV gives a stream that is only copied no way to choose its mark; the index is in front, so the first is it.
    return file.getvalue().replace(*_MARKS[head.codec], 1) if head.codec in _MARKS else file.getvalue()


def _timed(cut: Cut) -> Iterator["av.Packet[Stream]"]:
    """Many cameras send no decoding times: they are the showing times in order, moved back so far that none is late."""
    shown = sorted(packet.pts for packet in cut.packets)
    for place in range(1, len(shown)):
        shown[place] = max(shown[place], shown[place - 1] + 1)
    late = max(before - packet.pts for before, packet in zip(shown, cut.packets, strict=True))
    start = shown[0] - late
    for place, kept in enumerate(cut.packets):
        packet = av.Packet(_with_parameters(cut, kept) if place == 0 else kept.data)
        packet.time_base = cut.head.time_base
        packet.pts, packet.dts = kept.pts - start, shown[place] - late - start
        after = min(place, len(shown) - 2)  # the last one is taken to last as long as the one before
        packet.duration = shown[after + 1] - shown[after] if len(shown) > 1 else 1
        packet.is_keyframe = kept.is_keyframe
        yield packet


def _with_parameters(cut: Cut, first: Kept) -> bytes:
    """The MP4's index is made from the first packet: it must hold the parameter sets."""
    extra = cut.head.extradata
    return extra + first.data if extra.startswith(_ANNEX_B) else first.data


def _encoded_anew(cut: Cut, masks: Masks) -> bytes:
    head, file = cut.head, io.BytesIO()
    width, height = fitted(head.width, head.height, LONG_SIDE)
    width, height = width // 2 * 2, height // 2 * 2
    start = min(packet.pts for packet in cut.packets)
    with av.open(file, "w", format="mp4", options=_reserved(len(cut.packets))) as out:
        stream = out.add_stream(_ENCODER, rate=_rate(cut), options=_OPTIONS)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = head.time_base
        stream.codec_context.thread_count = 1
        for frame in _decoded(cut):
            shown = _masked(frame.reformat(width=width, height=height, format="yuv420p", threads=1), masks)
            shown.pts, shown.time_base = (frame.pts or 0) - start, head.time_base
            out.mux(stream.encode(shown))
        out.mux(stream.encode(None))
    return file.getvalue()


def _decoded(cut: Cut) -> Iterator["av.VideoFrame"]:
    context = av.CodecContext.create(cut.head.codec, "r")
    assert isinstance(context, VideoCodecContext)
    context.thread_type, context.thread_count = "NONE", 1
    for place, kept in enumerate(cut.packets):
        packet = av.Packet(_with_parameters(cut, kept) if place == 0 else kept.data)
        packet.pts, packet.time_base = kept.pts, cut.head.time_base
        yield from context.decode(packet)
    yield from context.decode(None)


def _masked(frame: "av.VideoFrame", masks: Masks) -> "av.VideoFrame":
    whole = frame.to_ndarray()  # Y over U over V, each row as wide as Y's
    height, width = frame.height, frame.width
    planes = _planes(whole, width, height)
    masks.blacken_planes(planes)
    packed = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(height * 3 // 2, width)
    return av.VideoFrame.from_ndarray(packed, format="yuv420p")


def _planes(whole: np.ndarray, width: int, height: int) -> Sequence["np.ndarray"]:
    flat = whole.reshape(-1)
    luma, chroma = width * height, width * height // 4
    return [
        flat[:luma].reshape(height, width).copy(),
        flat[luma : luma + chroma].reshape(height // 2, width // 2).copy(),
        flat[luma + chroma :].reshape(height // 2, width // 2).copy(),
    ]


def _rate(cut: Cut) -> Fraction:
    span_s = float((max(p.pts for p in cut.packets) - min(p.pts for p in cut.packets)) * cut.head.time_base)
    return Fraction(max(1, round((len(cut.packets) - 1) / span_s))) if span_s > 0 else Fraction(25)


def _reserved(packets: int) -> dict[str, str]:
    """The index in front, so that a player need not fetch the end first."""
    each, besides = _INDEX_BYTES
    return {"moov_size": str(besides + each * packets)}
