"""What registering or changing a camera does, apart from HTTP: check, look, then write.

Takes: CameraIn or CameraChange.
Gives: the row as it is to be stored, and what the person must be told.
Knows nothing about: requests and responses."""

from dataclasses import dataclass, replace
from datetime import datetime

from api.auth import Caller
from api.bodies.cameras import CameraChange, CameraIn, SamplingIn, WindowIn, ZoneIn
from api.confirm import confirmed_targets
from api.deps import Deps
from api.probing import Looked, look_at, warnings_of
from api.targets import Target, camera_target
from contracts.errors import (
    Invalid,
    OutboundRefused,
    PlainwatchError,
    SourceError,
    SourceUnauthorized,
    SourceUnreachable,
    SourceUnsupported,
)
from contracts.ids import new_id
from contracts.plan import Window
from contracts.site import ProbeReport, Sampling
from store.cameras import ByHand, CameraRow, Polygon, Zone, camera_name_taken, name_is_taken
from store.outbound import allowed_targets
from store.times import to_text

_BY_CODE: dict[str, type[PlainwatchError]] = {
    kind.code: kind for kind in (SourceUnreachable, SourceUnauthorized, SourceUnsupported, OutboundRefused, Invalid)
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A URL that may be stored: `confirmed` private targets go with it."""

    target: Target
    confirmed: tuple[str, ...]
    looked: Looked | None
    warnings: tuple[str, ...] = ()


def check_url(
    deps: Deps, url: str, caller: Caller, *, probe: bool, force: bool, confirm: bool, sampling: Sampling
) -> Checked:
    """Raises Invalid, OutboundRefused, or the SourceError that the probe met."""
    target = camera_target(url, deps.settings.media_root)
    try:
        confirmed = confirmed_targets(deps, target, "camera", caller, confirm=confirm)
    except SourceUnreachable as error:  # the name may well resolve where ingest stands
        if probe and not force:
            raise
        return Checked(target, (), None, (str(error),))
    if not probe:
        return Checked(target, confirmed, None)
    looked = look_at(deps, target.url, deps.sealer.seal(target.credentials), allow_with(deps, confirmed))
    if looked.report is not None and not looked.report.ok and not force:
        raise failed_probe(looked.report, way_on="send force: true to store it all the same")
    return Checked(target, confirmed, looked, tuple(warnings_of(looked, sampling)))


def refuse_taken_name(deps: Deps, name: str) -> None:
    """Before the camera is looked at, which takes seconds. Raises Conflict."""
    with deps.database.read() as connection:
        if name_is_taken(connection, name):
            raise camera_name_taken(name)


def allow_with(deps: Deps, confirmed: tuple[str, ...]) -> tuple[str, ...]:
    """The camera targets that admins confirmed, and those that are being confirmed."""
    with deps.database.read() as connection:
        return (*allowed_targets(connection, "camera"), *confirmed)


def failed_probe(report: ProbeReport, *, way_on: str = "") -> PlainwatchError:
    """The error that the worker met, by its own code."""
    kind = _BY_CODE.get(report.code, SourceError)
    return kind(report.reason or "the camera gives no pictures", "; ".join(filter(None, (report.remedy, way_on))))


def new_camera(body: CameraIn, checked: Checked, deps: Deps, now: datetime) -> CameraRow:
    """Not stored yet."""
    return CameraRow(
        id=new_id("cam", now),
        name=body.name,
        url=checked.target.url,
        sealed=deps.sealer.seal(checked.target.credentials),
        created_at=to_text(now),
        substream_url=_substream(body.substream_url, checked.target, deps),
        sampling=sampling_of(body.sampling),
        zones=zones_of(body.zones),
        masks=masks_of(body.masks),
        timezone=body.timezone or "",
        enabled=body.enabled,
        armed=body.armed,
        arming=windows_of(body.arming),
        group=body.group,
        keep_local=body.keep_local,
        probe=checked.looked.report if checked.looked else None,
    )


def changed_camera(row: CameraRow, body: CameraChange, checked: Checked | None, deps: Deps) -> CameraRow:
    """`checked` is there where the URL changes. Not stored yet."""
    given = body.model_fields_set
    if checked is not None:
        sealed = deps.sealer.seal(checked.target.credentials)
        row = replace(row, url=checked.target.url, sealed=sealed)
        row = replace(row, probe=checked.looked.report if checked.looked else None)
    if body.substream_url is not None:
        target = checked.target if checked else None
        row = replace(row, substream_url=_substream(body.substream_url, target, deps))
    elif "substream_url" in given:
        row = replace(row, substream_url="")
    if "timezone" in given:
        row = replace(row, timezone=body.timezone or "")
    if body.armed is not None or body.arming is not None:  # the newest word counts
        row = replace(row, by_hand=ByHand())
    return replace(
        row,
        name=row.name if body.name is None else body.name,
        sampling=row.sampling if body.sampling is None else sampling_of(body.sampling),
        zones=row.zones if body.zones is None else zones_of(body.zones),
        masks=row.masks if body.masks is None else masks_of(body.masks),
        enabled=row.enabled if body.enabled is None else body.enabled,
        armed=row.armed if body.armed is None else body.armed,
        arming=row.arming if body.arming is None else windows_of(body.arming),
        group=row.group if body.group is None else body.group,
        keep_local=row.keep_local if body.keep_local is None else body.keep_local,
    )


def _substream(url: str | None, main: Target | None, deps: Deps) -> str:
    """Stored without credentials: those of the main stream serve for both."""
    if not url:
        return ""
    target = camera_target(url, deps.settings.media_root)
    if target.credentials and (main is None or target.credentials != main.credentials):
        raise Invalid("substream_url: its user and password differ from url's", "write them in url only")
    return target.url


def sampling_of(body: SamplingIn) -> Sampling:
    """The type that the workers know."""
    return Sampling(body.mode, body.every_s)


def windows_of(bodies: list[WindowIn]) -> tuple[Window, ...]:
    """The type that rules know."""
    return tuple(Window(tuple(body.days), body.start, body.end) for body in bodies)


def zones_of(bodies: list[ZoneIn]) -> tuple[Zone, ...]:
    """The type that the store knows."""
    return tuple(Zone(body.name, tuple(body.polygon)) for body in bodies)


def masks_of(polygons: list[list[tuple[float, float]]]) -> tuple[Polygon, ...]:
    """The type that the store knows."""
    return tuple(tuple(polygon) for polygon in polygons)
