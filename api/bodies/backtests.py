"""Backtests over HTTP.

Takes: a sentence, a camera, a stretch of time.
Gives: BacktestOut: how far it is, and what would have been told.
Knows nothing about: how it is run."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.backtest_state import Backtest, Cost, Found, WouldBe
from api.bodies.fields import BodyIn, Name, Sentence
from api.bodies.rules import PlanOut

_OUT: JsonDict = {
    "id": "bkt_01kap3v5c7e8k2m9qs",
    "state": "done",
    "text": "a car is visible",
    "plan": {"lang": "en", "status": "ok", "logic": "q1"},
    "camera": {"id": "cam_01kap3v5c7e8k2m9qs", "name": "gate"},
    "first_at": "2026-11-22T09:00:00.000Z",
    "last_at": "2026-11-22T15:00:00.000Z",
    "pictures": 2160,
    "looked_at": 2160,
    "result": {
        "engine": "edge",
        "model": "yolox_nano.onnx",
        "incidents": [
            {
                "started_at": "2026-11-22T09:10:00.000Z",
                "opened_at": "2026-11-22T09:10:10.000Z",
                "ended_at": "2026-11-22T09:11:00.000Z",
                "end_reason": "cleared",
                "confidence": 0.83,
                "picture_url": "http://127.0.0.1:8600/api/v1/archive/cam_01/…",
                "boxes": [{"label": "car", "xyxy": [0.1, 0.2, 0.4, 0.6], "score": 0.83}],
            }
        ],
        "incidents_total": 1,
        "alerts_per_day": 4.0,
        "alerts_per_day_interval": [0.1, 23.0],
        "watched_s": 21600.0,
        "unknown_s": 0.0,
        "cost_per_day": {"frames": 216000, "engine_ms_per_frame": 31.5, "engine_s": 6804.0},
        "notes": ["The pictures are 10 s apart: what lasts less may not be among them."],
    },
}


class BacktestIn(BodyIn):
    """A rule to be tried; nothing of it is stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "a car is visible", "camera": "gate"}]})

    text: Sentence
    camera: Name = Field(description="Its id or name.")
    since: AwareDatetime | None = Field(default=None, alias="from", description="Only pictures taken then or later.")
    to: AwareDatetime | None = Field(default=None, description="Only pictures taken before.")
    threshold: float | None = Field(
        default=None, gt=0, lt=1, allow_inf_nan=False, description="As a tuned rule has it; absent: the usual one."
    )


class BoxOut(BaseModel):
    """One thing on a picture; `xyxy` each 0-1 of it."""

    label: str
    xyxy: tuple[float, float, float, float]
    score: float


class WouldBeOut(BaseModel):
    """An incident that there would have been."""

    started_at: str
    opened_at: str
    ended_at: str | None = Field(default=None, description="Absent: the pictures ended first.")
    end_reason: str | None = None
    confidence: float
    zone: str | None = None
    picture_url: str | None = Field(default=None, description="A signed link that expires within the hour.")
    boxes: list[BoxOut]


class CostOut(BaseModel):
    """Of a day of this camera as it is sampled live; at most, since quiet frames are not looked at."""

    frames: int
    engine_ms_per_frame: float
    engine_s: float


class FoundOut(BaseModel):
    """What would have been told. `notes`: what one has to know before one believes it."""

    engine: str
    model: str
    incidents: list[WouldBeOut]
    incidents_total: int
    alerts_per_day: float | None = Field(default=None, description="Absent: no picture lies within the rule's hours.")
    alerts_per_day_interval: tuple[float, float] | None = Field(
        default=None, description="95 %, if alerts come by chance and every day is like these pictures."
    )
    watched_s: float
    unknown_s: float
    cost_per_day: CostOut | None = None
    notes: list[str]


class TriedCamera(BaseModel):
    """Whose pictures they are."""

    id: str
    name: str


class BacktestOut(BaseModel):
    """`result` is there when it is done, `problem` when it failed; an hour after that it is gone."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    id: str
    state: Literal["queued", "running", "done", "failed"]
    text: str
    plan: PlanOut
    camera: TriedCamera
    first_at: str = Field(description="Of the pictures that are looked at.")
    last_at: str
    pictures: int
    looked_at: int
    problem: str | None = None
    result: FoundOut | None = None


def backtest_out(backtest: Backtest, picture_url: Callable[[str], str]) -> BacktestOut:
    """`picture_url` makes a link of a path under the archive's folder."""
    plan: dict[str, Any] = msgspec.json.decode(backtest.plan)
    return BacktestOut(
        id=backtest.id,
        state=backtest.state,
        text=backtest.text,
        plan=PlanOut(plan),
        camera=TriedCamera(id=backtest.camera_id, name=backtest.camera_name),
        first_at=backtest.first_at,
        last_at=backtest.last_at,
        pictures=backtest.pictures,
        looked_at=backtest.looked_at,
        problem=backtest.problem or None,
        result=_found_out(backtest.found, picture_url) if backtest.found else None,
    )


def _found_out(found: Found, picture_url: Callable[[str], str]) -> FoundOut:
    return FoundOut(
        engine=found.engine,
        model=found.model,
        incidents=[_would_be_out(one, picture_url) for one in found.incidents],
        incidents_total=found.incidents_total,
        alerts_per_day=found.alerts_per_day,
        alerts_per_day_interval=found.alerts_per_day_interval,
        watched_s=found.watched_s,
        unknown_s=found.unknown_s,
        cost_per_day=_cost_out(found.cost_per_day) if found.cost_per_day else None,
        notes=list(found.notes),
    )


def _cost_out(cost: Cost) -> CostOut:
    return CostOut(frames=cost.frames, engine_ms_per_frame=cost.engine_ms_per_frame, engine_s=cost.engine_s)


def _would_be_out(one: WouldBe, picture_url: Callable[[str], str]) -> WouldBeOut:
    return WouldBeOut(
        started_at=one.started_at,
        opened_at=one.opened_at,
        ended_at=one.ended_at,
        end_reason=one.end_reason,
        confidence=one.confidence,
        zone=one.zone,
        picture_url=picture_url(one.picture) if one.picture else None,
        boxes=[BoxOut(label=box.label, xyxy=box.box, score=round(box.score, 3)) for box in one.boxes],
    )
