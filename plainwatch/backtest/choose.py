"""From `--source`, `--camera` and `--zones` to footage and its camera: a file, or what a running site has kept.

Takes: the options as they were typed, a way to the site's API.
Gives: footage, its camera, and whether its time of day is known.
Knows nothing about: rules, engines."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from alerts.trial.candidates import camera_for
from contracts.errors import Invalid, NotFound, PlainwatchError, SourceUnreachable
from plainwatch.backtest.stretch import clip_seconds, moment
from plainwatch.backtest.zones import read_zones
from plainwatch.client import ApiClient
from plainwatch.replay.archived import archive_footage, camera_on
from plainwatch.replay.footage import UNDATED, FileFootage, Footage
from store.cameras import CameraRow, Zone


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty where an option was not given."""

    source: str
    every_s: float
    since: str = ""
    until: str = ""
    starts_at: str = ""
    camera: str = ""
    zones: Path | None = None


def chosen(wanted: Wanted, connect: Callable[[], ApiClient]) -> tuple[Footage, CameraRow, bool]:
    """A file wins over a camera of the same name. Raises SourceUnreachable, NotFound, Invalid or Unavailable."""
    if "://" in wanted.source:
        raise Invalid(
            "--source: an address is a live camera, which has no past",
            "give a video file, or the name of a camera that a running site has watched",
        )
    path = Path(wanted.source)
    drawn = read_zones(wanted.zones, path.name) if wanted.zones else ()
    if path.is_file():
        footage = _file(path, wanted)
        camera = _camera_of_site(wanted.camera, connect) if wanted.camera else camera_for(path.name)
        return footage, _with_zones(camera, drawn), bool(wanted.starts_at)
    if path.suffix or len(path.parts) > 1:
        raise SourceUnreachable(f"source '{wanted.source}' is not there", "give the path of a video file")
    kept, camera = _camera(wanted, connect)
    return kept, _with_zones(camera, drawn), True


def _with_zones(camera: CameraRow, drawn: tuple[Zone, ...]) -> CameraRow:
    """What is drawn in the file takes the place of what the camera has of that name."""
    names = {zone.name.casefold() for zone in drawn}
    return replace(camera, zones=(*(zone for zone in camera.zones if zone.name.casefold() not in names), *drawn))


def _camera_of_site(named: str, connect: Callable[[], ApiClient]) -> CameraRow:
    """Its zones, masks and time zone, for a file that shows what it sees."""
    try:
        return camera_on(connect(), named)
    except NotFound as error:
        raise NotFound(f"--camera: {error.problem}", error.remedy) from error


def _file(path: Path, wanted: Wanted) -> Footage:
    starts_at = moment(wanted.starts_at, "--starts-at") if wanted.starts_at else UNDATED
    footage = FileFootage(
        path,
        wanted.every_s,
        starts_at,
        clip_seconds(wanted.since, "--from") if wanted.since else 0.0,
        clip_seconds(wanted.until, "--to") if wanted.until else float("inf"),
    )
    if footage.from_s >= footage.to_s:
        raise Invalid(f"--from {wanted.since} does not lie before --to {wanted.until}", "turn them round")
    return footage


def _camera(wanted: Wanted, connect: Callable[[], ApiClient]) -> tuple[Footage, CameraRow]:
    if wanted.camera:
        raise Invalid("--camera: the source is a camera itself", "leave it out, or give a video file as --source")
    if wanted.starts_at:
        raise Invalid("--starts-at: a camera's pictures have their own times", "leave it out")
    since = moment(wanted.since, "--from") if wanted.since else None
    until = moment(wanted.until, "--to") if wanted.until else None
    _check_order(since, until)
    try:
        client = connect()
        camera = camera_on(client, wanted.source)
    except NotFound as error:
        raise NotFound(f"source '{wanted.source}' is neither a file nor a camera of this site", error.remedy) from error
    except PlainwatchError as error:
        raise SourceUnreachable(
            f"source '{wanted.source}' is no file here, and no site can be asked for a camera: {error.problem}",
            error.remedy,
        ) from error
    footage = archive_footage(client, camera, every_s=wanted.every_s, since=since, until=until)
    return footage, replace(camera, masks=())  # what was kept is masked already


def _check_order(since: datetime | None, until: datetime | None) -> None:
    if since and until and since >= until:
        raise Invalid("--from does not lie before --to", "turn them round")
