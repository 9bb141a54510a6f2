"""A rule as one camera runs it: the plan with the camera's zones, time zone and thresholds.

Takes: a plan and what the site says about rule and camera.
Gives: RuleSpec.
Knows nothing about: the database, answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.errors import Invalid
from contracts.plan import TRACK_KINDS, RulePlan
from rules.incidents.clockface import time_zone
from rules.incidents.logic import Node, parse_logic
from rules.incidents.thresholds import (
    ABSENT_S,
    BRIDGE_AT_LEAST_S,
    BRIDGE_AT_MOST_S,
    DEFAULT_THRESHOLD,
    FOLLOW_S,
    LINGER_S,
)
from rules.tracks.ground import Polygon as Polygon


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """`threshold` is P(yes); `zones` are those of the camera that the plan names; `missing_zones` the camera lacks."""

    rule_id: str
    version: int
    plan: RulePlan
    logic: Node
    threshold: float = DEFAULT_THRESHOLD
    zones: Mapping[str, Polygon] = field(default_factory=dict)
    missing_zones: tuple[str, ...] = ()
    timezone: str = "UTC"
    cooldown_s: float = 0.0

    @property
    def hold_s(self) -> float:
        """How long the condition, or its absence, must last; no longer where its one question counts seconds itself."""
        seconds = self.plan.temporal.seconds
        if self.counted_s:
            return 0.0
        if seconds is not None:
            return seconds
        return ABSENT_S if self.plan.temporal.kind == "absent" else LINGER_S

    @property
    def counted_s(self) -> float:
        """How long a thing has lasted by itself when the one question is answered yes."""
        first = self.plan.questions[0] if self.plan.questions else None
        if self.plan.temporal.kind != "sustained" or first is None or self.plan.logic != first.id:
            return 0.0
        only = first.predicate
        return only.seconds or 0.0 if only is not None and only.kind in TRACK_KINDS else 0.0

    @property
    def bridge_s(self) -> float:
        """How long nothing may be known without the duration starting anew."""
        return min(max(self.hold_s, BRIDGE_AT_LEAST_S), BRIDGE_AT_MOST_S)

    @property
    def within_s(self) -> float:
        """How long B may take to follow A, or k occurrences to gather."""
        within = self.plan.temporal.within_s
        return FOLLOW_S if within is None else within


def spec_for(
    plan: RulePlan,
    *,
    rule_id: str,
    version: int,
    zones: Mapping[str, Polygon] | None = None,
    timezone: str = "UTC",
    threshold: float | None = None,
    cooldown_s: float | None = None,
) -> RuleSpec:
    """`zones` may hold all zones of the camera. Raises Invalid for an unknown time zone or a plan without logic."""
    time_zone(timezone)
    if threshold is not None and not 0.0 < threshold < 1.0:
        raise Invalid(f"rule '{rule_id}': threshold must lie between 0 and 1, got {threshold}", "try 0.5")
    drawn = {name.casefold(): polygon for name, polygon in (zones or {}).items() if len(polygon) >= 2}
    return RuleSpec(
        rule_id=rule_id,
        version=version,
        plan=plan,
        logic=parse_logic(plan.logic),
        threshold=DEFAULT_THRESHOLD if threshold is None else threshold,
        zones={name: drawn[name.casefold()] for name in plan.zones if name.casefold() in drawn},
        missing_zones=tuple(name for name in plan.zones if name.casefold() not in drawn),
        timezone=timezone,
        cooldown_s=cooldown_s if cooldown_s is not None else plan.cooldown_s or 0.0,
    )
