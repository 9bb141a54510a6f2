"""The count that nothing may escape: every sampled frame has a number, every lost one a reason.

Takes: one call for each sampled frame, and one for each loss.
Gives: the next seq; totals of this epoch.
Knows nothing about: why frames are lost."""

import threading

from contracts.messages import DropReason


class Tally:
    """One camera's, for one epoch; the totals may be read from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sampled = 0
        self._dropped: dict[str, int] = {}

    def next_seq(self) -> int:
        """Counts a sampled frame; the first one of an epoch is 1."""
        with self._lock:
            self._sampled += 1
            return self._sampled

    def drop(self, reason: DropReason, count: int = 1) -> None:
        """Frames that got a seq and will get no answer."""
        if count:
            with self._lock:
                self._dropped[reason] = self._dropped.get(reason, 0) + count

    def totals(self) -> tuple[int, dict[str, int]]:
        """(sampled, dropped by reason), of one moment."""
        with self._lock:
            return self._sampled, dict(self._dropped)
