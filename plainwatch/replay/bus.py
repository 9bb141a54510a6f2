"""A frame bus inside one process that loses nothing: who puts waits until there is room.

Takes: Keyframe and Unchanged from one pipeline.
Gives: the same, in order, to one reader; the end where the pipeline ends.
Knows nothing about: pictures, questions. The bus of a running site forgets old frames instead of waiting."""

import queue
import threading
from collections.abc import Iterator

from contracts.bus import Put
from contracts.messages import BusMessage

#: enough that reading and looking seldom wait for each other, and few JPEGs in memory
ROOM = 8
_LOOK_S = 0.2


class LosslessBus:
    """One writer, one reader, each in its own thread; `end` belongs to the writer, `close` to the reader."""

    def __init__(self, room: int = ROOM) -> None:
        self._frames: queue.Queue[BusMessage | None] = queue.Queue(room)
        self._closed = threading.Event()

    def put(self, message: BusMessage) -> Put:
        """Waits for room. `fenced`: nobody reads any more."""
        return Put(fenced=not self._offer(message))

    def end(self) -> None:
        """Nothing more will come."""
        self._offer(None)

    def close(self) -> None:
        """Nothing more is wanted; whoever waits to put is let go."""
        self._closed.set()

    def messages(self) -> Iterator[BusMessage]:
        """Until the end; call it once."""
        while not self._closed.is_set():
            try:
                message = self._frames.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
            if message is None:
                return
            yield message

    def _offer(self, message: BusMessage | None) -> bool:
        while not self._closed.is_set():
            try:
                self._frames.put(message, timeout=_LOOK_S)
            except queue.Full:
                continue
            return True
        return False
