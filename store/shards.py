"""Which alert worker owns which shard of the answer stream.

Takes: a connection inside the caller's transaction, a worker's name, the time.
Gives: a lease with an epoch that fences its former owner off.
Knows nothing about: answers."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from store.schema import shards
from store.times import to_text

SHARD_LEASE = timedelta(seconds=15)


def take_shard(connection: sa.Connection, shard: int, *, owner: str, now: datetime, returning: bool) -> int | None:
    """The new epoch; None where another owner's lease runs. `returning`: under this name it was ours, take it back."""
    found = connection.execute(sa.select(shards).where(shards.c.shard == shard).with_for_update()).mappings().first()
    if found is None:
        return _first_owner(connection, shard, owner=owner, now=now)
    ours = returning and found["owner"] == owner
    if not ours and found["leased_until"] > to_text(now):
        return None
    epoch = int(found["epoch"]) + 1
    connection.execute(
        sa.update(shards)
        .where(shards.c.shard == shard)
        .values(owner=owner, epoch=epoch, leased_until=to_text(now + SHARD_LEASE))
    )
    return epoch


def hold_shard(connection: sa.Connection, shard: int, *, epoch: int, now: datetime) -> bool:
    """Renews the lease inside a transaction that depends on it; False: it is another owner's by now, roll back."""
    renewed = connection.execute(
        sa.update(shards)
        .where(shards.c.shard == shard, shards.c.epoch == epoch)
        .values(leased_until=to_text(now + SHARD_LEASE))
    )
    return renewed.rowcount == 1


def free_shard(connection: sa.Connection, shard: int, *, epoch: int, now: datetime) -> None:
    """At a tidy end, so that nobody has to wait for the lease to run out."""
    connection.execute(
        sa.update(shards).where(shards.c.shard == shard, shards.c.epoch == epoch).values(leased_until=to_text(now))
    )


def _first_owner(connection: sa.Connection, shard: int, *, owner: str, now: datetime) -> int | None:
    try:
        with connection.begin_nested():
            connection.execute(
                sa.insert(shards).values(shard=shard, owner=owner, epoch=1, leased_until=to_text(now + SHARD_LEASE))
            )
    except IntegrityError:  # PostgreSQL lets two first owners come this far
        return None
    return 1
