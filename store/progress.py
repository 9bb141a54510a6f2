"""Where each camera's answers stand, and its frames counted.

Takes: a connection inside the caller's transaction, what one batch of answers said, ingest's word.
Gives: FrameTotals, for which sampled = analysed + unchanged + sum of dropped + in flight, always.
Knows nothing about: answers, Redis.

Two writers share a row and no column: the answers' counts are added by whoever owns the shard, ingest's are set."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from store.schema import progress
from store.times import from_text, to_text
from store.upsert import insert_or_update

#: closed epochs are folded into this one
FOLDED = 0


@dataclass(frozen=True, slots=True)
class EpochRow:
    """One camera's frames in one epoch. `dropped`: as the answer stream said; `ingest_dropped`: as ingest said.

    `folded_to`: in the row of folded epochs, the newest of them."""

    camera_id: str
    epoch: int
    watermark_seq: int = 0
    captured_at: str = ""
    sampled: int = 0
    analysed: int = 0
    unchanged: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    ingest_dropped: Mapping[str, int] = field(default_factory=dict)
    broker: int = 0
    last_id: str = ""
    closed: bool = False
    folded_to: int = 0

    @property
    def answered(self) -> int:
        """Frames that came out of the answer stream, one way or another."""
        return self.analysed + self.unchanged + sum(self.dropped.values())


@dataclass(frozen=True, slots=True)
class FrameTotals:
    """Of one camera, over all epochs."""

    sampled: int
    analysed: int
    unchanged: int
    dropped: dict[str, int]
    in_flight: int
    last_captured_at: datetime | None


@dataclass(frozen=True, slots=True)
class Advance:
    """What one batch of answers adds to one camera's epoch."""

    camera_id: str
    epoch: int
    watermark_seq: int
    captured_at: datetime
    last_id: str
    analysed: int = 0
    unchanged: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IngestCount:
    """Ingest's newest word on one camera's epoch."""

    camera_id: str
    epoch: int
    sampled: int
    dropped: Mapping[str, int]


def sum_up(rows: Iterable[EpochRow]) -> FrameTotals:
    """Of one camera's rows. Answers may be ahead of ingest's word by a second: then they prove what was sampled."""
    rows = list(rows)
    dropped: Counter[str] = Counter()
    for row in rows:
        dropped.update(row.dropped)
        dropped.update(row.ingest_dropped)
    analysed, unchanged = sum(row.analysed for row in rows), sum(row.unchanged for row in rows)
    known = analysed + unchanged + sum(dropped.values())
    sampled = max(known, sum(max(row.sampled, row.watermark_seq) for row in rows))
    # Never more than is missing: what was given up for lost and came after all is not lost.
    broker = min(sum(row.broker for row in rows), sampled - known)
    if broker:
        dropped["broker"] += broker
    newest = max((row.captured_at for row in rows), default="")
    return FrameTotals(
        sampled=sampled,
        analysed=analysed,
        unchanged=unchanged,
        dropped={reason: count for reason, count in sorted(dropped.items()) if count},
        in_flight=sampled - known - broker,
        last_captured_at=from_text(newest) if newest else None,
    )


def totals(connection: sa.Connection) -> dict[str, FrameTotals]:
    """By camera id; a camera that never gave a frame is not in it."""
    return {camera: sum_up(rows) for camera, rows in rows_by_camera(connection).items()}


def epoch_floors(connection: sa.Connection) -> dict[str, int]:
    """By camera id: the newest epoch that was counted; a new lease must start above."""
    wanted = sa.select(progress.c.camera_id, sa.func.max(progress.c.epoch)).group_by(progress.c.camera_id)
    return {camera: int(epoch) for camera, epoch in connection.execute(wanted)}


def rows_by_camera(connection: sa.Connection, *, lock: bool = False) -> dict[str, tuple[EpochRow, ...]]:
    """Each camera's epochs, oldest first. `lock`: to write them in this transaction."""
    wanted = sa.select(progress).order_by(progress.c.camera_id, progress.c.epoch)
    found: dict[str, list[EpochRow]] = {}
    for values in connection.execute(wanted.with_for_update() if lock else wanted).mappings():
        row = _row(values)
        found.setdefault(row.camera_id, []).append(row)
    return {camera: tuple(rows) for camera, rows in found.items()}


