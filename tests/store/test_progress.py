from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from store.database import Database
from store.progress import (
    Advance,
    EpochRow,
    IngestCount,
    advance,
    epoch_floors,
    fold,
    forget_progress,
    rows_by_camera,
    set_broker,
    set_ingest_counts,
    sum_up,
    totals,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
COUNTS = st.integers(0, 50)
REASONS = st.dictionaries(st.sampled_from(["overwritten", "stale", "decode", "late"]), COUNTS)
ROWS = st.lists(
    st.builds(
        EpochRow,
        camera_id=st.just("cam_1"),
        epoch=st.integers(0, 5),
        watermark_seq=COUNTS,
        sampled=COUNTS,
        analysed=COUNTS,
        unchanged=COUNTS,
        dropped=REASONS,
        ingest_dropped=REASONS,
        broker=COUNTS,
    ),
    max_size=5,
)


@given(ROWS)
def test_whatever_the_rows_say_the_sum_is_conserved_and_nothing_is_negative(rows: list[EpochRow]) -> None:
    found = sum_up(rows)

    assert found.sampled == found.analysed + found.unchanged + sum(found.dropped.values()) + found.in_flight
    assert min(found.sampled, found.in_flight, *found.dropped.values(), 0) == 0


def test_batches_add_up_and_ingests_word_takes_the_place_of_the_one_before(database: Database) -> None:
    step = Advance("cam_1", 2, 5, NOW, "7-0", analysed=3, unchanged=1, dropped={"stale": 1})
    with database.write() as connection:
        advance(connection, [step, Advance("cam_1", 2, 7, NOW, "9-0", analysed=1, dropped={"stale": 1})])
        set_ingest_counts(connection, [IngestCount("cam_1", 2, 8, {"overwritten": 1})])
        set_ingest_counts(connection, [IngestCount("cam_1", 2, 10, {"overwritten": 2})])

    with database.read() as connection:
        found = totals(connection)["cam_1"]
        (row,) = rows_by_camera(connection)["cam_1"]

    assert (found.sampled, found.analysed, found.unchanged, found.in_flight) == (10, 4, 1, 1)
    assert found.dropped == {"overwritten": 2, "stale": 2}
    assert found.last_captured_at == NOW
    assert (row.watermark_seq, row.last_id) == (7, "9-0")


def test_folding_old_epochs_changes_no_total_and_keeps_the_floor(database: Database) -> None:
    with database.write() as connection:
        for epoch in (1, 2, 3):
            advance(connection, [Advance("cam_1", epoch, 4, NOW, f"{epoch}-0", analysed=2, dropped={"poison": 1})])
            set_ingest_counts(connection, [IngestCount("cam_1", epoch, 6, {"overwritten": 1})])
            set_broker(connection, camera_id="cam_1", epoch=epoch, lost=1)
        before = totals(connection)

        for _ in range(2):
            rows = rows_by_camera(connection)["cam_1"]
            fold(connection, [row for row in rows if row.epoch < 3])

        assert totals(connection) == before
        assert epoch_floors(connection) == {"cam_1": 3}
        assert [row.epoch for row in rows_by_camera(connection)["cam_1"]] == [0, 3]


def test_of_a_removed_camera_nothing_stays(database: Database) -> None:
    with database.write() as connection:
        set_ingest_counts(connection, [IngestCount("cam_1", 1, 8, {})])
        forget_progress(connection, "cam_1")

        assert totals(connection) == {}
