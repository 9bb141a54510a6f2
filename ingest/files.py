"""Files under the media root, played as if they were cameras.

Takes: an Address with a file in it.
Gives: a Source that keeps the file's own pace; the camera starts it over after its end.
Knows nothing about: networks."""

import threading
from collections.abc import Iterator
from pathlib import Path

import av
import av.container
import av.error

from contracts.errors import PlainwatchError, SourceUnreachable, SourceUnsupported
from contracts.site import Sampling
from ingest.address import Address
from ingest.decode import Decoding
from ingest.source import Clock, Sampled, StreamFacts

_READ = "use MP4, MOV, Matroska, AVI or MPEG-TS with H.264 or H.265"
_LEAP_S = 10.0
#: B frames come out of order by less than this
_BACK_S = 1.0
_TS_PACKET = 188


class FileSource:
    """An open file. `is_paced=False` gives its pictures as fast as they decode."""

    is_live = False

    def __init__(
        self, container: av.container.InputContainer, subject: str, sampling: Sampling, clock: Clock, is_paced: bool
    ) -> None:
        self._subject = subject
        self._clock = clock
        self._closed = threading.Event()
        self._origin_s: float | None = None
        self._last_s = 0.0
        self._decoding = Decoding(container, subject, sampling, clock, self._wait_until_due if is_paced else None)

    def pictures(self) -> Iterator[Sampled]:
        """Damage that the container cannot pass ends it, as its end does."""
        try:
            yield from self._decoding.pictures()
        except av.error.FFmpegError as error:
            raise SourceUnreachable(
                f"camera '{self._subject}' breaks off: {error.strerror}", "the file is damaged; replace it"
            ) from error

    def facts(self) -> StreamFacts:
        """Measured so far."""
        return self._decoding.facts()

    def close(self) -> None:
        """Also ends the wait for the next picture."""
        self._closed.set()
        self._decoding.close()

    def _wait_until_due(self, at_s: float) -> bool:
        """True where the source was closed. A leap of the timestamps begins a new count, not a long wait."""
        monotonic_s = self._clock.monotonic_s()
        if self._origin_s is None or not -_BACK_S < at_s - self._last_s < _LEAP_S:
            self._origin_s = monotonic_s - at_s
        self._last_s = at_s
        delay_s = self._origin_s + at_s - monotonic_s
        if delay_s < -_LEAP_S:  # the machine slept or is too slow: no mad rush to catch up
            self._origin_s = monotonic_s - at_s
        return self._closed.wait(delay_s) if delay_s > 0 else self._closed.is_set()


def open_file(address: Address, sampling: Sampling, clock: Clock, *, is_paced: bool = True) -> FileSource:
    """Raises SourceUnsupported where it is not one of the formats, or has no video."""
    path = address.file
    if path is None:
        raise SourceUnsupported(f"camera '{address.shown}' is not a file", "write file:NAME")
    name = _format_of(path, address.shown)
    try:
        container = av.open(str(path), format=name, options={"protocol_whitelist": "file"})
    except av.error.FFmpegError as error:
        raise _ours(address.shown, path, name, error) from error
    except (ValueError, IndexError, MemoryError) as error:
        raise SourceUnsupported(f"camera '{address.shown}' is damaged: {type(error).__name__}", _READ) from error
    try:
        return FileSource(container, address.shown, sampling, clock, is_paced)
    except PlainwatchError:
        container.close()
        raise


def _format_of(path: Path, shown: str) -> str:
    """By the file's first bytes: its name proves nothing, and lists such as m3u8 would open other files."""
    try:
        with path.open("rb") as file:
            head = file.read(4 * _TS_PACKET)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SourceUnreachable(f"camera '{shown}' cannot be read: {why}", "check its permissions") from error
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if len(head) > _TS_PACKET and head[0] == 0x47 == head[_TS_PACKET]:
        return "mpegts"
    raise SourceUnsupported(f"camera '{shown}' is not a video file that is read", _READ)


def _ours(shown: str, path: Path, name: str, error: av.error.FFmpegError) -> PlainwatchError:
    if name == "mov" and isinstance(error, av.error.InvalidDataError) and not _has_moov(path):
        return SourceUnsupported(
            f"camera '{shown}' was cut off: its index (moov atom) is missing", "copy or record the file again"
        )
    why = error.strerror or type(error).__name__
    return SourceUnsupported(f"camera '{shown}' cannot be opened: {why}", _READ)


def _has_moov(path: Path) -> bool:
    """Walks the top-level boxes only."""
    end, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while at + 8 <= end:
            file.seek(at)
            header = file.read(16)
            size = int.from_bytes(header[:4], "big")
            if header[4:8] == b"moov":
                return at + size <= end
            if size == 1:
                size = int.from_bytes(header[8:16], "big")
            if size < 8:
                return False
            at += size
    return False
