from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from contracts.errors import Conflict
from contracts.messages import ModelRef
from store.database import Database
from store.incidents import (
    Evidence,
    EvidenceFrame,
    IncidentFilter,
    IncidentRow,
    IncidentState,
    Latency,
    SeenBox,
    acknowledge_incident,
    add_incident,
    end_incident,
    give_feedback,
    incident_by_id,
    open_incident,
    open_incidents,
    page_of_incidents,
    retract_incident,
)
from store.links import link_secret

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AT = "2026-11-22T12:00:00.000Z"
INCIDENT = IncidentRow(
    id="inc_1",
    state=IncidentState.OPENED,
    rule_id="rul_1",
    rule_version=3,
    rule_text="有车",
    rule_lang="zh",
    camera_id="cam_1",
    camera_name="gate",
    severity="high",
    confidence=0.9,
    threshold=0.5,
    calibrated=False,
    started_at=AT,
    captured_at=AT,
    decided_at=AT,
    opened_at=AT,
    latency_ms=Latency(1.0, 2.0, 3.0),
    evidence=Evidence(
        (EvidenceFrame(AT, "2026/11/22/inc_1-1.jpg", "ab", (SeenBox("car", (0.0, 0.1, 0.2, 0.3), 0.9),)),)
    ),
    model=ModelRef("yolox", "1", "edge"),
)


def test_an_incident_comes_back_as_it_was_written(database: Database) -> None:
    bare = replace(INCIDENT, id="inc_2", camera_id="cam_2", model=None, evidence=Evidence(missing=True, reason="gone"))

    with database.write() as connection:
        add_incident(connection, INCIDENT)
        add_incident(connection, bare)

    with database.read() as connection:
        assert incident_by_id(connection, "inc_1") == INCIDENT
        assert incident_by_id(connection, "inc_2") == bare
        assert incident_by_id(connection, "inc_3") is None


def test_the_database_itself_refuses_a_second_open_incident_of_a_rule_on_a_camera(database: Database) -> None:
    with database.write() as connection:
        add_incident(connection, INCIDENT)

    with pytest.raises(IntegrityError), database.write() as connection:
        add_incident(connection, replace(INCIDENT, id="inc_2"))


def test_after_its_end_the_next_one_may_open(database: Database) -> None:
    with database.write() as connection:
        add_incident(connection, INCIDENT)
        ended = end_incident(connection, INCIDENT, at=NOW, reason="cleared")
        add_incident(connection, replace(INCIDENT, id="inc_2"))

    with database.read() as connection:
        assert incident_by_id(connection, "inc_1") == ended
        assert [row.id for row in open_incidents(connection)] == ["inc_2"]
        found = open_incident(connection, rule_id="rul_1", camera_id="cam_1")
    assert found
    assert found.id == "inc_2"
    assert (ended.state, ended.sequence, ended.ended_at) == (IncidentState.ENDED, 2, AT)


def test_an_acknowledged_incident_can_be_retracted_and_a_retracted_one_not_acknowledged(database: Database) -> None:
    with database.write() as connection:
        add_incident(connection, INCIDENT)
        acknowledged = acknowledge_incident(connection, INCIDENT)
        retracted = retract_incident(connection, acknowledged, reason="a shadow", at=NOW)
        given = give_feedback(connection, retracted, "false_alarm")

    assert (retracted.sequence, given.feedback) == (3, "false_alarm")
    with pytest.raises(Conflict), database.write() as connection:
        acknowledge_incident(connection, retracted)


def test_pages_go_from_the_newest_back_and_filters_narrow_them(database: Database) -> None:
    with database.write() as connection:
        for number in range(1, 6):
            add_incident(
                connection, replace(INCIDENT, id=f"inc_{number}", camera_id=f"cam_{number % 2}", rule_id=f"r{number}")
            )

    with database.read() as connection:
        first = page_of_incidents(connection, before="", limit=2)
        second = page_of_incidents(connection, before=first[-1].id, limit=2)
        of_one = page_of_incidents(connection, before="", limit=9, only=IncidentFilter(camera_id="cam_0"))
        ended = page_of_incidents(connection, before="", limit=9, only=IncidentFilter(state="ended"))

    assert [row.id for row in first + second] == ["inc_5", "inc_4", "inc_3", "inc_2"]
    assert [row.id for row in of_one] == ["inc_4", "inc_2"]
    assert ended == ()


def test_the_link_secret_is_made_once(database: Database) -> None:
    with database.write() as connection:
        first = link_secret(connection)
    with database.write() as connection:
        second = link_secret(connection)

    assert first == second
    assert len(first) == 32
