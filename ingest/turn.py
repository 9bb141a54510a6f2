"""One thread's turn at reading a camera, and how long its silence is borne.

Takes: signs of progress from the thread.
Gives: whether the turn is over; what is wrong with its silence.
Knows nothing about: health, the bus."""

import threading

from contracts.errors import SourceUnreachable
from contracts.site import Sampling
from ingest.source import Clock, Limits, Source, StreamFacts

#: packets come but no picture: before the first one, and after it where the keyframe interval is not known yet
_FIRST_PICTURE_S = 20.0
_NEXT_PICTURE_S = 90.0


class Turn:
    """Ended from outside at any time: what the thread does afterwards counts for nothing."""

    def __init__(self, clock: Clock, limits: Limits, sampling: Sampling) -> None:
        self._clock = clock
        self._limits = limits
        self._sampling = sampling
        self._over = threading.Event()
        self._source: Source | None = None
        self._opening_s: float | None = None
        self._packets = (0, 0.0)
        self._picture_s = 0.0
        self._picture_patience_s = _FIRST_PICTURE_S

    @property
    def is_over(self) -> bool:
        """Whether the thread must let go."""
        return self._over.is_set()

    def wait(self, seconds: float) -> bool:
        """True where the turn ended meanwhile."""
        return self._over.wait(seconds)

    def end(self) -> None:
        """From any thread; never waits."""
        self._over.set()
        source = self._source
        if source is not None:
            source.close()

    def opening(self) -> None:
        """The thread asks the camera now."""
        self._opening_s = self._clock.monotonic_s()

    def opened(self, source: Source) -> None:
        """The camera answered."""
        now_s = self._clock.monotonic_s()
        self._packets, self._picture_s, self._picture_patience_s = (0, now_s), now_s, _FIRST_PICTURE_S
        self._source = source
        self._opening_s = None
        if self.is_over:
            source.close()

    def saw_picture(self) -> None:
        """The next picture may take three keyframe intervals."""
        self._picture_s = self._clock.monotonic_s()
        interval_s = self.facts().keyframe_interval_s
        patience_s = _NEXT_PICTURE_S if interval_s is None else min(3 * interval_s, _NEXT_PICTURE_S)
        self._picture_patience_s = max(_FIRST_PICTURE_S, patience_s, 3 * self._sampling.every_s)

    def let_go(self) -> None:
        """The thread reads nothing now."""
        self._source, self._opening_s = None, None

    def facts(self) -> StreamFacts:
        """Of the open source; empty where none is."""
        source = self._source
        return source.facts() if source is not None else StreamFacts()

    def stall(self) -> SourceUnreachable | None:
        """Decoded pictures count, not liveness: after a reconnect a stream may go on and show nothing."""
        now_s = self._clock.monotonic_s()
        opening_s = self._opening_s
        if opening_s is not None:
            return self._late_opening(now_s - opening_s)
        if self._source is None:
            return None
        packets = self.facts().packets
        if packets != self._packets[0]:
            self._packets = (packets, now_s)
        silent_s, blind_s = now_s - self._packets[1], now_s - self._picture_s
        if silent_s > 2 * self._limits.read_timeout_s + 2.0:
            return SourceUnreachable(f"no pictures: no data for {silent_s:.0f} s", "check its network, power and load")
        if blind_s > self._picture_patience_s:
            return SourceUnreachable(
                f"no pictures: no usable keyframe for {blind_s:.0f} s, though data comes",
                "set the camera's keyframe interval (GOP) to 1-2 s",
            )
        return None

    def _late_opening(self, seconds: float) -> SourceUnreachable | None:
        if seconds <= 2 * self._limits.open_timeout_s + self._limits.read_timeout_s + 2.0:
            return None
        return SourceUnreachable(f"no pictures: opening hangs for {seconds:.0f} s", "restart the camera")
