"""Sentences as rules of one camera, or why they cannot be tried.

Takes: sentences, what the engine can, the camera's names and zones.
Gives: Candidates: rules that can run, and reasons for those that cannot.
Knows nothing about: pictures, what comes of the rules."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from contracts.messages import Capabilities
from contracts.plan import RulePlan
from rules.asking.questions import answerable_by
from rules.plan.compile import compile_rule
from store.cameras import CameraRow
from store.rules import RuleRow

_NO_DETECTOR = "no object detector is loaded: set PLAINWATCH_DETECTOR to an ONNX file or a known name"


@dataclass(frozen=True, slots=True)
class Candidate:
    """`reason`: why a site would refuse it, or the engine cannot answer it; empty where it runs."""

    text: str
    plan: RulePlan
    rule: RuleRow
    reason: str = ""


def camera_for(name: str, *, url: str = "", timezone: str = "") -> CameraRow:
    """A camera that no site holds."""
    return CameraRow("cam_replay", name, url or f"file:{name}", b"", "", timezone=timezone)


def candidates(
    texts: Sequence[str], camera: CameraRow, can: Capabilities, *, keep_windows: bool
) -> tuple[Candidate, ...]:
    """`keep_windows` False: the footage's time of day is not known, so every hour counts as the rule's."""
    return tuple(_candidate(number, text, camera, can, keep_windows) for number, text in enumerate(texts, 1))


def _candidate(number: int, text: str, camera: CameraRow, can: Capabilities, keep_windows: bool) -> Candidate:
    zones = tuple(zone.name for zone in camera.zones)
    plan = compile_rule(text, cameras=(camera.name,), zones=zones, capabilities=(can,))
    run = plan if keep_windows else msgspec.structs.replace(plan, window=())
    rule = RuleRow(f"rul_{number}", 1, text, run, "", "")
    runs = plan.status == "ok" and answerable_by(plan, can)
    return Candidate(text, plan, rule, "" if runs else _why(plan, can))


def _why(plan: RulePlan, can: Capabilities) -> str:
    if plan.status != "ok":
        return " ".join(remark.message for remark in plan.lint if remark.level == "error") or plan.summary
    wanted = {question.predicate.kind for question in plan.questions if question.predicate}
    if wanted - set(can.predicates) and not can.labels and not can.free_text:
        return _NO_DETECTOR
    entry = next((one for one in plan.answerable if one.engine == can.engine and not one.ok), None)
    return (entry.reason if entry else None) or f"the engine {can.engine} cannot answer it"
