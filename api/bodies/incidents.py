"""Incidents over HTTP.

Takes: a person's word: feedback, retraction, snooze; the incident's JSON as alerts makes it for webhooks.
Gives: the same JSON, its parts documented.
Knows nothing about: how an incident is found."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from api.bodies.fields import BodyIn, printable

Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(printable)]

_OUT: JsonDict = {
    "id": "inc_01kap3v5c7e8k2m9qu",
    "sequence": 1,
    "state": "opened",
    "rule": {"id": "rul_01kap3v5c7e8k2m9qs", "version": 1, "text": "a car is visible"},
    "camera": {"id": "cam_01kap3v5c7e8k2m9qs", "name": "front gate"},
    "severity": "medium",
    "confidence": 0.91,
    "threshold": 0.5,
    "calibrated": False,
    "started_at": "2026-11-22T09:00:00.000Z",
    "captured_at": "2026-11-22T09:00:00.000Z",
    "decided_at": "2026-11-22T09:00:00.180Z",
    "latency_ms": {"queue": 40.0, "infer": 60.0, "total": 180.0},
    "evidence": {
        "frames": [
            {
                "at": "2026-11-22T09:00:00.000Z",
                "url": "/api/v1/evidence/2026/11/22/inc_01.jpg?expires=1795341600&signature=…",
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "boxes": [{"label": "car", "xyxy": [0.1, 0.4, 0.5, 0.8], "score": 0.91}],
            }
        ]
    },
    "model": {"name": "yolox_nano", "revision": "0.1.1", "engine": "edge"},
}


class Feedback(BodyIn):
    """Whether the alarm was right."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"value": "false_alarm"}]})

    value: Literal["true_alarm", "false_alarm"]


class Retraction(BodyIn):
    """It was none; whoever was told is told so."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the gardener"}]})

    reason: Reason = ""


class Snooze(BodyIn):
    """The incident's rule is quiet on its camera for so long."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"minutes": 30}]})

    minutes: float = Field(gt=0, le=7 * 24 * 60, allow_inf_nan=False)


class SnoozeOut(BaseModel):
    """A rule that opens nothing on a camera for a while."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "rule_id": "rul_01kap3v5c7e8k2m9qs",
                    "camera_id": "cam_01kap3v5c7e8k2m9qs",
                    "incident_id": "inc_01kap3v5c7e8k2m9qu",
                    "at": "2026-11-22T09:00:00.000Z",
                    "until": "2026-11-22T09:30:00.000Z",
                }
            ]
        }
    )

    rule_id: str
    camera_id: str
    incident_id: str
    at: str
    until: str


class SnoozesOut(BaseModel):
    """Those that hold now."""

    items: list[SnoozeOut]


class _Part(BaseModel):
    """What alerts adds to an incident passes through."""

    model_config = ConfigDict(extra="allow")


class IncidentRule(_Part):
    """The rule as it was then."""

    id: str
    version: int
    text: str


class IncidentCamera(_Part):
    """The camera as it was named then."""

    id: str
    name: str


class Evidence(_Part):
    """Pictures, and a clip where there is one, behind signed links that expire."""

    frames: list[dict[str, object]] = Field(
        default_factory=list,
        description="One with `off_by_s` stands in for the one that decided, and was taken so much later.",
    )
    clip_url: str | None = Field(default=None, description="An MP4 file of the seconds around the incident.")
    clip_missing: str | None = Field(default=None, description="Why there is no clip.")


class IncidentOut(_Part):
    """An incident: the `data` of its webhooks."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [_OUT]})

    id: str
    sequence: int
    state: Literal["opened", "ended", "retracted", "acknowledged"]
    rule: IncidentRule
    camera: IncidentCamera
    severity: str
    confidence: float
    threshold: float
    started_at: str
    captured_at: str
    decided_at: str
    ended_at: str | None = None
    evidence: Evidence
    explanation: str | None = None
    grounded: bool | None = None
    calibrated: bool = False
    feedback: str | None = None
    group_id: str | None = Field(default=None, description="The first incident of this rule that other cameras joined.")
    snoozed_until: str | None = None
    retract_reason: str | None = None
