from dataclasses import replace

from contracts.plan import Predicate, Question, RulePlan, Temporal
from store.database import Database
from store.rules import (
    RuleRow,
    add_rule,
    all_rules,
    change_rule,
    page_of_rules,
    remove_rule,
    rule_by_id,
    versions_of_rule,
)

PLAN = RulePlan(
    lang="zh",
    status="ok",
    questions=(Question("q1", "画面中有汽车吗?", Predicate("objects", ("car",))),),
    logic="q1",
    negated=False,
    temporal=Temporal("sustained", seconds=10.0),
    window=(),
    zones=(),
    cameras=(),
    lint=(),
    answerable=(),
    summary="",
)
CARS = RuleRow(
    id="rul_1",
    version=1,
    text="有汽车停留10秒",
    plan=PLAN,
    created_at="2026-11-22T09:00:00.000Z",
    updated_at="2026-11-22T09:00:00.000Z",
    name="cars",
    cameras=("cam_1",),
    threshold=0.6,
)


def test_a_rule_comes_back_with_its_plan(database: Database) -> None:
    with database.write() as connection:
        add_rule(connection, CARS)

    with database.read() as connection:
        assert rule_by_id(connection, "rul_1") == CARS
        assert rule_by_id(connection, "rul_2") is None
        assert all_rules(connection) == page_of_rules(connection, after="", limit=5) == (CARS,)


def test_what_a_rule_said_is_kept_at_every_version_also_after_its_removal(database: Database) -> None:
    later = replace(CARS, version=2, text="有人", updated_at="2026-11-22T10:00:00.000Z")
    with database.write() as connection:
        add_rule(connection, CARS)
        change_rule(connection, replace(CARS, threshold=None), new_version=False)
        change_rule(connection, later, new_version=True)
        assert remove_rule(connection, "rul_1")
        assert not remove_rule(connection, "rul_1")

    with database.read() as connection:
        versions = versions_of_rule(connection, "rul_1")

    assert [(one.version, one.text, one.created_at) for one in versions] == [
        (1, CARS.text, CARS.updated_at),
        (2, "有人", later.updated_at),
    ]
    assert versions[0].plan == PLAN
