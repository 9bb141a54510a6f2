"""What the workers say of themselves, read so that the API answers also while Redis is away.

Takes: the board, the current time.
Gives: LiveView: cameras' health, engines, signs of life; or why there is none.
Knows nothing about: HTTP, the database."""

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.board import Board
from contracts.errors import Unavailable
from contracts.messages import CameraHealth, Capabilities, WorkerBeat

log = logging.getLogger(__name__)

#: every call to a stopped Redis costs its socket timeout; so after a failure nobody asks for a moment
ASK_AGAIN_AFTER = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class LiveView:
    """One reading of the board. `away` says why it is empty, and is empty itself while Redis answers."""

    health: dict[str, CameraHealth] = field(default_factory=dict)
    capabilities: tuple[Capabilities, ...] = ()
    beats: tuple[WorkerBeat, ...] = ()
    away: str = ""

    def alive(self, room: str) -> int:
        """How many workers of a room give signs of life."""
        return sum(beat.room == room for beat in self.beats)


class LiveBoard:
    """Shared by all requests; remembers only that Redis was away a moment ago."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._lock = threading.Lock()
        self._away_until: datetime | None = None
        self._why = ""

    def view(self, now: datetime) -> LiveView:
        """Never raises Unavailable."""
        with self._lock:
            if self._away_until is not None and now < self._away_until:
                return LiveView(away=self._why)
        try:
            view = LiveView(self.board.health(), self.board.capabilities(now=now), self.board.beats(now=now))
        except Unavailable as error:
            log.warning("board not read", extra={"problem": str(error)})
            with self._lock:
                self._away_until, self._why = now + ASK_AGAIN_AFTER, str(error)
            return LiveView(away=str(error))
        with self._lock:
            self._away_until = None
        return view
