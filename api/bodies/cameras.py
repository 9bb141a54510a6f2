"""Cameras over HTTP.

Takes: a camera as a person describes it; polygons and time zones are checked here.
Gives: a camera as it is shown: URL redacted, with its state and its frames counted.
Knows nothing about: whether the URL may be dialled."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from api.bodies.fields import BodyIn, Name, Url, printable
from contracts.plan import WEEK, Day

_IN: JsonDict = {
    "name": "front gate",
    "url": "rtsp://viewer:secret@192.168.1.20/stream1",
    "zones": [{"name": "driveway", "polygon": [[0.1, 0.5], [0.9, 0.5], [0.9, 1.0], [0.1, 1.0]]}],
    "timezone": "Asia/Shanghai",
}
_STATUS: JsonDict = {
    "state": "online",
    "since": "2026-11-22T09:00:00.000Z",
    "fps": 25.0,
    "keyframe_interval_s": 2.0,
    "last_frame_at": "2026-11-22T09:05:00.000Z",
}
_FRAMES: JsonDict = {"sampled": 80, "analysed": 61, "unchanged": 18, "dropped": {"stale": 1}, "in_flight": 0}
_OUT: JsonDict = _IN | {
    "id": "cam_01kap3v5c7e8k2m9qs",
    "url": "rtsp://***@192.168.1.20/stream1",
    "sampling": {"mode": "keyframes", "every_s": 0.4},
    "masks": [],
    "enabled": True,
    "armed": True,
    "arming": [{"days": ["sat", "sun"], "start": "00:00", "end": "24:00"}],
    "armed_now": True,
    "armed_reason": "by its hours",
    "group": "outdoors",
    "keep_local": False,
    "created_at": "2026-11-22T08:59:57.000Z",
    "status": _STATUS,
    "frames": _FRAMES,
}
_PROBE: JsonDict = {"ok": True, "codec": "h264", "width": 1920, "height": 1080, "fps": 25.0, "keyframe_interval_s": 2.0}


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"'{name}' is not a time zone; write one such as Europe/Berlin") from error
    return name


def _encloses(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    if abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) < 1e-6:
        raise ValueError("the polygon encloses nothing; give at least 3 corners that are not on one line")
    return points


def _encloses_or_divides(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    if len(points) > 2:
        return _encloses(points)
    (x1, y1), (x2, y2) = points
    if max(abs(x1 - x2), abs(y1 - y2)) < 1e-3:
        raise ValueError("the line has no length; give two points that are apart, or a polygon's corners")
    return points


Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
PolygonIn = Annotated[list[tuple[Unit, Unit]], Field(min_length=3, max_length=100), AfterValidator(_encloses)]
OutlineIn = Annotated[
    list[tuple[Unit, Unit]], Field(min_length=2, max_length=100), AfterValidator(_encloses_or_divides)
]
#: may be empty, unlike a name
Group = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), AfterValidator(printable)]
TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_zone)]


class SamplingIn(BodyIn):
    """`keyframes`: the camera's own, cheap. `every_s`: every picture is decoded, dear."""

    mode: Literal["keyframes", "every_s"] = "keyframes"
    every_s: float = Field(default=0.4, ge=0.05, le=3600, allow_inf_nan=False, description="Seconds between pictures.")


class ZoneIn(BodyIn):
    """A named part of the picture; rules use the name. Two points are a line, which can only be crossed."""

    name: Name
    polygon: OutlineIn = Field(description="Corners [x, y], each 0-1 of the picture; two for a line.")


def _different(zones: list[ZoneIn]) -> list[ZoneIn]:
    if len({zone.name.casefold() for zone in zones}) < len(zones):
        raise ValueError("two zones of one camera bear the same name")
    return zones


ZonesIn = Annotated[list[ZoneIn], Field(max_length=50), AfterValidator(_different)]
MasksIn = Annotated[list[PolygonIn], Field(max_length=50)]
_PROBE_HELP = "Read the camera for a few seconds before it is stored."
_FORCE_HELP = "Store it even where the probe fails."
_CONFIRM_HELP = "An admin allows exactly this private address and port, from now on."


def _lasts(window: "WindowIn") -> "WindowIn":
    if window.start == window.end:
        raise ValueError("the window begins when it ends; for a whole day write 00:00 to 24:00")
    return window


class WindowIn(BodyIn):
    """Hours on some days, by the camera's wall clock."""

    days: list[Day] = Field(default=list(WEEK), min_length=1, max_length=7, description="On which it begins.")
    start: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="HH:MM.")
    end: str = Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", description="HH:MM; before `start`: the next day.")


HoursIn = Annotated[list[Annotated[WindowIn, AfterValidator(_lasts)]], Field(max_length=50)]
_ARMING_HELP = "When it is armed; empty: at all hours, as long as `armed` is true."


