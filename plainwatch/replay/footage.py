"""A video file as a camera whose clock is the file's own.

Takes: a path, how often to look, the stretch that is wanted.
Gives: sampled pictures, as fast as they decode, each with the time at which it was recorded.
Knows nothing about: rules, engines."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import av

from contracts.errors import SourceUnreachable
from contracts.site import Sampling
from ingest.address import Address
from ingest.files import open_file
from ingest.source import Clock, Picture, Sampled

#: where nobody says when the footage was recorded; a Monday
UNDATED = datetime(2001, 1, 1, tzinfo=UTC)
#: timestamps that leap by more are a new beginning, as where recordings were joined
_LEAP_S = 60.0


class Footage(Protocol):
    """What can be replayed."""

    @property
    def name(self) -> str:
        """For people."""
        ...

    @property
    def every_s(self) -> float:
        """Pictures nearer than that to the one before are left out; they may be farther apart."""
        ...

    @property
    def is_kept(self) -> bool:
        """Single pictures, without the history of what the camera saw between them."""
        ...

    @property
    def starts_at(self) -> datetime:
        """What its clock shows at its first picture."""
        ...

    def pictures(self) -> Iterator[Sampled]:
        """From its beginning, each time it is called. Raises SourceError."""
        ...


@dataclass(frozen=True, slots=True)
class FileFootage:
    """`from_s` and `to_s` count from the file's first picture."""

    path: Path
    every_s: float
    starts_at: datetime = UNDATED
    from_s: float = 0.0
    to_s: float = float("inf")

    @property
    def name(self) -> str:
        """Of the file."""
        return self.path.name

    @property
    def is_kept(self) -> bool:
        """A file is the whole of it."""
        return False

    def pictures(self) -> Iterator[Sampled]:
        """What cannot be decoded is timed like the picture before it."""
        if not self.path.is_file():
            raise SourceUnreachable(f"footage '{self.path}' is not there", "give the path of a video file")
        seconds = _Seconds(self.every_s)
        clock = Clock(now=lambda: self.starts_at + timedelta(seconds=seconds.now), monotonic_s=lambda: seconds.now)
        address = Address("file", file=self.path)
        source = open_file(address, Sampling("every_s", self.every_s), clock, is_paced=False)
        try:
            for sampled in source.pictures():
                if isinstance(sampled, Picture):
                    sampled = replace(sampled, captured_at=self.starts_at + timedelta(seconds=seconds.of(sampled)))
                if seconds.now > self.to_s:
                    return
                if seconds.now >= self.from_s:
                    yield sampled
        finally:
            source.close()


@dataclass(slots=True)
class _Seconds:
    """Since the first picture, never backwards."""

    every_s: float
    now: float = 0.0
    _origin_s: float | None = None

    def of(self, picture: Picture) -> float:
        """Stays in `now` until the next one."""
        stamp = picture.image.time if isinstance(picture.image, av.VideoFrame) else None
        if stamp is None:
            stamp = self.now + self.every_s + (self._origin_s or 0.0)
        if self._origin_s is None:
            self._origin_s = stamp
        elif not 0.0 < stamp - self._origin_s - self.now < _LEAP_S:
            self._origin_s = stamp - self.now - self.every_s
        self.now = round(stamp - self._origin_s, 6)
        return self.now


def clip_rate(path: Path) -> tuple[float, float]:
    """(frames a second, seconds) as the file says. Raises SourceError."""
    if not path.is_file():
        raise SourceUnreachable(f"footage '{path}' is not there", "give the path of a video file")
    try:
        with av.open(str(path), options={"protocol_whitelist": "file"}) as container:
            stream = container.streams.video[0]
            fps = float(stream.average_rate or stream.guessed_rate or 0)
            length = stream.duration * stream.time_base if stream.duration and stream.time_base else None
            seconds = float(length) if length is not None else (container.duration or 0) / 1e6
    except (av.error.FFmpegError, IndexError) as error:
        raise SourceUnreachable(f"footage '{path}' cannot be opened: {error}", "give a video file") from error
    return fps, seconds
