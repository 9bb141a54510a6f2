"""Incidents over HTTP.

Takes: a person's word on an incident; the incident's JSON as alerts makes it for webhooks.
Gives: the same JSON, its parts documented.
Knows nothing about: how an incident is found."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.bodies.fields import BodyIn

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
    """Pictures behind signed links that expire."""

    frames: list[dict[str, object]] = Field(default_factory=list)


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