class ArmIn(BodyIn):
    """How long a person's word counts."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"minutes": 30}]})

    minutes: float | None = Field(
        default=None,
        gt=0,
        le=366 * 24 * 60,
        allow_inf_nan=False,
        description="Absent: until its hours change the next time; without hours for good.",
    )


class CameraIn(BodyIn):
    """A new camera."""

    model_config = ConfigDict(json_schema_extra={"examples": [_IN]})

    name: Name
    url: Url = Field(description="rtsp, rtsps, http or https; or file:NAME under the media root.")
    substream_url: Url | None = None
    sampling: SamplingIn = SamplingIn()
    zones: ZonesIn = Field(default=[], description="Named parts of the picture, for rules.")
    masks: MasksIn = Field(default=[], description="Polygons that are blacked out before anything is kept or analysed.")
    timezone: TimeZone | None = Field(default=None, description="For rules with hours; absent: the site's.")
    enabled: bool = Field(default=True, description="Whether it is read at all.")
    armed: bool = Field(default=True, description="Whether its rules may open incidents.")
    arming: HoursIn = Field(default=[], description=_ARMING_HELP)
    group: Group = Field(default="", description="Cameras of one group share what feedback teaches a rule.")
    keep_local: bool = Field(default=False, description="Never send its pictures to a model on another machine.")
    probe: bool = Field(default=True, description=_PROBE_HELP)
    force: bool = Field(default=False, description=_FORCE_HELP)
    confirm_private: bool = Field(default=False, description=_CONFIRM_HELP)


class CameraChange(BodyIn):
    """What is given is changed, the rest stays. A new URL is probed as at registration."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sampling": {"mode": "every_s", "every_s": 0.5}}]})

    name: Name | None = None
    url: Url | None = None
    substream_url: Url | None = None
    sampling: SamplingIn | None = None
    zones: ZonesIn | None = None
    masks: MasksIn | None = None
    timezone: TimeZone | None = None
    enabled: bool | None = None
    armed: bool | None = None
    arming: HoursIn | None = Field(default=None, description=_ARMING_HELP)
    group: Group | None = None
    keep_local: bool | None = None
    probe: bool = Field(default=True, description=_PROBE_HELP)
    force: bool = Field(default=False, description=_FORCE_HELP)
    confirm_private: bool = Field(default=False, description=_CONFIRM_HELP)


class ProbeIn(BodyIn):
    """A camera to look at, without storing it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"url": "rtsp://viewer:secret@192.168.1.20/stream1"}]})

    url: Url
    confirm_private: bool = Field(default=False, description=_CONFIRM_HELP)


class ProbeOut(BaseModel):
    """What a camera gives; with `ok` false, `reason` and `remedy` say why it gives nothing."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROBE]})

    ok: bool
    reason: str | None = None
    remedy: str | None = None
    code: str | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    keyframe_interval_s: float | None = None
    picture: str | None = Field(default=None, description="A data URI of one JPEG, where it was just taken.")
    warnings: list[str] | None = None


class StatusOut(BaseModel):
    """Ingest's newest word; `unknown` where there is none."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STATUS]})

    state: Literal["connecting", "online", "offline", "unknown", "disabled"]
    since: str
    reason: str | None = None
    remedy: str | None = None
    fps: float | None = None
    keyframe_interval_s: float | None = None
    last_frame_at: str | None = None
    width: int | None = None
    height: int | None = None
    codec: str | None = None
    conditions: list[str] | None = Field(default=None, description="Of dark, covered, frozen: those that hold now.")


class FramesOut(BaseModel):
    """sampled = analysed + unchanged + sum of dropped + in_flight."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FRAMES]})

    sampled: int
    analysed: int
    unchanged: int
    dropped: dict[str, int]
    in_flight: int


class SamplingOut(BaseModel):
    """How pictures are chosen."""

    mode: Literal["keyframes", "every_s"]
    every_s: float


class ZoneOut(BaseModel):
    """A named part of the picture."""

    name: str
    polygon: list[tuple[float, float]]


class WindowOut(BaseModel):
    """Hours on some days."""

    days: list[Day]
    start: str
    end: str


class CameraOut(BaseModel):
    """A camera; its URL is redacted."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    id: str
    name: str
    url: str
    substream_url: str | None = None
    sampling: SamplingOut
    zones: list[ZoneOut]
    masks: list[list[tuple[float, float]]]
    timezone: str | None = None
    enabled: bool
    armed: bool
    arming: list[WindowOut]
    armed_now: bool = Field(description="Whether its rules may open incidents at this moment.")
    armed_reason: str | None = Field(default=None, description="Whose doing that is: by hand, by its hours.")
    armed_until: str | None = Field(default=None, description="Until when a word by hand counts.")
    group: str | None = None
    keep_local: bool
    created_at: str
    status: StatusOut
    frames: FramesOut
    probe: ProbeOut | None = Field(default=None, description="What the probe saw at registration.")
    warnings: list[str] | None = Field(default=None, description="In the answer to a registration or change.")
