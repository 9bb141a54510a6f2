"""The decision ledger as it is kept: a journal of the last minute, blocks of a minute, blocks of an hour.

Takes: a connection inside the caller's transaction, entries.
Gives: the journal's rows and the blocks made of them; entries of a camera between two moments, oldest first.
Knows nothing about: what an entry says, settings.

One row a transaction goes into the journal, whatever it holds, so that noting costs a commit almost nothing. What
stands in a block is taken out of the journal when no camera needs the row any more; until then the block's `upto`
says how far it goes, and nothing is read twice."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from store.decision_block import Entry, Noted, append, pack, pack_noted, unpack, unpack_noted
from store.decisions_schema import decision_blocks as blocks
from store.decisions_schema import decision_journal as journal
from store.decisions_schema import ingest_drops
from store.times import from_text, to_text
from store.upsert import insert_or_update

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
_BLOCKS_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One transaction's entries."""

    id: int
    at: datetime
    noted: tuple[Noted, ...]


def add_to_journal(connection: sa.Connection, noted: Sequence[Noted], *, shard: int, now: datetime) -> int:
    """The row's id, greater than any before."""
    values = {"shard": shard, "at": to_text(now), "body": pack_noted(noted)}
    added = connection.execute(sa.insert(journal).values(values).returning(journal.c.id)).scalar_one()
    return int(added)


def journal_rows(connection: sa.Connection) -> tuple[JournalRow, ...]:
    """In the order of their transactions. A row that cannot be read holds nothing."""
    found = connection.execute(sa.select(journal.c.id, journal.c.at, journal.c.body).order_by(journal.c.id))
    return tuple(JournalRow(row.id, from_text(row.at), tuple(_noted(row.body))) for row in found)


def drop_journal(connection: sa.Connection, *, shard: int, below: int) -> None:
    """What stands in blocks by now."""
    connection.execute(sa.delete(journal).where(journal.c.shard == shard, journal.c.id < below))


def drop_left_over(connection: sa.Connection, *, shards: int, before: datetime) -> None:
    """Of shards that are no more: nobody makes blocks of those."""
    connection.execute(sa.delete(journal).where(journal.c.shard >= shards, journal.c.at < to_text(before)))


def add_block(connection: sa.Connection, camera_id: str, entries: Sequence[Entry], *, upto: int) -> None:
    """`upto`: the newest row of the journal that it holds. At least one entry."""
    connection.execute(sa.insert(blocks).values(_block(camera_id, entries, upto=upto, whole=0)))


def held_upto(connection: sa.Connection) -> dict[str, int]:
    """By camera: what stands in blocks already."""
    found = connection.execute(sa.select(blocks.c.camera_id, sa.func.max(blocks.c.upto)).group_by(blocks.c.camera_id))
    return {row[0]: int(row[1]) for row in found}


def entries_between(
    connection: sa.Connection, camera_id: str, *, from_ms: int, to_ms: int, after: tuple[int, int, int], limit: int
) -> list[Entry]:
    """Those that touch the time between, oldest first, behind the one in the place `after`."""
    found: list[Entry] = []
    for entry in _in_order(connection, camera_id, from_ms, to_ms):
        if entry.at_ms >= from_ms and entry.since_ms < to_ms and entry.order > after:
            found.append(entry)
            if len(found) >= limit:
                break
    return found


@dataclass(frozen=True, slots=True)
class IngestDrop:
    """So many more since ingest spoke the time before; `at` is when it spoke."""

    camera_id: str
    at: datetime
    reason: str
    count: int


def note_ingest_drops(connection: sa.Connection, drops: Sequence[IngestDrop]) -> None:
    """Added to what is known of the minute."""
    if not drops:
        return
    insert = insert_or_update(connection, ingest_drops)
    more = {"count": ingest_drops.c.count + insert.excluded["count"]}
    connection.execute(
        insert.on_conflict_do_update(index_elements=["camera_id", "minute_ms", "reason"], set_=more),
        [
            {
                "camera_id": drop.camera_id,
                "minute_ms": int(drop.at.timestamp() * 1000) // MINUTE_MS * MINUTE_MS,
                "reason": drop.reason,
                "count": drop.count,
            }
            for drop in drops
        ],
    )


def ingest_drops_between(
    connection: sa.Connection, camera_id: str, *, from_ms: int, to_ms: int
) -> tuple[tuple[int, str, int], ...]:
    """(minute, reason, how many), of the minutes that touch the time between."""
    first = from_ms // MINUTE_MS * MINUTE_MS
    wanted = sa.select(ingest_drops.c.minute_ms, ingest_drops.c.reason, ingest_drops.c.count).where(
        ingest_drops.c.camera_id == camera_id, ingest_drops.c.minute_ms.between(first, to_ms)
    )
    return tuple((row[0], row[1], row[2]) for row in connection.execute(wanted.order_by(ingest_drops.c.minute_ms)))


def forget_decisions(connection: sa.Connection, camera_id: str) -> None:
    """Of a camera that was removed; what the journal still holds of it goes with its rows."""
    connection.execute(sa.delete(blocks).where(blocks.c.camera_id == camera_id))
    connection.execute(sa.delete(ingest_drops).where(ingest_drops.c.camera_id == camera_id))


def whole_hours(connection: sa.Connection, *, before: datetime, most: int) -> tuple[tuple[str, int], ...]:
    """(camera, hour) of which blocks of minutes are left, oldest first; hours that ended before that moment only."""
    hour = blocks.c.starts_ms - blocks.c.starts_ms % HOUR_MS
    wanted = sa.select(blocks.c.camera_id, hour).where(
        blocks.c.whole == 0, blocks.c.starts_ms < int(before.timestamp() * 1000) // HOUR_MS * HOUR_MS
    )
    found = connection.execute(wanted.group_by(blocks.c.camera_id, hour).order_by(hour).limit(most))
    return tuple((row[0], int(row[1])) for row in found)


