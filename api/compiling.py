"""From a sentence to a plan that may be stored: compiled with the site's names, refused where no picture could show it.

Takes: the sentence, the site's cameras, what the engines offer.
Gives: the plan; RuleRefused with the plan in the problem's body; the ids of the cameras that it is for.
Knows nothing about: how a sentence is understood (rules does)."""

from collections.abc import Callable, Iterable, Sequence

from api.problems import ProblemWith
from contracts.errors import Invalid, RuleRefused
from contracts.messages import Capabilities
from contracts.plan import RulePlan, plan_to_json
from rules.plan.compile import compile_rule
from rules.plan.proposal import Names
from store.cameras import CameraRow

Opinion = Callable[[RulePlan, Names], RulePlan]


def compile_for_site(
    text: str,
    cameras: Sequence[CameraRow],
    online: tuple[Capabilities, ...],
    *,
    opinion: Opinion | None = None,
) -> RulePlan:
    """With every camera and zone name of the site, so that the sentence may name them. Raises RuleRefused.

    What a picture can show is accepted, also while no worker is online that can answer it: its state says so."""
    plan = compile_with(text, names_of(cameras), online, opinion=opinion)
    if plan.status != "ok":
        raise not_understood(plan)
    return plan


def compiled_with_names(text: str, cameras: Sequence[CameraRow], online: tuple[Capabilities, ...]) -> RulePlan:
    """Whatever its status."""
    return compile_with(text, names_of(cameras), online)


def compile_with(
    text: str, names: Names, online: tuple[Capabilities, ...], *, opinion: Opinion | None = None
) -> RulePlan:
    """The plan that is shown is the plan that would be stored: `opinion` is asked of the same sentences."""
    plan = compile_rule(text, cameras=names.cameras, zones=names.zones, capabilities=online)
    return opinion(plan, names) if opinion is not None and is_hard(plan) else plan


def is_hard(plan: RulePlan) -> bool:
    """Whether a second opinion may help: the grammar did not understand the sentence, or not surely."""
    return plan.status != "ok" or plan.unsure


def names_of(cameras: Sequence[CameraRow]) -> Names:
    """All that a sentence may name on this site."""
    zones = dict.fromkeys(zone.name for camera in cameras for zone in camera.zones)
    return Names(tuple(camera.name for camera in cameras), tuple(zones))


def not_understood(plan: RulePlan) -> ProblemWith:
    """The refusal, with the plan in the problem's body."""
    remarks = [remark for remark in plan.lint if remark.level == "error"] or list(plan.lint)
    said = " ".join(remark.message for remark in remarks).rstrip(".。") or plan.summary
    advice = " ".join(dict.fromkeys(remark.suggestion for remark in remarks if remark.suggestion))
    heading = "the rule is refused" if plan.status == "refused" else "the rule needs rewording"
    refused = RuleRefused(f"{heading}: {said}", advice.rstrip(".。") or "say what a picture shows")
    return ProblemWith(refused, {"plan": plan_to_json(plan)})


def chosen_cameras(given: list[str] | None, plan: RulePlan, cameras: Sequence[CameraRow]) -> tuple[str, ...]:
    """Ids: those asked for, else those that the sentence names; none means all. Raises Invalid for a name unknown."""
    if given is not None:
        return _ids(given, cameras)
    return _ids(plan.cameras, cameras)


def _ids(names: Iterable[str], cameras: Sequence[CameraRow]) -> tuple[str, ...]:
    by_name = {camera.name.casefold(): camera.id for camera in cameras} | {camera.id: camera.id for camera in cameras}
    found: dict[str, None] = {}
    for name in names:
        camera_id = by_name.get(name) or by_name.get(name.casefold())
        if camera_id is None:
            raise Invalid(f"cameras: there is no camera '{name}'", "GET /api/v1/cameras lists ids and names")
        found[camera_id] = None
    return tuple(found)
