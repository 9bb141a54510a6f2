"""A look at a camera before it is registered: what it sends, or why it cannot be read.

Takes: a Probe.
Gives: a ProbeReport, always: a camera that fails is an answer.
Knows nothing about: the site, the bus."""

import threading
from dataclasses import dataclass

import msgspec

from contracts.errors import ConfigError, Invalid, PlainwatchError, Refused, SourceError, SourceUnreachable
from contracts.site import Probe, ProbeReport, Sampling
from ingest.jpeg import encode
from ingest.masks import Masks
from ingest.opening import Opener, is_live
from ingest.source import Picture, Source

_PICTURE_WIDTH = 640
_SECONDS_MAX = 60.0
#: so many keyframes tell their interval; a person is waiting
_KEYFRAMES_ENOUGH = 5
#: every keyframe is looked at, so that its interval is measured; only the first one is kept
_SAMPLING = Sampling(every_s=0.0)


@dataclass(slots=True)
class _Seen:
    pictures: int = 0
    damaged: int = 0
    first: bytes = b""


def answer_probe(payload: bytes, opener: Opener) -> bytes:
    """The handler of the `probe` job; never raises on what a camera does."""
    try:
        probe = msgspec.msgpack.decode(payload, type=Probe)
    except msgspec.DecodeError:
        report = _failed(Invalid("the probe's payload is not one", "use the version of ingest that api has"))
    else:
        report = run_probe(probe, opener)
    return msgspec.msgpack.encode(report)


def run_probe(probe: Probe, opener: Opener) -> ProbeReport:
    """Takes up to the probe's seconds, and the time to open the camera."""
    try:
        source = opener.open(probe.url, probe.sealed, _SAMPLING, probe.allow, is_paced=is_live(probe.url))
        return _watched(source, min(probe.seconds, _SECONDS_MAX))
    except (SourceError, Refused, Invalid, ConfigError) as error:
        return _failed(error)


def _watched(source: Source, seconds: float) -> ProbeReport:
    timer = threading.Timer(seconds, source.close)
    timer.daemon = True
    timer.start()
    seen = _Seen()
    try:
        for sampled in source.pictures():
            _note(seen, sampled.image if isinstance(sampled, Picture) else None)
            if seen.first and seen.pictures >= _KEYFRAMES_ENOUGH and source.facts().fps:
                break
    except SourceError:
        if not seen.pictures:
            raise
    finally:
        timer.cancel()
        source.close()
    if not seen.pictures:
        raise _nothing_seen(source, seen, seconds)
    facts = source.facts()
    return ProbeReport(
        ok=True,
        codec=facts.codec,
        width=facts.width,
        height=facts.height,
        fps=facts.fps,
        keyframe_interval_s=facts.keyframe_interval_s,
        picture=seen.first,
    )


def _note(seen: _Seen, image: object) -> None:
    if image is None:
        seen.damaged += 1
        return
    seen.pictures += 1
    if not seen.first:
        encoded = encode(image, Masks(()), _PICTURE_WIDTH)  # type: ignore[arg-type]
        seen.first = encoded.picture if encoded else b""


def _nothing_seen(source: Source, seen: _Seen, seconds: float) -> SourceError:
    packets = source.facts().packets
    if seen.damaged:
        return SourceUnreachable(
            f"all {seen.damaged} keyframes within {seconds:.0f} s were damaged", "check its network"
        )
    if packets:
        return SourceUnreachable(
            f"no keyframe within {seconds:.0f} s, though {packets} packets came",
            "set the camera's keyframe interval (GOP) to 1-2 s",
        )
    return SourceUnreachable(f"no pictures within {seconds:.0f} s", "check its network, power and load")


def _failed(error: PlainwatchError) -> ProbeReport:
    return ProbeReport(ok=False, reason=error.problem, remedy=error.remedy, code=error.code)
