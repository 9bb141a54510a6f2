"""Frames that a person graded, with the answers they were judged by: what a rule must not forget.

Takes: a connection inside the caller's transaction, answers, CaseRow.
Gives: the same back.
Knows nothing about: how a frame is judged, what a word does besides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.messages import Answer, ModelRef
from store.regression_schema import case_answers, checked_engines, deciding_answers, regression_cases
from store.schema import incidents
from store.upsert import insert_or_update

#: of one rule, the newest
CASES_MOST = 500


@dataclass(frozen=True, slots=True)
class CaseRow:
    """`fired`: the rule told of it, at `threshold`. `truth`: it was right to, or should have. `answers` are raw."""

    subject: str
    rule_id: str
    rule_version: int
    camera_id: str
    captured_at: str
    model: ModelRef
    answers: tuple[Answer, ...]
    fired: bool
    truth: bool
    at: str
    threshold: float | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Told:
    """How many incidents a version of a rule opened, and the highest threshold that it had meanwhile."""

    incidents: int
    highest_threshold: float | None


def told_since(connection: sa.Connection, rule_id: str, version: int, since: str) -> Told:
    """Times as store.times writes them."""
    wanted = sa.select(sa.func.count(), sa.func.max(incidents.c.threshold))
    here = (incidents.c.rule_id == rule_id) & (incidents.c.rule_version == version) & (incidents.c.captured_at >= since)
    count, highest = connection.execute(wanted.where(here)).one()
    return Told(count, highest)


def keep_deciding_answers(connection: sa.Connection, incident_id: str, answers: Sequence[Answer]) -> None:
    """With the incident, in the transaction that opens it."""
    values = {"incident_id": incident_id, "answers": msgspec.json.encode(answers).decode()}
    connection.execute(insert_or_update(connection, deciding_answers).values(values).on_conflict_do_nothing())


def deciding_answers_of(connection: sa.Connection, incident_id: str) -> tuple[Answer, ...]:
    """Empty where nothing was answered before it opened."""
    wanted = sa.select(deciding_answers.c.answers).where(deciding_answers.c.incident_id == incident_id)
    found = connection.execute(wanted).scalar()
    return msgspec.json.decode(found, type=tuple[Answer, ...]) if found else ()


def set_case(connection: sa.Connection, subject: str, case: CaseRow | None) -> None:
    """In place of what was said of the subject before; None takes it back."""
    connection.execute(sa.delete(regression_cases).where(regression_cases.c.subject == subject))
    connection.execute(sa.delete(case_answers).where(case_answers.c.subject == subject))
    if case is not None:
        connection.execute(sa.insert(regression_cases).values(_values(case)))


def cases_of_rule(connection: sa.Connection, rule_id: str, *, most: int = CASES_MOST) -> tuple[CaseRow, ...]:
    """Newest word first."""
    wanted = sa.select(regression_cases).where(regression_cases.c.rule_id == rule_id)
    wanted = wanted.order_by(regression_cases.c.at.desc(), regression_cases.c.subject).limit(most)
    return tuple(_row(found) for found in connection.execute(wanted).mappings())


def drop_cases(connection: sa.Connection, rule_id: str) -> None:
    """Of a rule that was removed: it has no later version."""
    mine = sa.select(regression_cases.c.subject).where(regression_cases.c.rule_id == rule_id)
    connection.execute(sa.delete(case_answers).where(case_answers.c.subject.in_(mine)))
    connection.execute(sa.delete(regression_cases).where(regression_cases.c.rule_id == rule_id))
    connection.execute(sa.delete(checked_engines).where(checked_engines.c.rule_id == rule_id))


_JSON = ("model", "answers")


def _values(case: CaseRow) -> dict[str, object]:
    values: dict[str, object] = {field.name: getattr(case, field.name) for field in fields(case)}
    return values | {name: msgspec.json.encode(values[name]).decode() for name in _JSON}


def _row(found: Mapping[Any, Any]) -> CaseRow:
    values = dict(found)
    values["model"] = msgspec.json.decode(values["model"], type=ModelRef)
    values["answers"] = msgspec.json.decode(values["answers"], type=tuple[Answer, ...])
    return CaseRow(**values)
