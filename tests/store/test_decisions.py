from datetime import UTC, datetime, timedelta

import pytest

from store.database import Database
from store.decision_block import Answered, Decided, Entry
from store.decisions import (
    IngestDrop,
    add_block,
    add_to_journal,
    drop_journal,
    drop_left_over,
    drop_old,
    drop_oldest,
    entries_between,
    forget_decisions,
    held_upto,
    ingest_drops_between,
    journal_rows,
    kept_bytes,
    make_whole,
    note_ingest_drops,
    whole_hours,
)
from store.decisions_schema import decision_blocks

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
FIRST = (-(2**60), 0, 0)


def entry(seq: int, *, percent: int | None = None, late_ms: int = 0) -> Entry:
    """One every second; each with a score of its own, so that they stay apart."""
    at_ms = NOON_MS + 1000 * seq - late_ms
    score = seq % 100 if percent is None else percent
    return Entry(
        at_ms,
        at_ms,
        "analysed",
        1,
        seq,
        1,
        "",
        (Answered("q_1", score),),
        (Decided("rul_1", 1, "below_threshold", score, 50),),
    )


def all_of(database: Database, camera: str = "cam_1") -> list[Entry]:
    with database.read() as connection:
        return entries_between(connection, camera, from_ms=0, to_ms=2**60, after=FIRST, limit=10_000)


def block(database: Database, *seqs: int, camera: str = "cam_1", upto: int = 0) -> None:
    with database.write() as connection:
        add_block(connection, camera, [entry(seq) for seq in seqs], upto=upto)


def test_what_stands_in_the_journal_is_read_before_any_block_is_made(database: Database) -> None:
    with database.write() as connection:
        add_to_journal(connection, [("cam_1", entry(1)), ("cam_2", entry(1))], shard=0, now=NOON)
        add_to_journal(connection, [("cam_1", entry(2))], shard=0, now=NOON)

    assert all_of(database) == [entry(1), entry(2)]


def test_what_stands_in_a_block_and_in_the_journal_still_is_read_once(database: Database) -> None:
    with database.write() as connection:
        first = add_to_journal(connection, [("cam_1", entry(1)), ("cam_2", entry(1))], shard=0, now=NOON)
        add_to_journal(connection, [("cam_1", entry(2))], shard=0, now=NOON)
        add_block(connection, "cam_1", [entry(1)], upto=first)

    assert all_of(database) == [entry(1), entry(2)]
    assert all_of(database, "cam_2") == [entry(1)]


def test_the_journals_numbers_never_come_again(database: Database) -> None:
    with database.write() as connection:
        first = add_to_journal(connection, [("cam_1", entry(1))], shard=0, now=NOON)
        drop_journal(connection, shard=0, below=first + 1)
        second = add_to_journal(connection, [("cam_1", entry(2))], shard=0, now=NOON)

    assert second > first


def test_entries_come_by_time_also_where_a_later_block_holds_earlier_frames(database: Database) -> None:
    block(database, 10, 11, 12)
    with database.write() as connection:
        add_block(connection, "cam_1", [entry(13), entry(5), entry(14)], upto=0)
    block(database, 15)

    assert [each.seq for each in all_of(database)] == [5, 10, 11, 12, 13, 14, 15]


def test_pages_give_every_entry_once(database: Database) -> None:
    for begin in range(0, 100, 4):
        block(database, *range(begin, begin + 4))
    after, read = FIRST, []

    while True:
        with database.read() as connection:
            page = entries_between(connection, "cam_1", from_ms=0, to_ms=2**60, after=after, limit=7)
        if not page:
            break
        read += [each.seq for each in page]
        after = page[-1].order

    assert read == list(range(100))


def test_a_stretch_that_touches_the_time_asked_for_is_there(database: Database) -> None:
    stretch = Entry(NOON_MS + 60_000, NOON_MS, "unchanged", 1, 120, 120)
    with database.write() as connection:
        add_block(connection, "cam_1", [stretch], upto=0)
    with database.read() as connection:
        inside = entries_between(
            connection, "cam_1", from_ms=NOON_MS + 30_000, to_ms=NOON_MS + 30_001, after=FIRST, limit=10
        )
        before = entries_between(connection, "cam_1", from_ms=0, to_ms=NOON_MS, after=FIRST, limit=10)

    assert inside == [stretch]
    assert before == []


