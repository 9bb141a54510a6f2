from contracts.messages import Answer, Detection, ModelRef
from store.database import Database
from store.regression import CaseRow, cases_of_rule, drop_cases, set_case, told_since

AT = "2026-11-22T12:00:00.000Z"
CASE = CaseRow(
    subject="inc_1",
    rule_id="rul_1",
    rule_version=2,
    camera_id="cam_1",
    captured_at=AT,
    model=ModelRef("yolox_nano", "1", "edge"),
    answers=(Answer("q_1", 2.5, detections=(Detection("car", 0.9, (0.1, 0.2, 0.3, 0.4)),), count=1),),
    fired=True,
    truth=False,
    at=AT,
    threshold=0.5,
)


def test_a_case_comes_back_as_it_was_kept_and_another_word_takes_its_place(database: Database) -> None:
    with database.write() as connection:
        set_case(connection, "inc_1", CASE)
        set_case(connection, "inc_2", None)
    with database.read() as connection:
        kept = cases_of_rule(connection, "rul_1")
    with database.write() as connection:
        set_case(connection, "inc_1", None)
    with database.read() as connection:
        left = cases_of_rule(connection, "rul_1")

    assert kept == (CASE,)
    assert left == ()


def test_cases_go_with_their_rule_and_no_other(database: Database) -> None:
    with database.write() as connection:
        set_case(connection, "inc_1", CASE)
        drop_cases(connection, "rul_2")
    with database.read() as connection:
        assert len(cases_of_rule(connection, "rul_1")) == 1
    with database.write() as connection:
        drop_cases(connection, "rul_1")
    with database.read() as connection:
        assert cases_of_rule(connection, "rul_1") == ()


def test_without_incidents_nothing_was_told(database: Database) -> None:
    with database.read() as connection:
        told = told_since(connection, "rul_1", 1, AT)

    assert (told.incidents, told.highest_threshold) == (0, None)
