"""The gates before the model: where each one's bar stands, and the events that it was learnt from.

Takes: a connection inside the caller's transaction, GateRow, scores.
Gives: the same back; only the newest events are kept.
Knows nothing about: how a bar comes about, what a score means."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from store.schema import gate_events, gates
from store.times import to_text
from store.upsert import insert_or_update


@dataclass(frozen=True, slots=True)
class GateKey:
    """`model` is the one that looks. Another version, group or model learns anew."""

    rule_id: str
    rule_version: int
    camera_group: str
    model: str


@dataclass(frozen=True, slots=True)
class GateRow:
    """`bar` None: open. `events`: what the bar is learnt from. `caught`, `missed`: of the events since it closed.

    `since`: it is as it is. `until`: a closed one opens by itself then. `reason`: why it opened again."""

    key: GateKey
    since: str
    bar: float | None = None
    until: str | None = None
    events: int = 0
    caught: int = 0
    missed: float = 0.0
    reason: str = ""


def locked_gate(connection: sa.Connection, key: GateKey, *, now: datetime) -> GateRow:
    """Read to be changed: nobody else may change it meanwhile. Made where there is none, in place of older versions."""
    blank = asdict(key) | {"since": to_text(now)}
    made = insert_or_update(connection, gates).values(blank).on_conflict_do_nothing()
    if connection.execute(made).rowcount > 0:
        for table in (gates, gate_events):
            older = sa.and_(table.c.rule_id == key.rule_id, table.c.rule_version < key.rule_version)
            connection.execute(sa.delete(table).where(older))
    wanted = sa.select(gates).where(_of(gates, key)).with_for_update()
    return _row(connection.execute(wanted).mappings().one())


def keep_gate(connection: sa.Connection, gate: GateRow) -> None:
    """In place of what was read under the lock."""
    values = {name: getattr(gate, name) for name in _PLAIN}
    connection.execute(sa.update(gates).where(_of(gates, gate.key)).values(values))


def all_gates(connection: sa.Connection) -> tuple[GateRow, ...]:
    """Of rules that were changed too, until they learn anew."""
    wanted = sa.select(gates).order_by(*gates.primary_key.columns)
    return tuple(_row(found) for found in connection.execute(wanted).mappings())


def add_gate_event(
    connection: sa.Connection, key: GateKey, score: float, *, at: datetime, not_before: datetime, most: int
) -> tuple[float, ...]:
    """Gives the scores of all that count now: the newest `most`, none from before `not_before`."""
    connection.execute(sa.insert(gate_events).values(asdict(key) | {"at": to_text(at), "score": score}))
    mine = _of(gate_events, key)
    connection.execute(sa.delete(gate_events).where(mine, gate_events.c.at < to_text(not_before)))
    newest = sa.select(gate_events.c.id, gate_events.c.score).where(mine)
    found = connection.execute(newest.order_by(gate_events.c.at.desc(), gate_events.c.id.desc())).all()
    if len(found) > most:
        connection.execute(sa.delete(gate_events).where(gate_events.c.id.in_([each.id for each in found[most:]])))
    return tuple(each.score for each in found[:most])


def forget_gate_events(connection: sa.Connection, key: GateKey) -> None:
    """It learns anew."""
    connection.execute(sa.delete(gate_events).where(_of(gate_events, key)))


def drop_gates(connection: sa.Connection, rule_id: str) -> None:
    """Of all its versions."""
    for table in (gates, gate_events):
        connection.execute(sa.delete(table).where(table.c.rule_id == rule_id))


def reopened(gate: GateRow, reason: str, *, now: datetime) -> GateRow:
    """The same gate, open and with nothing learnt."""
    return replace(gate, since=to_text(now), bar=None, until=None, events=0, caught=0, missed=0.0, reason=reason)


_KEY = ("rule_id", "rule_version", "camera_group", "model")
_PLAIN = ("since", "bar", "until", "events", "caught", "missed", "reason")


def _of(table: sa.Table, key: GateKey) -> sa.ColumnElement[bool]:
    return sa.and_(*(table.c[name] == value for name, value in asdict(key).items()))


def _row(found: Mapping[Any, Any]) -> GateRow:
    return GateRow(GateKey(*(found[name] for name in _KEY)), **{name: found[name] for name in _PLAIN})
