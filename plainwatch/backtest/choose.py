"""From `--source` to footage: a file, or what a running site has kept of a camera.

Takes: the options as they were typed, a way to the site's API.
Gives: footage, its camera, and whether its time of day is known.
Knows nothing about: rules, engines."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alerts.trial.candidates import camera_for
from contracts.errors import Invalid, NotFound, PlainwatchError, SourceUnreachable
from plainwatch.backtest.stretch import clip_seconds, moment
from plainwatch.client import ApiClient
from plainwatch.replay.archived import archive_footage, camera_on
from plainwatch.replay.footage import UNDATED, FileFootage, Footage
from store.cameras import CameraRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty where an option was not given."""

    source: str
    every_s: float
    since: str = ""
    until: str = ""
    starts_at: str = ""


def chosen(wanted: Wanted, connect: Callable[[], ApiClient]) -> tuple[Footage, CameraRow, bool]:
    """A file wins over a camera of the same name. Raises SourceUnreachable, NotFound, Invalid or Unavailable."""
    if "://" in wanted.source:
        raise Invalid(
            "--source: an address is a live camera, which has no past",
            "give a video file, or the name of a camera that a running site has watched",
        )
    path = Path(wanted.source)
    if path.is_file():
        return _file(path, wanted)
    if path.suffix or len(path.parts) > 1:
        raise SourceUnreachable(f"source '{wanted.source}' is not there", "give the path of a video file")
    return _camera(wanted, connect)


def _file(path: Path, wanted: Wanted) -> tuple[Footage, CameraRow, bool]:
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
    return footage, camera_for(path.name), bool(wanted.starts_at)


def _camera(wanted: Wanted, connect: Callable[[], ApiClient]) -> tuple[Footage, CameraRow, bool]:
    if wanted.starts_at:
        raise Invalid("--starts-at: a camera's pictures have their own times", "leave it out")
    since = moment(wanted.since, "--from") if wanted.since else None
    until = moment(wanted.until, "--to") if wanted.until else None
    _check_order(since, until)
    try:
        client = connect()
        camera = camera_on(client, wanted.source)
    except NotFound:
        raise
    except PlainwatchError as error:
        raise SourceUnreachable(
            f"source '{wanted.source}' is no file here, and no site can be asked for a camera: {error.problem}",
            error.remedy,
        ) from error
    return archive_footage(client, camera, every_s=wanted.every_s, since=since, until=until), camera, True


def _check_order(since: datetime | None, until: datetime | None) -> None:
    if since and until and since >= until:
        raise Invalid("--from does not lie before --to", "turn them round")
