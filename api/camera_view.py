"""A camera as it is shown: what is stored, what ingest says of it, how its frames were counted.

Takes: rows, a LiveView, frame totals, the current time.
Gives: CameraOut, whose status says `unknown` and why where nobody reports.
Knows nothing about: requests."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from alerts.arming import standing_of
from api.bodies.cameras import CameraOut, FramesOut, ProbeOut, SamplingOut, StatusOut, WindowOut, ZoneOut
from api.live import LiveView
from api.probing import probe_out
from contracts.messages import CameraHealth
from contracts.redact import redact
from store.cameras import CameraRow
from store.progress import FrameTotals
from store.times import to_text

STALE_AFTER = timedelta(seconds=10)
_NO_FRAMES = FramesOut(sampled=0, analysed=0, unchanged=0, dropped={}, in_flight=0)


def status_of(camera: CameraRow, view: LiveView, now: datetime) -> StatusOut:
    """Never guessed: an old word is no word."""
    health = view.health.get(camera.id)
    if not camera.enabled:
        return StatusOut(state="disabled", since=camera.created_at, reason="the camera is switched off")
    if view.away:
        return StatusOut(state="unknown", since=camera.created_at, reason=view.away)
    if health is None:
        return StatusOut(state="unknown", since=camera.created_at, reason="no ingest worker reports")
    if now - health.at > STALE_AFTER:
        return StatusOut(state="unknown", since=to_text(health.at), reason="no ingest worker reports")
    return _reported(health)


def _reported(health: CameraHealth) -> StatusOut:
    return StatusOut(
        state=health.state,
        since=to_text(health.since),
        reason=redact(health.reason) or None,
        remedy=redact(health.remedy) or None,
        fps=health.fps,
        keyframe_interval_s=health.keyframe_interval_s,
        last_frame_at=to_text(health.last_frame_at) if health.last_frame_at else None,
        width=health.width,
        height=health.height,
        codec=health.codec,
        conditions=list(health.conditions) or None,
    )


def frames_of(camera_id: str, totals: Mapping[str, FrameTotals]) -> FramesOut:
    """Zeros for a camera that never gave a frame."""
    counted = totals.get(camera_id)
    if counted is None:
        return _NO_FRAMES
    return FramesOut(
        sampled=counted.sampled,
        analysed=counted.analysed,
        unchanged=counted.unchanged,
        dropped=counted.dropped,
        in_flight=counted.in_flight,
    )


def camera_out(
    camera: CameraRow,
    view: LiveView,
    totals: Mapping[str, FrameTotals],
    now: datetime,
    *,
    timezone: str,
    probe: ProbeOut | None = None,
    warnings: list[str] | None = None,
) -> CameraOut:
    """`timezone`: the site's. `probe`: the one just made, in place of the stored one."""
    standing = standing_of(camera, timezone, now)
    stored = probe_out(camera.probe, with_picture=False) if camera.probe else None
    return CameraOut(
        id=camera.id,
        name=camera.name,
        url=_shown(camera.url, bool(camera.sealed)),
        substream_url=redact(camera.substream_url) or None,
        sampling=SamplingOut(mode=camera.sampling.mode, every_s=camera.sampling.every_s),
        zones=[ZoneOut(name=zone.name, polygon=list(zone.polygon)) for zone in camera.zones],
        masks=[list(mask) for mask in camera.masks],
        timezone=camera.timezone or None,
        enabled=camera.enabled,
        armed=camera.armed,
        arming=[WindowOut(days=list(each.days), start=each.start, end=each.end) for each in camera.arming],
        armed_now=standing.armed,
        armed_reason=standing.why or None,
        armed_until=to_text(standing.until) if standing.until else None,
        group=camera.group or None,
        keep_local=camera.keep_local,
        created_at=camera.created_at,
        status=status_of(camera, view, now),
        frames=frames_of(camera.id, totals),
        probe=probe or stored,
        warnings=warnings or None,
    )


def _shown(url: str, has_credentials: bool) -> str:
    """The mask stands where credentials are, so that one sees that there are some."""
    return redact(url.replace("://", "://***@", 1) if has_credentials else url)