def test_an_hour_that_is_over_becomes_one_block_with_the_same_entries(database: Database) -> None:
    for begin in range(0, 3600, 60):
        block(database, *range(begin, begin + 60), upto=begin)
    block(database, 3700)
    before = all_of(database)
    with database.read() as connection:
        hours = whole_hours(connection, before=NOON + timedelta(minutes=65), most=10)
        small = kept_bytes(connection)["cam_1"]

    with database.write() as connection:
        for camera, hour_ms in hours:
            make_whole(connection, camera, hour_ms)

    assert hours == (("cam_1", NOON_MS),)
    assert all_of(database) == before
    with database.read() as connection:
        assert whole_hours(connection, before=NOON + timedelta(minutes=65), most=10) == ()
        assert held_upto(connection) == {"cam_1": 3540}
        assert kept_bytes(connection)["cam_1"] < small / 2


def test_stretches_of_neighbouring_blocks_become_one_in_the_hour(database: Database) -> None:
    for seq in range(1, 60):
        with database.write() as connection:
            add_block(connection, "cam_1", [entry(seq, percent=3)], upto=0)

    with database.write() as connection:
        make_whole(connection, "cam_1", NOON_MS)

    assert [each.frames for each in all_of(database)] == [59]


def test_a_block_that_a_disk_spoilt_hides_no_other(database: Database) -> None:
    block(database, 1)
    with database.write() as connection:
        connection.execute(decision_blocks.update().values(body=b"rubbish"))
    block(database, 2)

    assert [each.seq for each in all_of(database)] == [2]


def test_what_is_old_goes_and_what_is_too_much_goes_oldest_first(database: Database) -> None:
    block(database, 1)
    block(database, 3600)
    block(database, 3660)

    with database.write() as connection:
        drop_old(connection, before=NOON + timedelta(minutes=30))
        drop_oldest(connection, "cam_1", size_bytes=1)

    assert [each.seq for each in all_of(database)] == [3660]


def test_a_removed_camera_leaves_nothing(database: Database) -> None:
    block(database, 1)
    with database.write() as connection:
        note_ingest_drops(connection, [IngestDrop("cam_1", NOON, "overwritten", 2)])

    with database.write() as connection:
        forget_decisions(connection, "cam_1")

    assert all_of(database) == []
    with database.read() as connection:
        assert ingest_drops_between(connection, "cam_1", from_ms=0, to_ms=2**60) == ()


def test_what_ingest_gave_up_is_added_up_by_minute_and_reason(database: Database) -> None:
    later = NOON + timedelta(seconds=59)
    for drops in (
        [IngestDrop("cam_1", NOON, "overwritten", 2), IngestDrop("cam_1", NOON, "decode", 1)],
        [IngestDrop("cam_1", later, "overwritten", 3), IngestDrop("cam_2", NOON, "overwritten", 9)],
    ):
        with database.write() as connection:
            note_ingest_drops(connection, drops)

    with database.read() as connection:
        found = ingest_drops_between(connection, "cam_1", from_ms=NOON_MS + 30_000, to_ms=NOON_MS + 31_000)

    assert sorted(found) == [(NOON_MS, "decode", 1), (NOON_MS, "overwritten", 5)]


@pytest.mark.parametrize(("shards", "left"), [(1, 1), (2, 2)])
def test_the_journal_of_a_shard_that_is_no_more_is_dropped(database: Database, shards: int, left: int) -> None:
    with database.write() as connection:
        for shard in (0, 1):
            add_to_journal(connection, [("cam_1", entry(1))], shard=shard, now=NOON)

    with database.write() as connection:
        drop_left_over(connection, shards=shards, before=NOON + timedelta(hours=1))

    with database.read() as connection:
        assert len(journal_rows(connection)) == left
