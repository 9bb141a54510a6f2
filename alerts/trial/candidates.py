"""Sentences as rules of one camera, or why they cannot be tried.

Takes: sentences, what the engine can, the camera's names and zones.
Gives: Candidates: rules that can run, and reasons for those that cannot.
Knows nothing about: pictures, what comes of the rules."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from contracts.messages import Capabilities
from contracts.plan import RulePlan
from rules.asking.history import needs_history
from rules.asking.questions import answerable_by
from rules.plan.compile import compile_rule
from store.cameras import CameraRow
from store.rules import RuleRow

_NO_DETECTOR = {
    "en": "no object detector is loaded: set PLAINWATCH_DETECTOR to an ONNX file or a known name",
    "zh": "没有加载检测模型：请把 PLAINWATCH_DETECTOR 设为一个 ONNX 文件或已知的名字",
}
_OF_THE_LIVE_PICTURE = {
    "en": (
        "it is about how the live picture changes, which kept pictures do not show; "
        "try it on a video file: plainwatch backtest --rule … --source FILE"
    ),
    "zh": ("它说的是实时画面的变化，留存的图片看不出来；请用视频文件试：plainwatch backtest --rule … --source FILE"),
}
_CANNOT = {"en": "the engine {} cannot answer it", "zh": "引擎 {} 回答不了"}


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
    texts: Sequence[str],
    camera: CameraRow,
    can: Capabilities,
    *,
    keep_windows: bool,
    of_kept: bool = False,
    threshold: float | None = None,
) -> tuple[Candidate, ...]:
    """`keep_windows` False: the footage's time of day is not known, so every hour counts as the rule's.

    `of_kept`: of single pictures, which hold no history. `threshold`: of all of them; None is the usual one."""
    found = (_candidate(number, text, camera, can, keep_windows) for number, text in enumerate(texts, 1))
    tuned = (replace(one, rule=replace(one.rule, threshold=threshold)) for one in found)
    return tuple(
        replace(one, reason=_OF_THE_LIVE_PICTURE[one.plan.lang])
        if of_kept and one.plan.status == "ok" and needs_history(one.plan)
        else one
        for one in tuned
    )


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
        return _NO_DETECTOR[plan.lang]
    entry = next((one for one in plan.answerable if one.engine == can.engine and not one.ok), None)
    return (entry.reason if entry else None) or _CANNOT[plan.lang].format(can.engine)
