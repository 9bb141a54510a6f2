from dataclasses import replace
from datetime import UTC, datetime

from contracts.messages import ModelRef
from store.audited_frames import (
    AuditedFrame,
    add_audited_frames,
    audited_frame_by_id,
    judge_audited_frame,
    page_of_audited_frames,
)
from store.calibration import (
    CalibrationRow,
    LabelRow,
    all_calibrations,
    fitted_version,
    labels_version,
    model_key,
    newest_labels,
    replace_calibrations,
    set_labels,
)
from store.database import Database
from store.incidents import Evidence, EvidenceFrame

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AT = "2026-11-22T12:00:00.000Z"
MODEL = "vlm/qwen3-vl-2b@main+ab12cd34"
LABEL = LabelRow("inc_1", "q_1", "rul_1", 2, "yard", MODEL, 3.5, False, "feedback", AT)
ROW = CalibrationRow("rul_1", 2, "q_1", "yard", MODEL, 0.4, -1.5, 12)
FRAME = AuditedFrame(
    id="aud_1",
    rule_id="rul_1",
    rule_version=2,
    camera_id="cam_1",
    camera_group="yard",
    epoch=3,
    seq=70,
    captured_at=AT,
    model=MODEL,
    margins={"q_1": -2.5},
    evidence=Evidence((EvidenceFrame(AT, "2026/11/22/aud_1-1.jpg", "ab"),)),
    probability=0.01,
)


def test_a_model_is_known_by_engine_name_and_revision() -> None:
    assert model_key(ModelRef("qwen3-vl-2b", "main+ab12cd34", "vlm")) == MODEL


def test_the_last_word_on_a_subject_takes_the_place_of_the_one_before(database: Database) -> None:
    with database.write() as connection:
        set_labels(connection, "inc_1", [LABEL, replace(LABEL, question_key="q_2")])
        set_labels(connection, "inc_2", [replace(LABEL, subject="inc_2")])
    with database.write() as connection:
        set_labels(connection, "inc_1", [replace(LABEL, truth=True)])

    with database.read() as connection:
        assert newest_labels(connection) == (replace(LABEL, truth=True), replace(LABEL, subject="inc_2"))
        assert labels_version(connection) == 3


def test_a_word_that_is_taken_back_leaves_no_label_and_counts_as_a_change_once(database: Database) -> None:
    with database.write() as connection:
        set_labels(connection, "inc_1", [LABEL])
    with database.write() as connection:
        set_labels(connection, "inc_1", [])
        set_labels(connection, "inc_1", [])

    with database.read() as connection:
        assert newest_labels(connection) == ()
        assert labels_version(connection) == 2


def test_only_the_newest_labels_are_read(database: Database) -> None:
    with database.write() as connection:
        for minute in range(5):
            at = f"2026-11-22T12:0{minute}:00.000Z"
            set_labels(connection, f"inc_{minute}", [replace(LABEL, subject=f"inc_{minute}", at=at)])

    with database.read() as connection:
        assert [label.subject for label in newest_labels(connection, most=2)] == ["inc_4", "inc_3"]


def test_scalings_are_replaced_as_a_whole_and_only_by_those_of_newer_labels(database: Database) -> None:
    newer = replace(ROW, slope=0.5)
    with database.write() as connection:
        assert replace_calibrations(connection, [ROW, replace(ROW, rule_id="rul_2")], version=4, now=NOW)
    with database.write() as connection:
        assert not replace_calibrations(connection, [], version=4, now=NOW)
        assert not replace_calibrations(connection, [], version=3, now=NOW)
        assert replace_calibrations(connection, [newer], version=10, now=NOW)

    with database.read() as connection:
        assert all_calibrations(connection) == (newer,)
        assert fitted_version(connection) == 10


def test_an_audited_frame_is_kept_once_and_judged(database: Database) -> None:
    with database.write() as connection:
        add_audited_frames(connection, [FRAME])
        add_audited_frames(connection, [replace(FRAME, id="aud_2")])
        judge_audited_frame(connection, FRAME, "true_alarm")

    with database.read() as connection:
        assert audited_frame_by_id(connection, "aud_1") == replace(FRAME, value="true_alarm")
        assert audited_frame_by_id(connection, "aud_2") is None


def test_audited_frames_are_listed_newest_first_by_rule_and_by_whether_they_were_seen(database: Database) -> None:
    with database.write() as connection:
        for number in range(1, 5):
            add_audited_frames(connection, [replace(FRAME, id=f"aud_{number}", seq=number, rule_id=f"r{number % 2}")])
        judge_audited_frame(connection, replace(FRAME, id="aud_4"), "false_alarm")

    def ids(**only: object) -> list[str]:
        with database.read() as connection:
            given = {"before": "", "limit": 9} | only
            return [frame.id for frame in page_of_audited_frames(connection, **given)]  # type: ignore[arg-type]

    assert ids() == ["aud_4", "aud_3", "aud_2", "aud_1"]
    assert ids(before="aud_3", limit=1) == ["aud_2"]
    assert ids(rule_id="r0") == ["aud_4", "aud_2"]
    assert ids(unseen_only=True) == ["aud_3", "aud_2", "aud_1"]