def make_whole(connection: sa.Connection, camera_id: str, hour_ms: int) -> None:
    """One block in place of an hour's; two who do it at once do it once."""
    wanted = sa.select(blocks).where(
        blocks.c.camera_id == camera_id, blocks.c.starts_ms >= hour_ms, blocks.c.starts_ms < hour_ms + HOUR_MS
    )
    found = list(connection.execute(wanted.order_by(blocks.c.starts_ms, blocks.c.id).with_for_update()).mappings())
    if not found:
        return
    entries: list[Entry] = []
    for entry in sorted((each for row in found for each in _entries(row["body"])), key=lambda each: each.order):
        append(entries, entry)
    connection.execute(sa.delete(blocks).where(blocks.c.id.in_([row["id"] for row in found])))
    if entries:
        upto = max(row["upto"] for row in found)
        connection.execute(sa.insert(blocks).values(_block(camera_id, entries, upto=upto, whole=1)))


def drop_old(connection: sa.Connection, *, before: datetime) -> None:
    """What nobody asks for any more."""
    before_ms = int(before.timestamp() * 1000)
    connection.execute(sa.delete(blocks).where(blocks.c.ends_ms < before_ms))
    connection.execute(sa.delete(ingest_drops).where(ingest_drops.c.minute_ms < before_ms))


def kept_bytes(connection: sa.Connection) -> dict[str, int]:
    """By camera."""
    found = connection.execute(
        sa.select(blocks.c.camera_id, sa.func.sum(blocks.c.size_bytes)).group_by(blocks.c.camera_id)
    )
    return {row[0]: int(row[1]) for row in found}


def drop_oldest(connection: sa.Connection, camera_id: str, *, size_bytes: int) -> None:
    """At least so many bytes of one camera."""
    wanted = sa.select(blocks.c.id, blocks.c.size_bytes).where(blocks.c.camera_id == camera_id)
    gone: list[int] = []
    for row in connection.execute(wanted.order_by(blocks.c.ends_ms)):
        if size_bytes <= 0:
            break
        gone.append(row.id)
        size_bytes -= row.size_bytes
    connection.execute(sa.delete(blocks).where(blocks.c.id.in_(gone)))


def _in_order(connection: sa.Connection, camera_id: str, from_ms: int, to_ms: int) -> Iterator[Entry]:
    """Blocks may overlap: what is late stands in a later one."""
    waiting: list[Entry] = []
    for starts_ms, entries in _parts(connection, camera_id, from_ms, to_ms):
        ready = sorted((each for each in waiting if each.at_ms < starts_ms), key=lambda each: each.order)
        yield from ready
        waiting = [each for each in waiting if each.at_ms >= starts_ms] + entries
    yield from sorted(waiting, key=lambda each: each.order)


def _parts(connection: sa.Connection, camera_id: str, from_ms: int, to_ms: int) -> Iterator[tuple[int, list[Entry]]]:
    """Blocks by their beginnings, then what only the journal holds yet."""
    fresh = _fresh(connection, camera_id)
    for starts_ms, body in _bodies(connection, camera_id, from_ms, to_ms):
        yield starts_ms, _entries(body)
    if fresh:
        yield min(each.at_ms for each in fresh), fresh


def _bodies(connection: sa.Connection, camera_id: str, from_ms: int, to_ms: int) -> Iterator[tuple[int, bytes]]:
    wanted = sa.select(blocks.c.starts_ms, blocks.c.id, blocks.c.body).where(
        blocks.c.camera_id == camera_id, blocks.c.ends_ms >= from_ms, blocks.c.starts_ms < to_ms
    )
    wanted = wanted.order_by(blocks.c.starts_ms, blocks.c.id).limit(_BLOCKS_AT_ONCE)
    last = (-(2**62), 0)
    while True:
        place = sa.tuple_(blocks.c.starts_ms, blocks.c.id) > sa.tuple_(*last)
        found = connection.execute(wanted.where(place)).all()
        yield from ((row.starts_ms, row.body) for row in found)
        if len(found) < _BLOCKS_AT_ONCE:
            return
        last = (found[-1].starts_ms, found[-1].id)


def _fresh(connection: sa.Connection, camera_id: str) -> list[Entry]:
    upto = connection.execute(sa.select(sa.func.max(blocks.c.upto)).where(blocks.c.camera_id == camera_id)).scalar()
    entries: list[Entry] = []
    for row in journal_rows(connection):
        for camera, entry in row.noted if row.id > (upto or 0) else ():
            if camera == camera_id:
                append(entries, entry)
    return entries


def _block(camera_id: str, entries: Sequence[Entry], *, upto: int, whole: int) -> dict[str, object]:
    body = pack(entries)
    return {
        "camera_id": camera_id,
        "starts_ms": min(entry.since_ms for entry in entries),
        "ends_ms": max(entry.at_ms for entry in entries),
        "upto": upto,
        "whole": whole,
        "size_bytes": len(body),
        "body": body,
    }


def _entries(body: bytes) -> list[Entry]:
    """Nothing of bytes that a disk spoilt: the rest of the ledger stays readable."""
    try:
        return unpack(body)
    except ValueError:
        return []


def _noted(body: bytes) -> Iterable[Noted]:
    try:
        return unpack_noted(body)
    except ValueError:
        return ()
