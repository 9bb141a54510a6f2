"""The decision ledger, as it is written: with every batch, and made smaller afterwards.

Takes: entries of each batch; how long and how much may be kept.
Gives: Notebook, which writes into the batch's own transaction; LedgerKeeper, which makes hours whole and drops the old.
Knows nothing about: what an entry says.

A camera's entries of about a minute become a block. Not all cameras' at once: a commit that has to make many blocks
would hold up the alerts of all of them."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from contracts.errors import Unavailable
from contracts.service import Stop
from contracts.settings import Settings
from store.database import Database
from store.decision_block import Entry, Noted, append
from store.decisions import (
    JournalRow,
    add_block,
    add_to_journal,
    drop_journal,
    drop_left_over,
    drop_old,
    drop_oldest,
    kept_bytes,
    make_whole,
    whole_hours,
)

log = logging.getLogger(__name__)

BLOCK_LASTS = timedelta(seconds=60)
#: a busy camera's minute may hold no more
BLOCK_ENTRIES = 500
BLOCKS_A_COMMIT = 8
KEEP_EVERY_S = 5.0
HOURS_A_TURN = 20
#: what is late for its hour may still come
_SETTLED_AFTER = timedelta(minutes=5)
_PRUNE_EVERY = timedelta(minutes=1)
_LEFT_OVER_AFTER = timedelta(hours=1)
#: at its bound a camera gives up a little more than it must
_ROOM_MADE = 0.95


@dataclass(slots=True)
class _Page:
    """What stands only in the journal of one camera; `first`: the oldest row that is needed for it."""

    first: int
    begun_at: datetime
    last: int
    entries: list[Entry] = field(default_factory=list)

    def is_due(self, now: datetime) -> bool:
        return abs(now - self.begun_at) >= BLOCK_LASTS or len(self.entries) >= BLOCK_ENTRIES


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch's entries inside its transaction; true once that is committed."""

    row: int | None
    noted: tuple[Noted, ...]
    blocks: tuple[str, ...]


class Notebook:
    """One shard's, begun anew with every lease."""

    def __init__(self, shard: int) -> None:
        self._shard = shard
        self._pages: dict[str, _Page] = {}

    def open(self, rows: Iterable[JournalRow], held: dict[str, int], owns: Callable[[str], bool]) -> None:
        """What was noted before this worker came, and stands in no block yet."""
        self._pages = {}
        for row in rows:
            for camera, entry in row.noted:
                if owns(camera) and row.id > held.get(camera, 0):
                    self._note(row.id, camera, entry, row.at)

    def is_due(self, now: datetime) -> bool:
        """Whether there is something to do without anything new."""
        return any(page.is_due(now) for page in self._pages.values())

    def write(self, connection: sa.Connection, noted: Sequence[Noted], now: datetime) -> Written:
        """Inside the batch's transaction."""
        due = [(camera, page) for camera, page in self._pages.items() if page.is_due(now)][:BLOCKS_A_COMMIT]
        for camera, page in due:
            add_block(connection, camera, page.entries, upto=page.last)
        row = add_to_journal(connection, noted, shard=self._shard, now=now) if noted else None
        if due:
            made = {camera for camera, _ in due}
            needed = [page.first for camera, page in self._pages.items() if camera not in made]
            newest = max(page.last for _, page in due) + 1
            drop_journal(connection, shard=self._shard, below=min(needed, default=row or newest))
        return Written(row, tuple(noted), tuple(camera for camera, _ in due))

    def turn(self, written: Written, now: datetime) -> None:
        """It was committed."""
        for camera in written.blocks:
            del self._pages[camera]
        if written.row is not None:
            for camera, entry in written.noted:
                self._note(written.row, camera, entry, now)

    def _note(self, row: int, camera: str, entry: Entry, now: datetime) -> None:
        page = self._pages.setdefault(camera, _Page(row, now, row))
        page.last = row
        append(page.entries, entry)


@dataclass(frozen=True, slots=True)
class LedgerBounds:
    """`hours` 0: nothing is noted, and what was is dropped. `most_bytes` is shared out evenly among the cameras."""

    hours: float = 72.0
    most_bytes: int = 500 << 20

    @classmethod
    def of(cls, settings: Settings) -> "LedgerBounds":
        """As the deployment decides."""
        return cls(settings.ledger_hours, settings.ledger_mb << 20)


class LedgerKeeper:
    """One per process; `run` in a thread of its own. `owns`: whose cameras are ours, so that two do not do it twice."""

    def __init__(
        self,
        database: Database,
        bounds: LedgerBounds,
        *,
        shards: int,
        owns: Callable[[str], bool],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._bounds = bounds
        self._shards = shards
        self._owns = owns
        self._clock = clock
        self._pruned_at: datetime | None = None
        self._problem = ""

    def run(self, stop: Stop) -> None:
        """Until it is time to end; the database being away is no reason to."""
        while not stop.wait(KEEP_EVERY_S):
            try:
                self.turn()
                self._problem = ""
            except Unavailable as error:
                if str(error) != self._problem:
                    log.warning("ledger not kept", extra={"problem": str(error)})
                self._problem = str(error)

    def turn(self) -> None:
        """One pass; what is left over is done in the next. Raises Unavailable."""
        now = self._clock()
        with self._database.read() as connection:
            hours = whole_hours(connection, before=now - _SETTLED_AFTER, most=HOURS_A_TURN)
        for camera, hour_ms in hours:
            if self._owns(camera):
                with self._database.write() as connection:
                    make_whole(connection, camera, hour_ms)
        if self._pruned_at is None or abs(now - self._pruned_at) >= _PRUNE_EVERY:
            self._prune(now)
            self._pruned_at = now

    def _prune(self, now: datetime) -> None:
        with self._database.write() as connection:
            drop_old(connection, before=now - timedelta(hours=self._bounds.hours))
            drop_left_over(connection, shards=self._shards, before=now - _LEFT_OVER_AFTER)
            kept = kept_bytes(connection)
            if sum(kept.values()) <= self._bounds.most_bytes:
                return
            fair = self._bounds.most_bytes // len(kept)
            for camera, size_bytes in kept.items():
                if size_bytes > fair:
                    drop_oldest(connection, camera, size_bytes=size_bytes - int(fair * _ROOM_MADE))
