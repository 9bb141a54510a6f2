"""Conservation: every frame that ingest sampled is analysed, unchanged, dropped for a reason, or in flight.

Takes: ingest's word on each camera from the board, the answers' counts in the database.
Gives: ingest's counts in the database, and what was lost inside Redis, as dropped{broker}.
Knows nothing about: answers, rules.

A camera's frames leave the bus in order, so all up to the watermark are done with: each was answered, or dropped by
ingest, or lost. Ingest counts a frame that had to make room a moment after it went, hence its word is held against
a watermark that is older than it; so a loss is never claimed too early, and shows a second or two late."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from alerts.ledger import newest_answered
from contracts.board import Board
from contracts.errors import Unavailable
from contracts.messages import CameraHealth
from contracts.service import Stop
from store.database import Database
from store.decisions import IngestDrop, note_ingest_drops
from store.progress import EpochRow, IngestCount, fold, rows_by_camera, set_broker, set_ingest_counts, sum_up

log = logging.getLogger(__name__)

COUNT_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """What stood in the database before ingest spoke again."""

    health_at: datetime
    unanswered: int


class Accountant:
    """One per process. `owns` says whose cameras are ours, by shard."""

    def __init__(self, board: Board, database: Database, *, owns: Callable[[str], bool]) -> None:
        self._board = board
        self._database = database
        self._owns = owns
        self._seen: dict[str, _Seen] = {}
        self._away = False

    def run(self, stop: Stop) -> None:
        """Once a second, until it is time to end; Redis or the database being away is no reason to end."""
        while not stop.wait(COUNT_EVERY_S):
            try:
                self.count()
                self._away = False
            except Unavailable as error:
                if not self._away:
                    log.warning("frames not counted", extra={"problem": str(error)})
                self._away = True

    def count(self) -> None:
        """One pass. The database is read first: see above."""
        with self._database.read() as connection:
            before = rows_by_camera(connection)
        health = {camera: word for camera, word in self._board.health().items() if self._owns(camera)}
        news = {camera: word for camera, word in health.items() if self._is_news(camera, word)}
        last = [word for word in self._board.last_words() if self._owns(word.camera)]
        if last or any(_worth_writing(before.get(camera, ()), word) for camera, word in news.items()):
            with self._database.write() as connection:
                self._write(connection, news, last)
        self._board.heard(last)
        for camera, word in news.items():
            self._seen[camera] = _Seen(word.at, unanswered(before.get(camera, ())))

    def _is_news(self, camera: str, word: CameraHealth) -> bool:
        seen = self._seen.get(camera)
        return word.epoch > 0 and (seen is None or word.at != seen.health_at)

    def _write(self, connection: sa.Connection, news: dict[str, CameraHealth], last: Sequence[CameraHealth]) -> None:
        rows = rows_by_camera(connection, lock=True)
        said: dict[tuple[str, int], IngestCount] = {}
        drops: list[IngestDrop] = []
        for word in (*news.values(), *last):  # the last word of an epoch comes after the news of it
            if _still_counts(rows.get(word.camera, ()), word):
                drops += _more_dropped(said.get((word.camera, word.epoch)), rows.get(word.camera, ()), word)
                said[word.camera, word.epoch] = IngestCount(word.camera, word.epoch, word.sampled, word.dropped)
        set_ingest_counts(connection, list(said.values()))
        note_ingest_drops(connection, drops)
        rows = rows_by_camera(connection)
        for camera in {*news, *(word.camera for word in last)}:
            self._settle(connection, camera, rows.get(camera, ()))

    def _settle(self, connection: sa.Connection, camera: str, rows: Sequence[EpochRow]) -> None:
        answered = newest_answered(rows)
        if answered is None:
            return
        seen = self._seen.get(camera)
        if seen:
            lost = lost_frames(rows, seen.unanswered)
            elsewhere = sum(row.broker for row in rows if row.epoch != answered.epoch)
            if lost != elsewhere + answered.broker:
                set_broker(connection, camera_id=camera, epoch=answered.epoch, lost=lost - elsewhere)
        over = [row for row in rows if row.epoch < answered.epoch]
        if any(not row.closed for row in over):
            fold(connection, over)


def _still_counts(rows: Sequence[EpochRow], word: CameraHealth) -> bool:
    """Not where more is known already, nor of an epoch that was folded into the sums: it would count twice."""
    here = next((row for row in rows if row.epoch == word.epoch), None)
    if here and _extent(here.sampled, here.ingest_dropped) > _extent(word.sampled, word.dropped):
        return False
    answered = newest_answered(rows)
    if answered is None or word.epoch >= answered.epoch:
        return True
    return word.epoch > max(row.folded_to for row in rows)


def _more_dropped(said: IngestCount | None, rows: Sequence[EpochRow], word: CameraHealth) -> list[IngestDrop]:
    """Than it had said before, of this epoch."""
    here = said or next((row for row in rows if row.epoch == word.epoch), None)
    before: Mapping[str, int] = {}
    if here is not None:
        before = here.dropped if isinstance(here, IngestCount) else here.ingest_dropped
    grown = {reason: count - before.get(reason, 0) for reason, count in word.dropped.items()}
    return [IngestDrop(word.camera, word.at, reason, count) for reason, count in grown.items() if count > 0]


def _extent(sampled: int, dropped: Mapping[str, int]) -> tuple[int, int]:
    """Both only grow within an epoch."""
    return sampled, sum(dropped.values())


def unanswered(rows: Sequence[EpochRow]) -> int:
    """Frames up to the watermark that the answer stream said nothing about."""
    mark = newest_answered(rows)
    if mark is None:
        return 0
    done_with = mark.watermark_seq + sum(max(row.sampled, row.watermark_seq) for row in rows if row.epoch < mark.epoch)
    return done_with - sum(row.answered for row in rows)


def lost_frames(rows: Sequence[EpochRow], unanswered_before: int) -> int:
    """Of those, the ones that ingest, which spoke later, does not know about either; never fewer than known before."""
    ingest_dropped = sum(sum(row.ingest_dropped.values()) for row in rows)
    before = sum(row.broker for row in rows)
    known = sum_up(rows)
    missing = known.in_flight + known.dropped.get("broker", 0)
    return min(max(before, unanswered_before - ingest_dropped), missing)


def _worth_writing(rows: Sequence[EpochRow], word: CameraHealth) -> bool:
    """A camera that stands still costs no commit."""
    here = next((row for row in rows if row.epoch == word.epoch), None)
    return here is None or (here.sampled, dict(here.ingest_dropped)) != (word.sampled, word.dropped) or unsettled(rows)


def unsettled(rows: Sequence[EpochRow]) -> bool:
    """Something is missing that may turn out to be lost, or an epoch may be over."""
    return sum_up(rows).in_flight > 0 or sum(not row.closed for row in rows) > 1
