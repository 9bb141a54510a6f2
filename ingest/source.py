"""The port that every kind of camera stands behind, and what comes through it.

Takes: nothing.
Gives: Source, Picture, Undecodable, StreamFacts, Clock, and Limits that every wait obeys.
Knows nothing about: RTSP, HTTP, files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import av

from contracts.site import Sampling

#: a picture claiming more is refused before it is decoded: 109 kB of JPEG can claim 16000 x 16000
PIXELS_MAX = 40_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """Both clocks, handed down from __main__: `now` for what people read, `monotonic_s` for waits."""

    now: Callable[[], datetime]
    monotonic_s: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a camera may take to answer, and to stay silent."""

    open_timeout_s: float
    read_timeout_s: float


@dataclass(frozen=True, slots=True)
class Picture:
    """One sampled picture: decoded, or a JPEG as the camera sent it."""

    image: av.VideoFrame | bytes
    captured_at: datetime
    is_keyframe: bool


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A sampled picture that could not be decoded, or came out damaged."""

    captured_at: datetime


Sampled = Picture | Undecodable


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """Measured on the stream, not believed from its header. A keyframe interval grows while no keyframe comes."""

    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    keyframe_interval_s: float | None = None
    packets: int = 0


class Source(Protocol):
    """An open camera. `pictures` gives what the sampling chose, and ends where the stream does."""

    @property
    def is_live(self) -> bool:
        """Whether equal pictures mean that something is stuck; a file may hold them rightly."""
        ...

    def pictures(self) -> Iterator[Sampled]:
        """Raises SourceError where the stream breaks; ends where the camera hangs up or `close` was called."""
        ...

    def facts(self) -> StreamFacts:
        """From any thread."""
        ...

    def close(self) -> None:
        """From any thread, at any time, more than once; never waits. A read that hangs keeps its own resources."""
        ...


class Sampler:
    """Chooses pictures at least `every_s` apart, in the stream's own time where it has one."""

    def __init__(self, sampling: Sampling) -> None:
        # Cameras' timestamps jitter: a keyframe that comes 5 % early is still the next one.
        self._spacing_s = sampling.every_s * 0.95
        self._last_s: float | None = None

    def is_due(self, at_s: float) -> bool:
        """A jump back in time is a new beginning."""
        return self._last_s is None or at_s < self._last_s or at_s - self._last_s >= self._spacing_s

    def take(self, at_s: float) -> None:
        """This one was chosen."""
        self._last_s = at_s
