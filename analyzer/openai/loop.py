"""An event loop whose time stands still while it does not run.

Takes: a clock.
Gives: the loop of one engine.
Knows nothing about: servers.

It runs only while a batch is asked about. A server's proof may take longer than that and goes on with the next batch;
counted by the wall, the pause between two batches would use its time up, and a slow server would never be proven."""

import asyncio
import time
from collections.abc import Callable


class StoppableLoop(asyncio.SelectorEventLoop):
    """Its `time` counts what it ran; rests and pauses of servers are counted by a clock of their own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stood_still_s = 0.0
        self._stopped_at: float | None = clock()
        super().__init__()

    def time(self) -> float:
        """Seconds, from anywhere."""
        now = self._clock() if self._stopped_at is None else self._stopped_at
        return now - self._stood_still_s

    def run_forever(self) -> None:
        """Until it is stopped."""
        if self._stopped_at is not None:
            self._stood_still_s += self._clock() - self._stopped_at
            self._stopped_at = None
        try:
            super().run_forever()
        finally:
            self._stopped_at = self._clock()
