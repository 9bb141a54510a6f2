"""One door to every kind of camera.

Takes: a URL without credentials, the sealed ones, the allow-list.
Gives: an open Source.
Knows nothing about: what becomes of the pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.outbound import parse_allow
from contracts.seal import Sealer
from contracts.site import Sampling
from ingest.address import read_address
from ingest.files import open_file
from ingest.mjpeg import open_mjpeg
from ingest.ring import PacketRing
from ingest.rtsp import open_rtsp
from ingest.source import Clock, Limits, Source


@dataclass(frozen=True, slots=True)
class Opener:
    """What all cameras of this process share. `camera_allow` is the deployment's list, a site's comes on top."""

    sealer: Sealer
    media_root: Path | None
    camera_allow: Sequence[str]
    limits: Limits
    clock: Clock

    def open(
        self,
        url: str,
        sealed: bytes,
        sampling: Sampling,
        site_allow: Sequence[str],
        *,
        is_paced: bool = True,
        ring: PacketRing | None = None,
    ) -> Source:
        """Raises SourceError, OutboundRefused, Invalid or ConfigError. `is_paced` matters to files, `ring` to RTSP."""
        address = read_address(
            url,
            credentials=self.sealer.open(sealed),
            media_root=self.media_root,
            allow=parse_allow((*self.camera_allow, *site_allow)),
        )
        if address.scheme in ("rtsp", "rtsps"):
            return open_rtsp(address, sampling, self.limits, self.clock, ring)
        if address.scheme in ("http", "https"):
            return open_mjpeg(address, sampling, self.limits, self.clock)
        return open_file(address, sampling, self.clock, is_paced=is_paced)


def is_live(url: str) -> bool:
    """Whether pictures come from a sensor now, not from a file."""
    return not url.lower().startswith("file:")
