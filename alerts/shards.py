"""The lease on one shard of the answer stream, as its worker holds it.

Takes: the database, a shard, a worker's name.
Gives: a lease that is renewed inside each transaction that depends on it: a worker that lost it commits nothing.
Knows nothing about: answers."""

import logging
from datetime import datetime, timedelta

import sqlalchemy as sa

from contracts.errors import Unavailable
from store.database import Database
from store.shards import SHARD_LEASE, free_shard, hold_shard, take_shard

log = logging.getLogger(__name__)

RENEW_EVERY = SHARD_LEASE / 3


class LeaseLost(Unavailable):
    """Another worker owns the shard by now."""

    code = "lease_lost"


class ShardLease:
    """One shard. A restarted worker takes its own back at once; after that it waits like any other."""

    def __init__(self, database: Database, shard: int, *, worker: str) -> None:
        self.shard = shard
        self._database = database
        self._worker = worker
        self._returning = True
        self._epoch: int | None = None
        self._renewed_at: datetime | None = None

    @property
    def held(self) -> bool:
        """As far as we know; `renew` asks the database."""
        return self._epoch is not None

    def take(self, *, now: datetime) -> bool:
        """False: another worker owns it."""
        with self._database.write() as connection:
            epoch = take_shard(connection, self.shard, owner=self._worker, now=now, returning=self._returning)
        self._returning = False
        self._epoch, self._renewed_at = epoch, now
        if epoch is not None:
            log.info("shard taken", extra={"shard": self.shard, "epoch": epoch})
        return self.held

    def renew(self, connection: sa.Connection, *, now: datetime) -> None:
        """First thing in a transaction. Raises LeaseLost, which rolls it back."""
        if self._epoch is None or not hold_shard(connection, self.shard, epoch=self._epoch, now=now):
            self._epoch = None
            raise LeaseLost(f"shard {self.shard} is another worker's by now", "nothing was lost; wait for its lease")
        self._renewed_at = now

    def keep_alive(self, *, now: datetime) -> None:
        """Renews where no transaction did for a while."""
        if self._renewed_at is None or now - self._renewed_at >= RENEW_EVERY or now < self._renewed_at - _CLOCK_SLACK:
            with self._database.write() as connection:
                self.renew(connection, now=now)

    def give_up(self, *, now: datetime) -> None:
        """At a tidy end; safe to call without a lease."""
        if self._epoch is not None:
            with self._database.write() as connection:
                free_shard(connection, self.shard, epoch=self._epoch, now=now)
        self._epoch = None


#: a clock that was set back must not keep us from renewing
_CLOCK_SLACK = timedelta(seconds=1)
