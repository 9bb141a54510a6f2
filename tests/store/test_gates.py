from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from store.database import Database
from store.gates import (
    GateKey,
    GateRow,
    add_gate_event,
    all_gates,
    drop_gates,
    forget_gate_events,
    keep_gate,
    locked_gate,
    reopened,
)
from store.times import to_text

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = GateKey("rul_1", 2, "yard", "siglip2@main")
MONTH = timedelta(days=30)


def event(connection: sa.Connection, score: float, at: datetime = NOW, key: GateKey = KEY) -> tuple[float, ...]:
    return add_gate_event(connection, key, score, at=at, not_before=at - MONTH, most=3)


def test_a_gate_is_made_open_and_comes_back_as_it_was_kept(database: Database) -> None:
    with database.write() as connection:
        made = locked_gate(connection, KEY, now=NOW)
    closed = replace(made, bar=0.25, until=to_text(NOW + MONTH), events=59, caught=3, missed=1.5)

    with database.write() as connection:
        keep_gate(connection, closed)
        again = locked_gate(connection, KEY, now=NOW + MONTH)

    assert made == GateRow(KEY, to_text(NOW))
    assert again == closed
    with database.read() as connection:
        assert all_gates(connection) == (closed,)


def test_only_the_newest_events_count_and_none_that_are_too_old(database: Database) -> None:
    with database.write() as connection:
        for number in range(5):
            scores = event(connection, number / 10, NOW + timedelta(seconds=number))
        later = event(connection, 0.9, NOW + MONTH + timedelta(seconds=4))

    assert scores == (0.4, 0.3, 0.2)
    assert later == (0.9, 0.4)


def test_another_version_group_or_model_learns_by_itself(database: Database) -> None:
    others = [replace(KEY, rule_id="rul_2"), replace(KEY, camera_group=""), replace(KEY, model="siglip2@next")]

    with database.write() as connection:
        counts = [len(event(connection, 0.5, key=key)) for key in (KEY, *others)]
        forget_gate_events(connection, KEY)
        anew, kept = event(connection, 0.6), event(connection, 0.6, key=others[0])

    assert counts == [1] * 4
    assert (anew, kept) == ((0.6,), (0.6, 0.5))


def test_a_rules_new_version_takes_the_place_of_its_older_ones(database: Database) -> None:
    with database.write() as connection:
        for key in (KEY, replace(KEY, rule_id="rul_2")):
            locked_gate(connection, key, now=NOW)
            event(connection, 0.5, key=key)

        newer = locked_gate(connection, replace(KEY, rule_version=3), now=NOW)

        found = all_gates(connection)
        of_the_older = event(connection, 0.6)
        drop_gates(connection, "rul_1")
        left = all_gates(connection)
    assert [gate.key for gate in found] == [newer.key, replace(KEY, rule_id="rul_2")]
    assert of_the_older == (0.6,)
    assert [gate.key.rule_id for gate in left] == ["rul_2"]


def test_a_gate_that_opens_again_has_learnt_nothing_and_says_why() -> None:
    closed = GateRow(KEY, "2026-11-01T00:00:00.000Z", 0.25, "2026-12-01T00:00:00.000Z", 59, 3, 50.0)

    assert reopened(closed, "too many were missed", now=NOW) == GateRow(
        KEY, to_text(NOW), reason="too many were missed"
    )
