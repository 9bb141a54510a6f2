"""A worker that kills itself with -9 at a chosen point: POINT DATA_DIR REDIS_URL NOW."""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from alerts.consume import Place, ShardWorker
from alerts.evidence import EvidenceKeeper, Wanted
from alerts.shards import ShardLease
from contracts.answers import AnswerStream
from contracts.broker import connect
from contracts.pins import Pins
from contracts.service import Stop
from store.database import Database
from store.incidents import Evidence


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class StreamThatKillsBeforeAck(AnswerStream):
    def ack(self, ids: list[bytes]) -> None:
        die()


class KeeperThatKillsAfterWriting(EvidenceKeeper):
    def keep(self, incident_id: str, wanted: Wanted, *, now: datetime) -> Evidence:
        super().keep(incident_id, wanted, now=now)
        die()
        raise AssertionError


def main() -> None:
    point, data_dir, redis_url, now = sys.argv[1:]
    client, database = connect(redis_url), Database(f"sqlite:///{data_dir}/plainwatch.sqlite")
    stream_type = StreamThatKillsBeforeAck if point == "before_ack" else AnswerStream
    keeper_type = KeeperThatKillsAfterWriting if point == "before_commit" else EvidenceKeeper
    worker = ShardWorker(
        stream_type(client, shard=0, consumer="alerts-1"),
        database,
        ShardLease(database, 0, worker="alerts-1"),
        keeper_type(Path(data_dir) / "evidence", Pins(client)),
        Place("http://site.example:8600", "UTC", 1),
        lambda: datetime.fromisoformat(now),
    )
    for _ in range(3):
        worker.turn(Stop())


if __name__ == "__main__":
    main()
