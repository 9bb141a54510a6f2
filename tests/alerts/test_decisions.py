from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from alerts.counting import Accountant
from alerts.decisions import BLOCK_ENTRIES, LedgerBounds, LedgerKeeper
from contracts.board import Board
from contracts.broker import Client
from contracts.messages import CameraHealth
from contracts.plan import Temporal
from store.cameras import change_camera
from store.database import Database
from store.decision_block import Entry
from store.decisions import entries_between, ingest_drops_between, journal_rows, kept_bytes
from store.decisions_schema import decision_blocks
from store.snoozes import SnoozeRow, keep_snooze
from store.times import to_text
from tests.alerts.receiver import Clock
from tests.alerts.scene import CAMERA, CAR_BOX, RULE, Site, camera_row, plan, rule_row, seconds


def ledger(database: Database) -> list[Entry]:
    with database.read() as connection:
        return entries_between(connection, CAMERA, from_ms=0, to_ms=2**60, after=(0, 0, 0), limit=1000)


def outcomes(database: Database) -> list[str]:
    """Of the one rule, entry after entry."""
    return [each.outcome for entry in ledger(database) for each in entry.decided]


def test_each_frame_is_noted_with_its_answers_and_what_came_of_it(site: Site, database: Database, clock: Clock) -> None:
    site.register()
    worker = site.worker()

    site.see()
    clock.pass_by(seconds(0.5))
    site.see(CAR_BOX)
    site.turn(worker)

    quiet, seen = ledger(database)
    assert (quiet.kind, quiet.epoch, quiet.seq, quiet.frames) == ("analysed", 1, 1, 1)
    assert [(each.rule_id, each.outcome) for each in quiet.decided] == [(RULE, "below_threshold")]
    assert [(each.rule_id, each.outcome, each.percent) for each in seen.decided] == [(RULE, "opened", 92)]
    assert (seen.answers[0].percent, seen.answers[0].count) == (92, 1)


def test_dropped_unheard_and_late_frames_stand_in_it_with_their_reasons(
    site: Site, database: Database, clock: Clock
) -> None:
    site.register()
    worker = site.worker()
    site.see()
    clock.pass_by(seconds(1))
    site.miss()
    site.seq += 3
    clock.pass_by(seconds(1))
    site.see()
    site.turn(worker)
    site.seq -= 2
    site.see()
    site.turn(worker)

    found = [(each.kind, each.reason, each.frames, each.seq) for each in ledger(database)]

    assert sorted(found) == [
        ("analysed", "", 1, 1),
        ("analysed", "", 1, 6),
        ("dropped", "stale", 1, 2),
        ("dropped", "unheard", 3, 5),
        ("late", "", 1, 5),
    ]


def test_unchanged_frames_go_on_with_the_answers_of_the_one_they_equal(
    site: Site, database: Database, clock: Clock
) -> None:
    site.register(rule_row(plan(Temporal("sustained", seconds=60.0))))
    worker = site.worker()

    first = site.see(CAR_BOX)
    for _ in range(10):
        clock.pass_by(seconds(1))
        site.see_the_same(first)
    site.turn(worker)

    _, stretch = ledger(database)
    assert (stretch.kind, stretch.frames, [each.outcome for each in stretch.decided]) == ("unchanged", 10, ["holding"])


def test_a_snoozed_rule_and_a_disarmed_camera_say_why_they_were_quiet(
    site: Site, database: Database, clock: Clock
) -> None:
    site.register()
    worker = site.worker()
    until = to_text(clock() + timedelta(hours=1))
    site.change(keep_snooze, SnoozeRow(RULE, CAMERA, until, "key_1", "inc_1", to_text(clock())))
    site.see(CAR_BOX)
    site.turn(worker)
    site.change(change_camera, replace(camera_row(), armed=False))
    clock.pass_by(seconds(1))
    site.see(CAR_BOX)
    site.turn(worker)

    snoozed, quiet = ledger(database)

    assert [each.outcome for each in snoozed.decided] == ["snoozed"]
    assert (quiet.reason, quiet.decided) == ("disarmed", ())


