"""Rules over HTTP.

Takes: a sentence, and where it holds.
Gives: the rule with its plan, and whether it is live.
Knows nothing about: how a sentence is compiled."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic.config import JsonDict

from api.bodies.fields import BodyIn, Name, Sentence

_PLAN: JsonDict = {
    "lang": "en",
    "status": "ok",
    "questions": [{"id": "q1", "text": "Is a car visible?", "predicate": {"kind": "objects", "labels": ["car"]}}],
    "logic": "q1",
    "negated": False,
    "temporal": {"kind": "instant"},
    "window": [],
    "zones": [],
    "cameras": [],
    "lint": [],
    "answerable": [{"engine": "edge", "ok": True}],
    "summary": "I will look for a car.",
}
_OUT: JsonDict = {
    "id": "rul_01kap3v5c7e8k2m9qs",
    "version": 1,
    "text": "a car is visible",
    "plan": _PLAN,
    "cameras": [],
    "enabled": True,
    "state": {"state": "live"},
    "created_at": "2026-11-22T09:00:00.000Z",
    "updated_at": "2026-11-22T09:00:00.000Z",
}
_THRESHOLD = "How sure a yes must be, between 0 and 1; absent or null: the engine's own."
_BUDGET = "How many false alarms a week are bearable; POST /rules/{id}/tune finds the threshold for it."
_OPINION = (
    "Where the grammar does not understand the sentence, or not surely, take what a model that writes makes of it: "
    "its plan passes the same checks; `origin: model`."
)
Budget = Annotated[float | None, Field(gt=0, le=1000, allow_inf_nan=False, description=_BUDGET)]


class RuleIn(BodyIn):
    """A new rule."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": "a car is visible"}, {"text": "有人骑自行车", "cameras": ["front gate"]}]
        }
    )

    text: Sentence = Field(description="What to look for, in English or Chinese.")
    name: Name | None = None
    cameras: list[Name] | None = Field(
        default=None, max_length=1000, description="Ids or names. Absent: those that the sentence names, else all."
    )
    threshold: float | None = Field(default=None, gt=0, lt=1, allow_inf_nan=False, description=_THRESHOLD)
    false_alarm_budget_per_week: Budget = None
    enabled: bool = True
    second_opinion: bool = Field(default=False, description=_OPINION)


class RuleChange(BodyIn):
    """What is given is changed, the rest stays. Another text makes a new version."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "more than 3 cars are visible"}]})

    text: Sentence | None = None
    name: Name | None = None
    cameras: list[Name] | None = Field(default=None, max_length=1000, description="Ids or names; an empty list: all.")
    threshold: float | None = Field(default=None, gt=0, lt=1, allow_inf_nan=False, description=_THRESHOLD)
    false_alarm_budget_per_week: Budget = None
    enabled: bool | None = None
    second_opinion: bool = Field(default=False, description=_OPINION)
    accept_regressions: bool = Field(
        default=False, description="Change it although frames that people graded would be judged wrongly: see /cases."
    )


class ExplainIn(BodyIn):
    """A sentence to compile, without storing it; names of cameras and zones absent: the site's."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "a car is visible"}]})

    text: Sentence
    cameras: list[Name] | None = Field(default=None, max_length=1000)
    zones: list[Name] | None = Field(default=None, max_length=1000)
    second_opinion: bool = Field(default=False, description=_OPINION)


class PlanOut(RootModel[dict[str, Any]]):
    """A plan, exactly as `plainwatch rule explain --json` prints it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PLAN]})


class RuleState(BaseModel):
    """`pending_engine`: no worker online can answer it. `degraded`: not evaluated everywhere. `reason` says why."""

    state: Literal["live", "pending_engine", "degraded"]
    reason: str | None = None


class GateOut(BaseModel):
    """The gate before the model, for one group of cameras. `closed`: of frames below `bar` few are asked about.

    `events`: seen by the rule while the gate was open; with `needed` of them it closes. `caught`, `missed`: since it
    closed, as audits estimate. `reason`: why it opened again."""

    state: Literal["open", "closed"]
    camera_group: str
    model: str
    events: int
    needed: int
    since: str
    bar: float | None = None
    until: str | None = None
    caught: int | None = None
    missed: float | None = None
    reason: str | None = None


class RuleOut(BaseModel):
    """A rule."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    id: str
    version: int
    name: str | None = None
    text: str
    plan: PlanOut
    cameras: list[str] = Field(description="Ids; empty means all.")
    threshold: float | None = None
    false_alarm_budget_per_week: float | None = None
    enabled: bool
    state: RuleState
    gates: list[GateOut] | None = Field(default=None, description="Absent where no gate has learnt anything yet.")
    created_at: str
    updated_at: str


class RuleVersionOut(BaseModel):
    """What the rule said, and since when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{name: _OUT[name] for name in ("version", "text", "plan", "created_at")}]
        }
    )

    version: int
    text: str
    plan: PlanOut
    created_at: str
