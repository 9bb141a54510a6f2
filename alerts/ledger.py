"""One batch of the answer stream, held against the watermarks: what is new, what came late, what was counted before.

Takes: the cameras' watermarks, then each message with its id in the stream.
Gives: the fate of each message; in the end, what the batch adds to each camera's progress.
Knows nothing about: rules, the database, Redis.

The answers of one camera come in order. At or below the watermark there are two kinds: a message that was committed
and not acknowledged before a kill comes again under the id it had; anything else is late, and counted as such."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from contracts.messages import Answers, Missed, StreamMessage, Unchanged
from store.progress import FOLDED, Advance, EpochRow
from store.times import from_text


class Fate(StrEnum):
    """What to do with a message: use it, count it only, or nothing."""

    FRESH = "fresh"
    LATE = "late"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Watermark:
    """The newest frame of one camera whose answers were committed; `last_id`: the newest message about it."""

    epoch: int
    seq: int
    captured_at: datetime
    last_id: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """`skipped`: frames between the watermark and this message, of which nothing was heard."""

    fate: Fate
    skipped: int = 0


@dataclass(slots=True)
class _Sum:
    analysed: int = 0
    unchanged: int = 0
    dropped: Counter[str] = field(default_factory=Counter)


class Ledger:
    """For one batch; the watermarks given are not touched."""

    def __init__(self, known: Mapping[str, Watermark]) -> None:
        self._known = known
        self._moved: dict[str, Watermark] = {}
        self._sums: dict[tuple[str, int], _Sum] = {}
        self._last: dict[tuple[str, int], Watermark] = {}

    def admit(self, message: StreamMessage, stream_id: str) -> Admitted:
        """In the order of the stream."""
        mark = self._moved.get(message.camera) or self._known.get(message.camera)
        count = 1 if isinstance(message, Answers) else message.count
        if mark and (message.epoch, message.seq) <= (mark.epoch, mark.seq):
            if _order(stream_id) <= _order(mark.last_id):
                return Admitted(Fate.SEEN)
            moved = replace(mark, last_id=stream_id)
            self._sum(message.camera, moved).dropped["late"] += count
            return Admitted(Fate.LATE)
        before = mark.seq if mark and mark.epoch == message.epoch else 0
        self._add(message, Watermark(message.epoch, message.seq, message.captured_at, stream_id), count)
        return Admitted(Fate.FRESH, skipped=max(0, message.seq - count - before))

    def steps(self) -> tuple[Advance, ...]:
        """For store.progress.advance."""
        return tuple(
            Advance(
                camera_id=camera,
                epoch=epoch,
                watermark_seq=self._last[camera, epoch].seq,
                captured_at=self._last[camera, epoch].captured_at,
                last_id=self._last[camera, epoch].last_id,
                analysed=counted.analysed,
                unchanged=counted.unchanged,
                dropped=dict(counted.dropped),
            )
            for (camera, epoch), counted in self._sums.items()
        )

    def moved(self) -> Mapping[str, Watermark]:
        """The watermarks as they are once the steps are committed, of the cameras in this batch."""
        return self._moved

    def _add(self, message: StreamMessage, mark: Watermark, count: int) -> None:
        counted = self._sum(message.camera, mark)
        match message:
            case Answers():
                counted.analysed += 1
            case Unchanged():
                counted.unchanged += count
            case Missed():
                counted.dropped[message.reason] += count

    def _sum(self, camera: str, mark: Watermark) -> _Sum:
        self._moved[camera] = mark
        self._last[camera, mark.epoch] = mark
        return self._sums.setdefault((camera, mark.epoch), _Sum())


def watermarks_of(rows: Mapping[str, Iterable[EpochRow]]) -> dict[str, Watermark]:
    """At a worker's start, from what was committed."""
    found = {camera: newest_answered(epochs) for camera, epochs in rows.items()}
    return {
        camera: Watermark(row.epoch, row.watermark_seq, from_text(row.captured_at), row.last_id)
        for camera, row in found.items()
        if row
    }


def newest_answered(rows: Iterable[EpochRow]) -> EpochRow | None:
    """The epoch in which a camera's watermark stands; None before the first answer."""
    answered = [row for row in rows if row.epoch != FOLDED and row.watermark_seq]
    return max(answered, key=lambda row: row.epoch) if answered else None


def _order(stream_id: str) -> tuple[int, int]:
    """Stream ids are milliseconds and a number within them."""
    milliseconds, _, number = stream_id.partition("-")
    return int(milliseconds or 0), int(number or 0)
