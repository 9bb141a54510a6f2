"""RTSP and RTSPS cameras, over TCP, through FFmpeg.

Takes: a checked Address.
Gives: a Source.
Knows nothing about: what becomes of the pictures."""

from collections.abc import Iterator

import av
import av.error

from contracts.errors import PlainwatchError, SourceUnreachable, SourceUnsupported
from contracts.site import Sampling
from ingest.address import Address
from ingest.decode import Decoding
from ingest.preflight import describe, refusal
from ingest.ring import PacketRing
from ingest.source import Clock, Limits, Sampled, StreamFacts

#: over TCP nothing else is needed; without the list FFmpeg opens files, playlists and whatever they name
_PROTOCOLS = "rtsp,rtsps,tcp,tls"


class RtspSource:
    """An open RTSP session."""

    is_live = True

    def __init__(self, address: Address, decoding: Decoding) -> None:
        self._address = address
        self._decoding = decoding

    def pictures(self) -> Iterator[Sampled]:
        """A killed server is a plain end of the iteration; a silent one ends in SourceUnreachable."""
        try:
            yield from self._decoding.pictures()
        except av.error.FFmpegError as error:
            raise _ours(self._address, error) from None

    def facts(self) -> StreamFacts:
        """Measured so far."""
        return self._decoding.facts()

    def close(self) -> None:
        """Takes effect at the next packet; FFmpeg's own timeout bounds the wait for it."""
        self._decoding.close()


def open_rtsp(
    address: Address, sampling: Sampling, limits: Limits, clock: Clock, ring: PacketRing | None = None
) -> RtspSource:
    """`ring`: keeps the packets as they come. Raises SourceError or OutboundRefused within twice the time limit."""
    describe(address, timeout_s=limits.open_timeout_s, monotonic_s=clock.monotonic_s)
    options = {
        # TCP: UDP loses slices on Wi-Fi cameras and the keyframe decodes grey
        "rtsp_transport": "tcp",
        "allowed_media_types": "video",
        "protocol_whitelist": _PROTOCOLS,
        # We measure the rate ourselves: FFmpeg's own probing holds the first pictures back for 2.4 s (0.7 s without).
        "fpsprobesize": "0",
        "analyzeduration": "1000000",
        # Microseconds, and exactly this name: `stimeout` and `rw_timeout` are ignored and hang for ever.
        "timeout": str(int(limits.read_timeout_s * 1e6)),
    }
    try:
        container = av.open(
            address.pinned_url,
            format="rtsp",
            options=options,
            timeout=(limits.open_timeout_s, limits.read_timeout_s + 1.0),
        )
    # `from None` here and above: PyAV's text holds the URL with its password.
    except av.error.FFmpegError as error:
        raise _ours(address, error) from None
    except (ValueError, IndexError, MemoryError) as error:
        raise SourceUnreachable(
            f"camera '{address.shown}' sent something unreadable: {type(error).__name__}", "restart the camera"
        ) from None
    try:
        return RtspSource(address, Decoding(container, address.shown, sampling, clock, ring=ring))
    except PlainwatchError:
        container.close()
        raise


def _ours(address: Address, error: av.error.FFmpegError) -> PlainwatchError:
    shown = address.shown
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        return refusal(address, 401)
    if isinstance(error, av.error.HTTPNotFoundError):
        return refusal(address, 404)
    if isinstance(error, av.error.DecoderNotFoundError):
        return SourceUnsupported(f"camera '{shown}' sends a codec that is not read", "set the camera to H.264 or H.265")
    if isinstance(error, av.error.ExitError | av.error.TimeoutError):
        return SourceUnreachable(f"camera '{shown}' fell silent", "check its network, power and load")
    if isinstance(error, ConnectionError):
        return SourceUnreachable(f"camera '{shown}' closed the connection", "check its number of allowed clients")
    return SourceUnreachable(f"camera '{shown}' cannot be read: {error.strerror}", "restart the camera")
