"""The cameras that a person registered.

Takes: a connection inside the caller's transaction, CameraRow.
Gives: the same back; Conflict where a name is taken.
Knows nothing about: whether a camera gives pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from contracts.errors import Conflict
from contracts.plan import Window
from contracts.site import ProbeReport, Sampling
from store.schema import cameras
from store.tracks import drop_tracks

#: points (x, y), each 0-1 of the picture
Polygon = tuple[tuple[float, float], ...]


class Zone(msgspec.Struct, frozen=True):
    """A named part of the picture."""

    name: str
    polygon: Polygon


class ByHand(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person's word on whether it is armed, against its hours. `until` "": until somebody says otherwise."""

    armed: bool | None = None
    until: str = ""


@dataclass(frozen=True, slots=True)
class CameraRow:
    """`url` holds no credentials; `sealed` does, see api.targets. `probe` is kept without its picture.
    `keep_local`: its pictures are sent to no model on another machine. `armed`: whether it ever is; then `by_hand` and
    the hours in `arming` decide, see alerts.arming.

    Cameras of one `group` share what a rule's calibration learns."""

    id: str
    name: str
    url: str
    sealed: bytes
    created_at: str
    substream_url: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    zones: tuple[Zone, ...] = ()
    masks: tuple[Polygon, ...] = ()
    timezone: str = ""
    enabled: bool = True
    armed: bool = True
    keep_local: bool = False
    group: str = ""
    arming: tuple[Window, ...] = ()
    by_hand: ByHand = ByHand()  # noqa: RUF009 - frozen
    probe: ProbeReport | None = None

    @property
    def is_timed(self) -> bool:
        """Whether time alone may arm or disarm it."""
        return bool(self.arming) or self.by_hand.armed is not None


def add_camera(connection: sa.Connection, camera: CameraRow) -> None:
    """Raises Conflict where the name is taken."""
    try:
        connection.execute(sa.insert(cameras).values(_values(camera)))
    except IntegrityError as error:
        raise camera_name_taken(camera.name) from error


def change_camera(connection: sa.Connection, camera: CameraRow) -> None:
    """Writes the whole row anew. Raises Conflict where the name is another camera's."""
    try:
        connection.execute(sa.update(cameras).where(cameras.c.id == camera.id).values(_values(camera)))
    except IntegrityError as error:
        raise camera_name_taken(camera.name) from error


def remove_camera(connection: sa.Connection, camera_id: str) -> bool:
    """False where there was none. What it saw last is forgotten with it."""
    drop_tracks(connection, camera_id)
    return connection.execute(sa.delete(cameras).where(cameras.c.id == camera_id)).rowcount > 0


def camera_by_id(connection: sa.Connection, camera_id: str) -> CameraRow | None:
    """None where there is none."""
    found = connection.execute(sa.select(cameras).where(cameras.c.id == camera_id)).mappings().first()
    return _row(found) if found else None


def all_cameras(connection: sa.Connection) -> tuple[CameraRow, ...]:
    """In the order in which they were registered."""
    return tuple(_row(found) for found in connection.execute(sa.select(cameras).order_by(cameras.c.id)).mappings())


def page_of_cameras(connection: sa.Connection, *, after: str, limit: int) -> tuple[CameraRow, ...]:
    """Those registered after the id `after`; all ids sort by time."""
    wanted = sa.select(cameras).where(cameras.c.id > after).order_by(cameras.c.id).limit(limit)
    return tuple(_row(found) for found in connection.execute(wanted).mappings())


def name_is_taken(connection: sa.Connection, name: str) -> bool:
    """Only a hint: add_camera decides."""
    return connection.execute(sa.select(cameras.c.id).where(cameras.c.name == name)).first() is not None


def camera_name_taken(name: str) -> Conflict:
    """The error, for whoever asks before adding."""
    return Conflict(f"camera name '{name}' is taken", "choose another name, or change the camera that bears it")


def _values(camera: CameraRow) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(camera, name) for name in _PLAIN}
    report = camera.probe or ProbeReport(ok=False)
    return values | {
        "sampling": _json(camera.sampling),
        "zones": _json(camera.zones),
        "masks": _json(camera.masks),
        "arming": _json(camera.arming),
        "by_hand": _json(camera.by_hand),
        "probe": _json(msgspec.structs.replace(report, picture=b"")) if camera.probe else "{}",
    }


_TEXTS = ("id", "name", "url", "sealed", "created_at", "substream_url", "timezone", "group")
_PLAIN = (*_TEXTS, "enabled", "armed", "keep_local")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _row(found: Mapping[Any, Any]) -> CameraRow:
    return CameraRow(
        **{name: found[name] for name in _PLAIN},
        sampling=msgspec.json.decode(found["sampling"], type=Sampling),
        zones=msgspec.json.decode(found["zones"], type=tuple[Zone, ...]),
        masks=msgspec.json.decode(found["masks"], type=tuple[Polygon, ...]),
        arming=msgspec.json.decode(found["arming"], type=tuple[Window, ...]),
        by_hand=msgspec.json.decode(found["by_hand"], type=ByHand),
        probe=msgspec.json.decode(found["probe"], type=ProbeReport) if found["probe"] != "{}" else None,
    )
