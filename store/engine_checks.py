"""Which engines a rule was held against, and what they said of its graded frames.

Takes: a connection inside the caller's transaction, a rule, an engine's model as store.calibration.model_key writes it.
Gives: answers by subject; the engines that a rule is proven with.
Knows nothing about: how a frame is judged, pictures."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from contracts.messages import Answer, ModelRef
from store.calibration import model_key
from store.regression_schema import case_answers, checked_engines, regression_cases
from store.upsert import insert_or_update


@dataclass(frozen=True, slots=True)
class Proven:
    """`models`: those that told what was graded, and those that passed a check since."""

    cases: int
    models: frozenset[str]


def proven_engines(connection: sa.Connection) -> dict[str, Proven]:
    """By rule; only rules of which anything was graded."""
    counted = sa.select(regression_cases.c.rule_id, regression_cases.c.model, sa.func.count())
    cases: dict[str, int] = defaultdict(int)
    models: dict[str, set[str]] = defaultdict(set)
    for rule_id, model, count in connection.execute(counted.group_by(*counted.selected_columns[:2])):
        cases[rule_id] += count
        models[rule_id].add(model_key(msgspec.json.decode(model, type=ModelRef)))
    for rule_id, model in connection.execute(sa.select(checked_engines.c.rule_id, checked_engines.c.model)):
        models[rule_id].add(model)
    return {rule_id: Proven(count, frozenset(models[rule_id])) for rule_id, count in cases.items()}


def keep_case_answers(connection: sa.Connection, model: str, said: Mapping[str, tuple[Answer, ...]]) -> None:
    """By subject; said before, it stays."""
    for subject, answers in said.items():
        values = {"subject": subject, "model": model, "answers": msgspec.json.encode(answers).decode()}
        connection.execute(insert_or_update(connection, case_answers).values(values).on_conflict_do_nothing())


def case_answers_of(connection: sa.Connection, rule_id: str, model: str) -> dict[str, tuple[Answer, ...]]:
    """By subject."""
    joined = case_answers.join(regression_cases, case_answers.c.subject == regression_cases.c.subject)
    wanted = sa.select(case_answers.c.subject, case_answers.c.answers).select_from(joined)
    wanted = wanted.where(regression_cases.c.rule_id == rule_id, case_answers.c.model == model)
    return {
        subject: msgspec.json.decode(answers, type=tuple[Answer, ...])
        for subject, answers in connection.execute(wanted)
    }


def mark_checked(connection: sa.Connection, rule_id: str, model: str, at: str) -> None:
    """The rule's cases speak no longer against this engine; safe to call twice."""
    values = {"rule_id": rule_id, "model": model, "at": at}
    connection.execute(insert_or_update(connection, checked_engines).values(values).on_conflict_do_nothing())
