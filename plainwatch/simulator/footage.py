"""Footage before encoding: frames at one constant rate, from a file or from anything that draws.

Takes: a video file of any codec that FFmpeg decodes, or a function that yields BGR pictures.
Gives: Footage: its rate, its size, and its frames from the beginning, as often as asked.
Knows nothing about: keyframes, packets, clients."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from contracts.errors import SourceUnsupported

Bgr = npt.NDArray[np.uint8]  # (H, W, 3)
Frames = Iterator[av.VideoFrame | Bgr]

_RATE_WHEN_UNKNOWN = Fraction(25)


@dataclass(frozen=True, slots=True)
class Footage:
    """`frames()` starts at the first frame each time; width and height are even, as 4:2:0 wants them."""

    fps: Fraction
    width: int
    height: int
    frames: Callable[[], Frames]


def file_footage(path: Path, *, fps: float | None = None, size: tuple[int, int] | None = None) -> Footage:
    """The file at its own average rate, or at `fps`; a file whose rate varies is brought to a constant one."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.best("video")
            if not isinstance(stream, av.VideoStream):
                raise SourceUnsupported(f"file '{path.name}' has no video stream", "give a file with one")
            own_rate = stream.average_rate or stream.guessed_rate or _RATE_WHEN_UNKNOWN
            width, height = size or (stream.width, stream.height)
    except (av.error.FFmpegError, OSError) as error:
        raise SourceUnsupported(
            f"file '{path.name}' cannot be opened as video, got {error.strerror}", "check the path and the file"
        ) from error
    rate = Fraction(fps).limit_denominator(1001) if fps else Fraction(own_rate)
    return Footage(rate, even(width), even(height), lambda: _decoded(path, rate))


def even(pixels: int) -> int:
    """Rounded down to even, never below two."""
    return max(2, pixels - pixels % 2)


def _readable(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """Damaged packets are passed over, as players do."""
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            continue


def _decoded(path: Path, fps: Fraction) -> Frames:
    """Frames on the grid 0, 1/fps, 2/fps …: repeated where the file is slower, left out where it is faster."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        emitted = 0
        first_s: float | None = None
        held: av.VideoFrame | None = None
        for position, frame in enumerate(_readable(container, stream)):
            at_s = frame.time if frame.time is not None else float(position / fps)
            first_s = at_s if first_s is None else first_s
            # A grid point belongs to the frame nearest in time, so that rounding of timestamps skips none.
            due = int((at_s - first_s) * fps + Fraction(1, 2))
            while held is not None and emitted < due:
                yield held
                emitted += 1
            held = frame
        if held is not None:
            yield held
