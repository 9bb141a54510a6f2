"""Graded frames and thresholds over HTTP.

Takes: a budget of false alarms; a suggestion, a judged case, a check.
Gives: TuneIn, TuneOut, CaseOut, CheckIn, CheckOut.
Knows nothing about: how a threshold is found."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.bodies.fields import BodyIn
from api.bodies.rules import Budget

_TUNE: JsonDict = {
    "threshold": 0.62,
    "current_threshold": 0.5,
    "false_alarm_budget_per_week": 2.0,
    "expected_false_per_week": 0.5,
    "at_most_false_per_week": 1.34,
    "expected_recall": 0.96,
    "labels": 31,
    "false_labels": 9,
    "watched_weeks": 4.0,
    "applied": False,
}
_CASE: JsonDict = {
    "subject": "inc_01kap3v5c7e8k2m9qu",
    "camera_id": "cam_01kap3v5c7e8k2m9qs",
    "captured_at": "2026-11-22T09:00:00.000Z",
    "rule_version": 1,
    "value": "false_alarm",
    "outcome": "passed",
}
_CHECK: JsonDict = {
    "model": "edge/yolox_nano.onnx@1f3a",
    "cases": 31,
    "passed": 28,
    "failed": 2,
    "not_replayed": 1,
    "left": 0,
    "regressions": [_CASE | {"outcome": "failed"}],
    "accepted": False,
}


class TuneIn(BodyIn):
    """Without a budget the rule's own holds."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"false_alarm_budget_per_week": 2}]})

    false_alarm_budget_per_week: Budget = None
    apply: bool = Field(default=False, description="Give the rule this threshold, and keep the budget with it.")
    accept_regressions: bool = Field(
        default=False, description="With `apply`: give it also where that judges frames wrongly that people graded."
    )


class TuneOut(BaseModel):
    """The lowest threshold that keeps within the budget with a probability of 90 %; without one `reason` says why."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TUNE]})

    threshold: float | None = None
    current_threshold: float
    false_alarm_budget_per_week: float
    expected_false_per_week: float | None = None
    at_most_false_per_week: float | None = Field(default=None, description="The upper bound that is held to it.")
    expected_recall: float | None = Field(default=None, description="Of the true alarms that people graded.")
    labels: int
    false_labels: int
    watched_weeks: float
    applied: bool
    reason: str | None = None


class CaseOut(BaseModel):
    """A frame that a person graded, and what the rule makes of it as it is now."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CASE]})

    subject: str = Field(description="The id of the incident, or of the audited frame.")
    camera_id: str
    captured_at: str
    rule_version: int = Field(description="Of the version that was graded.")
    value: Literal["true_alarm", "false_alarm"]
    outcome: Literal["passed", "failed", "not_replayed"]
    reason: str | None = None


class CheckIn(BodyIn):
    """Of the engine that is online."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"accept_regressions": False}]})

    accept_regressions: bool = Field(
        default=False, description="Take this engine although frames that people graded are judged worse than before."
    )


class CheckOut(BaseModel):
    """What the engine online makes of the cases. `left`: there was no time for so many; check again."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHECK]})

    model: str
    cases: int
    passed: int
    failed: int
    not_replayed: int
    left: int
    regressions: list[CaseOut] = Field(description="Judged rightly before, and wrongly by this engine.")
    accepted: bool = Field(description="Whether the rule takes this engine from now on.")
