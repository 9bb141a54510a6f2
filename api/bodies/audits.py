"""Audited frames over HTTP.

Takes: an audited frame, links to its pictures; a person's word on it.
Gives: AuditOut.
Knows nothing about: how frames are chosen."""

from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.bodies.fields import BodyIn
from store.audited_frames import AuditedFrame

_OUT: JsonDict = {
    "id": "aud_01kap3v5c7e8k2m9qu",
    "rule": {"id": "rul_01kap3v5c7e8k2m9qs", "version": 1},
    "camera": {"id": "cam_01kap3v5c7e8k2m9qs"},
    "captured_at": "2026-11-22T09:00:00.000Z",
    "probability": 0.01,
    "picture_url": "/api/v1/evidence/2026/11/22/aud_01-1.jpg?exp=1795341600&sig=…",
    "value": "false_alarm",
}


class AuditWord(BodyIn):
    """Whether an alarm on this picture would have been right."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"value": "false_alarm"}]})

    value: Literal["true_alarm", "false_alarm"]


class AuditOut(BaseModel):
    """A frame on which a rule was silent."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    id: str
    rule: dict[str, str | int]
    camera: dict[str, str]
    captured_at: str
    probability: float = Field(description="With which chance chose it.")
    picture_url: str | None = Field(default=None, description="A signed link that expires.")
    value: str | None = Field(default=None, description="What a person said; absent until then.")


def audit_out(frame: AuditedFrame, picture_url: Callable[[str], str]) -> AuditOut:
    """`picture_url` makes a link of a path under the evidence folder."""
    picture = next(iter(frame.evidence.frames), None)
    return AuditOut(
        id=frame.id,
        rule={"id": frame.rule_id, "version": frame.rule_version},
        camera={"id": frame.camera_id},
        captured_at=frame.captured_at,
        probability=frame.probability,
        picture_url=picture_url(picture.path) if picture else None,
        value=frame.value,
    )
