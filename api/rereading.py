"""Rules whose sentences say more once a camera's or a zone's name is known.

Takes: a rule, the site's cameras, what the engines offer.
Gives: the rule with its new plan as a new version; stored beside the change that brought the name.
Knows nothing about: requests, how a sentence is understood.

A plan never loses a name that it has: where a zone is gone the rule says so, and goes on when it is drawn again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import sqlalchemy as sa

from api.compiling import chosen_cameras, compiled_with_names
from contracts.messages import Capabilities
from contracts.plan import RulePlan
from rules.words.language import normalise
from rules.words.places import mark_names
from store.audit import note
from store.cameras import CameraRow, all_cameras
from store.rules import RuleRow, all_rules, change_rule
from store.times import to_text


@dataclass(frozen=True, slots=True)
class Reader:
    """Who changed the camera, when, and which engines were there to be named in the plan."""

    actor: str
    now: datetime
    online: tuple[Capabilities, ...]


def reread_rules(connection: sa.Connection, before: CameraRow | None, after: CameraRow, reader: Reader) -> None:
    """Once `after` is stored, in its transaction. Graded frames are not asked: they must not hold up a camera."""
    name, zones = _brought(before, after)
    if not name and not zones:
        return
    cameras = all_cameras(connection)
    for stored in all_rules(connection):
        mentioned = mark_names(normalise(stored.text), name, zones).names.values()
        rule = reread(stored, cameras, reader.online) if mentioned else None
        if rule is None:
            continue
        rule = replace(rule, version=stored.version + 1, updated_at=to_text(reader.now))
        change_rule(connection, rule, new_version=True)
        named = ", ".join(f"'{each}'" for each in dict.fromkeys(mentioned))
        detail = f"version {rule.version}: its plan was made anew, since camera '{after.name}' brought {named}"
        note(connection, actor=reader.actor, action="rule changed", subject=rule.id, detail=detail, now=reader.now)


def reread(rule: RuleRow, cameras: Sequence[CameraRow], online: tuple[Capabilities, ...]) -> RuleRow | None:
    """The same sentence with the names of today. None: it means the same, or would lose or miss what it watches."""
    if rule.plan.origin == "model":
        return None
    plan = compiled_with_names(rule.text, cameras, online)
    if plan.status != "ok" or _meaning(plan) == _meaning(rule.plan) or _loses_a_zone(rule.plan, plan):
        return None
    watched = _watched(rule, plan, cameras)
    if watched is None:
        return None
    drawn = folded(zone.name for camera in cameras if not watched or camera.id in watched for zone in camera.zones)
    is_drawn = folded(plan.zones) - folded(rule.plan.zones) <= drawn
    return replace(rule, plan=plan, cameras=watched) if is_drawn else None


def _brought(before: CameraRow | None, after: CameraRow) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that are new on this camera: its own, and those of zones."""
    known = folded(zone.name for zone in before.zones) if before else set()
    is_same = before is not None and before.name.casefold() == after.name.casefold()
    return () if is_same else (after.name,), tuple(z.name for z in after.zones if z.name.casefold() not in known)


def _loses_a_zone(before: RulePlan, plan: RulePlan) -> bool:
    """A longer name that holds the old one is no loss: the sentence had meant it all along."""
    return any(not any(old in new for new in folded(plan.zones)) for old in folded(before.zones))


def _watched(rule: RuleRow, plan: RulePlan, cameras: Sequence[CameraRow]) -> tuple[str, ...] | None:
    """Cameras as if it was written today; None where it would leave one that it watches by name or by choice."""
    if folded(plan.cameras) == folded(rule.plan.cameras) or (rule.plan.cameras and not rule.cameras):
        return rule.cameras
    named = chosen_cameras(None, plan, cameras)
    return named if named and set(rule.cameras) <= set(named) else None


def _meaning(plan: RulePlan) -> RulePlan:
    """Without what depends on the engines of the moment."""
    return msgspec.structs.replace(plan, answerable=(), summary="")


def folded(names: Iterable[str]) -> set[str]:
    """For comparing: a name is the same however it is written."""
    return {name.casefold() for name in names}