def advance(connection: sa.Connection, steps: Sequence[Advance]) -> None:
    """At most one step for each camera and epoch."""
    if not steps:
        return
    insert = insert_or_update(connection, progress)
    moved = {name: insert.excluded[name] for name in ("watermark_seq", "captured_at", "last_id")}
    added = {name: progress.c[name] + insert.excluded[name] for name in ("analysed", "unchanged")}
    connection.execute(
        insert.on_conflict_do_update(index_elements=["camera_id", "epoch"], set_=moved | added),
        [
            {
                "camera_id": step.camera_id,
                "epoch": step.epoch,
                "watermark_seq": step.watermark_seq,
                "captured_at": to_text(step.captured_at),
                "last_id": step.last_id,
                "analysed": step.analysed,
                "unchanged": step.unchanged,
            }
            for step in steps
        ],
    )
    for step in steps:
        if step.dropped:
            _add_dropped(connection, step)


def _add_dropped(connection: sa.Connection, step: Advance) -> None:
    here = _at(step.camera_id, step.epoch)
    so_far = connection.execute(sa.select(progress.c.dropped).where(here).with_for_update()).scalar() or "{}"
    whole = Counter(msgspec.json.decode(so_far, type=dict[str, int])) + Counter(step.dropped)
    connection.execute(sa.update(progress).where(here).values(dropped=_json(whole)))


def set_ingest_counts(connection: sa.Connection, counts: Sequence[IngestCount]) -> None:
    """In place of ingest's word before; at most one for each camera and epoch."""
    if not counts:
        return
    insert = insert_or_update(connection, progress)
    fresh = {name: insert.excluded[name] for name in ("sampled", "ingest_dropped")}
    connection.execute(
        insert.on_conflict_do_update(index_elements=["camera_id", "epoch"], set_=fresh),
        [
            {
                "camera_id": count.camera_id,
                "epoch": count.epoch,
                "sampled": count.sampled,
                "ingest_dropped": _json(count.dropped),
            }
            for count in counts
        ],
    )


def set_broker(connection: sa.Connection, *, camera_id: str, epoch: int, lost: int) -> None:
    """In place of what was given up for lost before, in this epoch."""
    connection.execute(sa.update(progress).where(_at(camera_id, epoch)).values(broker=lost))


def fold(connection: sa.Connection, rows: Sequence[EpochRow]) -> None:
    """Closed epochs of one camera become one, so that a camera that reconnects for years keeps three rows."""
    kept = rows[0]
    whole = _folded(rows)
    for row in rows:
        connection.execute(sa.delete(progress).where(_at(row.camera_id, row.epoch)))
    connection.execute(
        sa.insert(progress).values(
            camera_id=kept.camera_id,
            epoch=FOLDED,
            sampled=whole.sampled,
            analysed=whole.analysed,
            unchanged=whole.unchanged,
            dropped=_json(whole.dropped),
            ingest_dropped=_json(whole.ingest_dropped),
            broker=whole.broker,
            captured_at=whole.captured_at,
            last_id=whole.last_id,
            closed=True,
            folded_to=whole.folded_to,
        )
    )


def forget_progress(connection: sa.Connection, camera_id: str) -> None:
    """Of a camera that was removed. Its ids are never given again, so its epochs need no memory."""
    connection.execute(sa.delete(progress).where(progress.c.camera_id == camera_id))


def _folded(rows: Sequence[EpochRow]) -> EpochRow:
    dropped: Counter[str] = Counter()
    ingest_dropped: Counter[str] = Counter()
    for row in rows:
        dropped.update(row.dropped)
        ingest_dropped.update(row.ingest_dropped)
    return EpochRow(
        camera_id=rows[0].camera_id,
        epoch=FOLDED,
        sampled=sum(max(row.sampled, row.watermark_seq) for row in rows),
        analysed=sum(row.analysed for row in rows),
        unchanged=sum(row.unchanged for row in rows),
        dropped=dropped,
        ingest_dropped=ingest_dropped,
        broker=sum(row.broker for row in rows),
        captured_at=max(row.captured_at for row in rows),
        last_id=rows[-1].last_id,
        closed=True,
        folded_to=max(rows[-1].epoch, rows[0].folded_to),
    )


def _at(camera_id: str, epoch: int) -> sa.ColumnElement[bool]:
    return sa.and_(progress.c.camera_id == camera_id, progress.c.epoch == epoch)


def _json(counts: Mapping[str, int]) -> str:
    return msgspec.json.encode(dict(counts)).decode()


def _row(values: Mapping[Any, Any]) -> EpochRow:
    return EpochRow(
        **{name: values[name] for name in _PLAIN},
        dropped=msgspec.json.decode(values["dropped"], type=dict[str, int]),
        ingest_dropped=msgspec.json.decode(values["ingest_dropped"], type=dict[str, int]),
    )


_PLAIN = (
    "camera_id",
    "epoch",
    "watermark_seq",
    "captured_at",
    "sampled",
    "analysed",
    "unchanged",
    "broker",
    "last_id",
    "closed",
    "folded_to",
)
