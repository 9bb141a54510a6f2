from datetime import UTC, datetime, timedelta

from store.conditions import active_conditions, begin_condition, end_condition, forget_condition
from store.database import Database
from store.snoozes import SnoozeRow, all_snoozes, keep_snooze, lift_snooze
from store.system_events import SystemEvent, add_system_event, page_of_system_events
from store.times import to_text

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GATE = "camera/cam_1"


def begin(database: Database, at: datetime) -> bool:
    with database.write() as connection:
        return begin_condition(connection, GATE, "offline", since=at, reason="no picture", now=at)


def end(database: Database, at: datetime) -> int | None:
    """How many episodes there were of late; None: it was over already."""
    with database.write() as connection:
        row = end_condition(connection, GATE, "offline", now=at)
    return row.episodes if row else None


def test_an_episode_begins_once_and_ends_once(database: Database) -> None:
    begun = [begin(database, NOW), begin(database, NOW)]
    with database.read() as connection:
        (active,) = active_conditions(connection)
    ended = [end(database, NOW), end(database, NOW)]

    assert begun == [True, False]
    assert (active.subject, active.kind, active.reason, active.ended_at) == (GATE, "offline", "no picture", None)
    assert ended == [1, None]
    with database.read() as connection:
        assert active_conditions(connection) == ()


def test_episodes_are_counted_until_an_hour_was_quiet(database: Database) -> None:
    counted = []
    for minute in (0, 10, 20, 120):
        begin(database, NOW + timedelta(minutes=minute))
        counted.append(end(database, NOW + timedelta(minutes=minute + 1)))

    assert counted == [1, 2, 3, 1]


def test_what_is_forgotten_may_begin_anew(database: Database) -> None:
    begin(database, NOW)
    with database.write() as connection:
        forget_condition(connection, GATE, "offline")

    assert end(database, NOW) is None
    assert begin(database, NOW)


def snooze(database: Database, camera: str, *, minutes: int, at: datetime = NOW) -> None:
    row = SnoozeRow("rul_1", camera, to_text(at + timedelta(minutes=minutes)), "key_1", "inc_1", to_text(at))
    with database.write() as connection:
        keep_snooze(connection, row)


def test_a_snooze_takes_the_place_of_the_one_before_and_is_lifted_once(database: Database) -> None:
    snooze(database, "cam_1", minutes=5)
    snooze(database, "cam_1", minutes=30)

    with database.write() as connection:
        (kept,) = all_snoozes(connection)
        lifted = [lift_snooze(connection, rule_id="rul_1", camera_id="cam_1", now=NOW) for _ in range(2)]
    assert (kept.until, lifted) == ("2026-11-22T12:30:00.000Z", [True, False])


def test_snoozes_that_are_over_go_when_another_comes(database: Database) -> None:
    snooze(database, "cam_1", minutes=5)
    snooze(database, "cam_2", minutes=5, at=NOW + timedelta(minutes=10))

    with database.read() as connection:
        assert [row.camera_id for row in all_snoozes(connection)] == ["cam_2"]


def test_events_of_the_site_are_read_from_the_newest_back(database: Database) -> None:
    events = [SystemEvent(f"sev_{number}", "camera.offline", to_text(NOW), "{}") for number in range(4)]
    with database.write() as connection:
        for event in events:
            add_system_event(connection, event)

    with database.read() as connection:
        newest = page_of_system_events(connection, before="", limit=2)
        older = page_of_system_events(connection, before=newest[-1].id, limit=5)
    assert [event.id for event in (*newest, *older)] == ["sev_3", "sev_2", "sev_1", "sev_0"]
