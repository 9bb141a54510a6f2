"""The outbox: whose turn it is, under lease, and what came of it.

Takes: a connection inside the caller's transaction, the time, how much may be sent at once.
Gives: leases on what is due, so that several deliverers never send one at once; attempts, recorded many at a time.
Knows nothing about: HTTP, signatures, the retry schedule.

Endpoints are looked at first, then what waits for those that are open: a thousand dead ones with a hundred thousand
deliveries cost a look at a thousand short rows, and no turn of anybody else."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from store.deliveries import Attempt, DeliveryRow, DeliveryState, delivery_row
from store.endpoint_health import BREAK_AFTER
from store.schema import attempts, deliveries, endpoints
from store.times import to_text

_PENDING = deliveries.c.state == DeliveryState.PENDING.value


@dataclass(frozen=True, slots=True)
class Room:
    """How many deliveries may be leased now. `suspects`: of these, to endpoints that are not known to be healthy.

    `per_endpoint` and `per_suspect` count what is under lease already, whoever holds it. `besides`: endpoints that
    get nothing now. `after`: the endpoint that had the last turn, so that turns go round. `in_turn`: formats whose
    endpoints get one delivery after another, never two at once."""

    most: int
    per_endpoint: int
    suspects: int
    per_suspect: int
    besides: Collection[str] = ()
    after: str = ""
    in_turn: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an attempt at a delivery leads to."""

    delivery: DeliveryRow
    attempt: Attempt
    state: DeliveryState
    next_at: datetime


@dataclass(frozen=True, slots=True)
class _Ready:
    endpoint_id: str
    status: str
    failures: int
    format: str


def lease_turn(
    connection: sa.Connection, room: Room, *, worker: str, now: datetime, until: datetime
) -> tuple[DeliveryRow, ...]:
    """To the healthy first, then to the untried, then to the failing; among each, one after another in a round."""
    if room.most <= 0:
        return ()
    at = to_text(now)
    columns = (endpoints.c.id, endpoints.c.status, endpoints.c.failures, endpoints.c.format)
    wanted = sa.select(*columns).where(_is_open(at), sa.exists().where(_is_due(at)))
    if room.suspects <= 0:
        wanted = wanted.where(endpoints.c.status == "healthy")
    locked = wanted.with_for_update(skip_locked=True, of=endpoints)  # on PostgreSQL; SQLite has one writer
    ready = [_Ready(*found) for found in connection.execute(locked) if found[0] not in room.besides]
    shares = _shares(ready, _held(connection, at), room)
    if not shares:
        return ()
    ids = _oldest_due(connection, shares, at)
    leased = (
        sa.update(deliveries)
        .where(deliveries.c.id.in_(ids))
        .values(leased_until=to_text(until), leased_by=worker)
        .returning(*deliveries.c)
    )
    rows = [delivery_row(found) for found in connection.execute(leased).mappings()]
    return tuple(sorted(rows, key=lambda row: (row.next_at, row.id)))


def anything_due(connection: sa.Connection, *, now: datetime) -> bool:
    """A cheap look, to spare the write transaction of a lease."""
    at = to_text(now)
    wanted = sa.select(endpoints.c.id).where(_is_open(at), sa.exists().where(_is_due(at))).limit(1)
    return connection.execute(wanted).first() is not None


def return_leases(connection: sa.Connection, *, worker: str) -> None:
    """At a worker's start: what it was sending when it was killed is due at once."""
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.leased_by == worker, deliveries.c.leased_until.is_not(None))
        .values(leased_until=None, leased_by=None)
    )


def record_attempts(connection: sa.Connection, made: Sequence[Recorded]) -> frozenset[str]:
    """Frees their leases. Gives the ids of those recorded: the others went on without us, cancelled, replayed, or
    leased by another."""
    ids = [each.delivery.id for each in made]
    held = sa.select(deliveries.c.id, deliveries.c.leased_until).where(deliveries.c.id.in_(ids), _PENDING)
    leases = {found: until for found, until in connection.execute(held.with_for_update())}
    ours = [each for each in made if leases.get(each.delivery.id, None) == each.delivery.leased_until]
    if not ours:
        return frozenset()
    count = sa.func.max(attempts.c.number)
    so_far = sa.select(attempts.c.delivery_id, count).where(attempts.c.delivery_id.in_(ids))
    numbers = {found: number for found, number in connection.execute(so_far.group_by(attempts.c.delivery_id))}
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.id == sa.bindparam("of_id"))
        .values(attempts=deliveries.c.attempts + 1, leased_until=None, leased_by=None),
        [_after(each) for each in ours],
    )
    connection.execute(
        sa.insert(attempts),
        [
            {"delivery_id": each.delivery.id, "number": numbers.get(each.delivery.id, 0) + 1, **asdict(each.attempt)}
            for each in ours
        ],
    )
    return frozenset(each.delivery.id for each in ours)


