from datetime import UTC, datetime, timedelta

from store.database import Database
from store.machines import MachineRow, all_machines, drop_machine, keep_machines
from store.shards import SHARD_LEASE, free_shard, hold_shard, take_shard

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_states_are_written_over_and_dropped(database: Database) -> None:
    first, second = MachineRow("rul_1", "cam_1", 1, "{}"), MachineRow("rul_1", "cam_2", 1, "{}")
    changed = MachineRow("rul_1", "cam_1", 2, '{"a":1}')

    with database.write() as connection:
        keep_machines(connection, [first, second], now=NOW)
        keep_machines(connection, [changed], now=NOW)
        drop_machine(connection, rule_id="rul_1", camera_id="cam_2")

    with database.read() as connection:
        assert all_machines(connection) == (changed,)


def test_a_shard_has_one_owner_until_its_lease_runs_out(database: Database) -> None:
    with database.write() as connection:
        first = take_shard(connection, 0, owner="a", now=NOW, returning=True)
        refused = take_shard(connection, 0, owner="b", now=NOW, returning=True)
        second = take_shard(connection, 0, owner="b", now=NOW + SHARD_LEASE, returning=False)

        assert (first, refused, second) == (1, None, 2)
        assert not hold_shard(connection, 0, epoch=1, now=NOW)
        assert hold_shard(connection, 0, epoch=2, now=NOW)


def test_a_restarted_owner_takes_its_shard_back_at_once_and_fences_its_former_self_off(database: Database) -> None:
    with database.write() as connection:
        take_shard(connection, 0, owner="a", now=NOW, returning=True)
        back = take_shard(connection, 0, owner="a", now=NOW + timedelta(seconds=1), returning=True)

        assert back == 2
        assert not hold_shard(connection, 0, epoch=1, now=NOW)


def test_a_shard_that_was_freed_can_be_taken_at_once(database: Database) -> None:
    with database.write() as connection:
        epoch = take_shard(connection, 0, owner="a", now=NOW, returning=True)
        assert epoch
        free_shard(connection, 0, epoch=epoch, now=NOW)

        assert take_shard(connection, 0, owner="b", now=NOW, returning=True) == 2
