"""The rules that a person wrote, and every version of each.

Takes: a connection inside the caller's transaction, RuleRow.
Gives: the same back; what a rule said at an earlier version.
Knows nothing about: what a plan means, which engine can answer it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.plan import RulePlan, decode_plan, encode_plan
from store.schema import rule_versions, rules


@dataclass(frozen=True, slots=True)
class RuleRow:
    """`cameras`: ids; empty means all. An id may be of a camera that was removed: it never turns into "all"."""

    id: str
    version: int
    text: str
    plan: RulePlan
    created_at: str
    updated_at: str
    name: str = ""
    cameras: tuple[str, ...] = ()
    threshold: float | None = None
    enabled: bool = True
    false_alarm_budget_per_week: float | None = None


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """What a rule said, and since when."""

    version: int
    text: str
    plan: RulePlan
    created_at: str


def add_rule(connection: sa.Connection, rule: RuleRow) -> None:
    """With its first version."""
    connection.execute(sa.insert(rules).values(_values(rule)))
    _keep_version(connection, rule)


def change_rule(connection: sa.Connection, rule: RuleRow, *, new_version: bool) -> None:
    """Writes the whole row anew, and with `new_version` also keeps what it says now."""
    connection.execute(sa.update(rules).where(rules.c.id == rule.id).values(_values(rule)))
    if new_version:
        _keep_version(connection, rule)


def remove_rule(connection: sa.Connection, rule_id: str) -> bool:
    """False where there was none. Its versions stay: incidents name them."""
    return connection.execute(sa.delete(rules).where(rules.c.id == rule_id)).rowcount > 0


def rule_by_id(connection: sa.Connection, rule_id: str) -> RuleRow | None:
    """None where there is none."""
    found = connection.execute(sa.select(rules).where(rules.c.id == rule_id)).mappings().first()
    return _row(found) if found else None


def all_rules(connection: sa.Connection) -> tuple[RuleRow, ...]:
    """In the order in which they were written."""
    return tuple(_row(found) for found in connection.execute(sa.select(rules).order_by(rules.c.id)).mappings())


def page_of_rules(connection: sa.Connection, *, after: str, limit: int) -> tuple[RuleRow, ...]:
    """Those written after the id `after`; all ids sort by time."""
    wanted = sa.select(rules).where(rules.c.id > after).order_by(rules.c.id).limit(limit)
    return tuple(_row(found) for found in connection.execute(wanted).mappings())


def rule_version(connection: sa.Connection, rule_id: str, version: int) -> RuleVersion | None:
    """As it was then; also of a rule that was removed."""
    return next((each for each in versions_of_rule(connection, rule_id) if each.version == version), None)


def versions_of_rule(connection: sa.Connection, rule_id: str) -> tuple[RuleVersion, ...]:
    """Oldest first; also of a rule that was removed."""
    wanted = sa.select(rule_versions).where(rule_versions.c.rule_id == rule_id).order_by(rule_versions.c.version)
    return tuple(
        RuleVersion(found["version"], found["text"], decode_plan(found["plan"]), found["created_at"])
        for found in connection.execute(wanted).mappings()
    )


def _keep_version(connection: sa.Connection, rule: RuleRow) -> None:
    connection.execute(
        sa.insert(rule_versions).values(
            rule_id=rule.id,
            version=rule.version,
            text=rule.text,
            plan=encode_plan(rule.plan),
            created_at=rule.updated_at,
        )
    )


_TEXTS = ("id", "text", "created_at", "updated_at", "name")
_PLAIN = (*_TEXTS, "version", "threshold", "enabled", "false_alarm_budget_per_week")


def _values(rule: RuleRow) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(rule, name) for name in _PLAIN}
    return values | {"plan": encode_plan(rule.plan), "cameras": msgspec.json.encode(rule.cameras).decode()}


def _row(found: Mapping[Any, Any]) -> RuleRow:
    return RuleRow(
        **{name: found[name] for name in _PLAIN},
        plan=decode_plan(found["plan"]),
        cameras=msgspec.json.decode(found["cameras"], type=tuple[str, ...]),
    )