def _after(made: Recorded) -> dict[str, object]:
    return {
        "of_id": made.delivery.id,
        "state": made.state.value,
        "next_at": to_text(made.next_at),
        "finished_at": None if made.state is DeliveryState.PENDING else made.attempt.at,
        "last_status": made.attempt.status,
        "last_error": made.attempt.error,
    }


def _is_open(at: str) -> sa.ColumnElement[bool]:
    shut = sa.or_(endpoints.c.open_until.is_(None), endpoints.c.open_until <= at)
    return sa.and_(endpoints.c.enabled.is_(True), endpoints.c.status != "disabled", shut)


def _is_due(at: str) -> sa.ColumnElement[bool]:
    free = sa.or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= at)
    return sa.and_(deliveries.c.endpoint_id == endpoints.c.id, _PENDING, deliveries.c.next_at <= at, free)


def _held(connection: sa.Connection, at: str) -> Counter[str]:
    # Counted here: for a GROUP BY, and for a word about the state, SQLite would take an index of all deliveries.
    wanted = sa.select(deliveries.c.endpoint_id).where(deliveries.c.leased_until > at)
    return Counter(connection.execute(wanted).scalars())


def _shares(ready: Iterable[_Ready], held: Counter[str], room: Room) -> Counter[str]:
    """How many each endpoint gets: one each in a round, until the room or its own limit is reached."""
    shares: Counter[str] = Counter()
    left, suspects = room.most, room.suspects
    ranks = ("healthy", "untried", "failing")
    turns = sorted(ready, key=lambda one: (ranks.index(one.status), one.endpoint_id <= room.after, one.endpoint_id))
    for rank in ranks:
        limits = {one.endpoint_id: _limit(one, room) - held[one.endpoint_id] for one in turns if one.status == rank}
        while left > 0 and (rank == "healthy" or suspects > 0):
            round_of = [each for each, limit in limits.items() if shares[each] < limit]
            round_of = round_of[: left if rank == "healthy" else min(left, suspects)]
            if not round_of:
                break
            shares.update(round_of)
            left -= len(round_of)
            suspects -= 0 if rank == "healthy" else len(round_of)
    return shares


def _limit(one: _Ready, room: Room) -> int:
    if one.format in room.in_turn:
        return 1
    if one.status == "healthy":
        return room.per_endpoint
    # Half open: one probe says whether the rest may follow.
    return 1 if one.failures >= BREAK_AFTER else room.per_suspect


def _oldest_due(connection: sa.Connection, shares: Counter[str], at: str) -> list[str]:
    oldest = (
        sa.select(deliveries.c.id, deliveries.c.next_at)
        .where(_is_due(at))
        .order_by(deliveries.c.next_at, deliveries.c.id)
        .limit(max(shares.values()))
        .with_for_update(skip_locked=True)
        .correlate(endpoints)
    )
    # SQLite knows no LATERAL; PostgreSQL would try the subquery of the other way on every delivery there is.
    if connection.dialect.name == "postgresql":
        few = oldest.lateral()
        wanted = sa.select(endpoints.c.id, few.c.id).select_from(endpoints).join(few, sa.true())
        wanted = wanted.order_by(few.c.next_at, few.c.id)
    else:
        row = deliveries.alias()
        few_ids = oldest.with_only_columns(deliveries.c.id)
        wanted = sa.select(endpoints.c.id, row.c.id).select_from(endpoints).join(row, row.c.id.in_(few_ids))
        wanted = wanted.order_by(row.c.next_at, row.c.id)
    left, chosen = Counter(shares), []
    for endpoint_id, delivery_id in connection.execute(wanted.where(endpoints.c.id.in_(list(shares)))):
        if left[endpoint_id] > 0:
            left[endpoint_id] -= 1
            chosen.append(delivery_id)
    return chosen
