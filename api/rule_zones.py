"""Whether the zones that a rule names are there, and can hold what it asks for.

Takes: a rule, the site's cameras.
Gives: what is wrong, in words; empty where nothing is.
Knows nothing about: engines, pictures."""

from collections.abc import Iterator, Mapping

from contracts.plan import PredicateKind, RulePlan
from rules.tracks.ground import is_line
from store.cameras import CameraRow, Zone
from store.rules import RuleRow

#: what these say, a line can show, or no zone alters
_NEED_NO_INSIDE: frozenset[PredicateKind] = frozenset({"crosses", "dark", "covered", "frozen"})


def zone_missing(rule: RuleRow, cameras: Mapping[str, CameraRow]) -> str:
    """Of the first zone that no watched camera has, or that is only a line there, while something has to be in it.

    A camera that was removed has no zones to miss: that it is gone is said elsewhere."""
    watched = [cameras[each] for each in rule.cameras or tuple(cameras) if each in cameras]
    for name in rule.plan.zones if watched else ():
        drawn = [zone for camera in watched for zone in camera.zones if zone.name.casefold() == name.casefold()]
        if not drawn:
            return f"no camera that it watches has the zone '{name}': draw it, or write the rule otherwise"
        if name in set(_entered(rule.plan)) and all(_is_line(zone) for zone in drawn):
            return f"the zone '{name}' is a line, and nothing is in a line: draw it with three corners or more"
    return ""


def _entered(plan: RulePlan) -> Iterator[str]:
    """Zones in which something has to be: by the questions that a detector answers, since only those go by polygons."""
    for question in plan.questions:
        if question.predicate is not None and question.predicate.kind not in _NEED_NO_INSIDE:
            yield from question.predicate.zones or plan.zones


def _is_line(zone: Zone) -> bool:
    return is_line(zone.polygon)