def test_what_a_killed_worker_noted_is_taken_up_and_nothing_stands_in_it_twice(
    site: Site, database: Database, clock: Clock
) -> None:
    site.register()
    for number in range(6):
        worker = site.worker()  # the one before is gone without a word
        for _ in range(40):
            site.see(*([CAR_BOX] if number % 2 else []))
            clock.pass_by(seconds(0.5))
        site.turn(worker)

    site.turn(site.worker())

    assert sum(each.frames for each in ledger(database)) == site.seq == 240
    with database.read() as connection:
        assert kept_bytes(connection).keys() == {CAMERA}


def test_after_a_minute_without_frames_the_journal_is_empty(site: Site, database: Database, clock: Clock) -> None:
    site.register()
    worker = site.worker()
    site.see()
    site.turn(worker)

    clock.pass_by(seconds(61))
    site.turn(worker)

    assert [each.seq for each in ledger(database)] == [1]
    with database.read() as connection:
        assert journal_rows(connection) == ()


def test_a_stretch_too_long_for_one_block_is_cut(site: Site, database: Database, clock: Clock) -> None:
    site.register()
    worker = site.worker()

    for number in range(BLOCK_ENTRIES + 20):
        site.see(*([CAR_BOX] if number % 2 else []))
    site.turn(worker, times=4)
    clock.pass_by(seconds(1))
    site.turn(worker)

    with database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(decision_blocks)).scalar() == 1
    assert sum(each.frames for each in ledger(database)) == BLOCK_ENTRIES + 20


def test_where_nothing_is_to_be_noted_nothing_is(site: Site, database: Database) -> None:
    site.register()
    worker = site.worker(notes=False)

    site.see(CAR_BOX)
    site.turn(worker)

    assert ledger(database) == []
    assert len(site.incidents()) == 1


@pytest.fixture
def keeper(database: Database, clock: Clock) -> Callable[[LedgerBounds], LedgerKeeper]:
    return lambda bounds: LedgerKeeper(database, bounds, shards=1, owns=lambda _: True, clock=clock)


def test_hours_become_whole_and_old_ones_go(
    site: Site, database: Database, clock: Clock, keeper: Callable[[LedgerBounds], LedgerKeeper]
) -> None:
    site.register()
    worker = site.worker()
    for _ in range(4):
        site.see()
        site.turn(worker)
        clock.pass_by(timedelta(minutes=2))
        site.turn(worker)
    clock.pass_by(timedelta(hours=1))

    keeper(LedgerBounds()).turn()

    with database.read() as connection:
        assert connection.execute(sa.select(decision_blocks.c.whole)).scalars().all() == [1]
    assert sum(each.frames for each in ledger(database)) == 4

    keeper(LedgerBounds(hours=0.5)).turn()

    assert ledger(database) == []


def test_above_its_bound_a_camera_gives_up_its_oldest(
    site: Site, database: Database, clock: Clock, keeper: Callable[[LedgerBounds], LedgerKeeper]
) -> None:
    site.register()
    worker = site.worker()
    for _ in range(6):
        site.see()
        site.turn(worker)
        clock.pass_by(timedelta(minutes=2))
        site.turn(worker)
    with database.read() as connection:
        bound = kept_bytes(connection)[CAMERA] // 2

    keeper(LedgerBounds(most_bytes=bound)).turn()

    kept = [each.seq for each in ledger(database)]
    assert kept == sorted(kept) and kept[-1] == 6 and len(kept) < 4


def test_what_ingest_gave_up_is_known_by_its_reason(
    site: Site, database: Database, clock: Clock, client: Client
) -> None:
    site.register()
    board, accountant = Board(client), Accountant(Board(client), database, owns=lambda _: True)
    for dropped in ({"overwritten": 2}, {"overwritten": 5, "decode": 1}):
        clock.pass_by(seconds(1))
        word = CameraHealth(CAMERA, "ingest-1", 1, clock(), "online", clock(), sampled=10, dropped=dropped)
        board.report_health(word)
        accountant.count()

    with database.read() as connection:
        found = ingest_drops_between(connection, CAMERA, from_ms=0, to_ms=2**60)

    assert sorted((reason, count) for _, reason, count in found) == [("decode", 1), ("overwritten", 5)]
