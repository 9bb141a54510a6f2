"""Frames a second and the keyframe interval, measured while the stream runs.

Takes: each packet's time and whether it is a keyframe.
Gives: StreamFacts' figures over the last seconds.
Knows nothing about: codecs, sockets."""

from collections import deque

_FPS_WINDOW = 120
_KEYFRAMES = 8
_LEAP_S = 60.0


class Rates:
    """Written by the reading thread; figures may be read by any."""

    def __init__(self) -> None:
        self.packets = 0
        self.fps: float | None = None
        self.keyframe_interval_s: float | None = None
        self._times_s: deque[float] = deque(maxlen=_FPS_WINDOW)
        self._gaps_s: deque[float] = deque(maxlen=_KEYFRAMES)
        self._last_keyframe_s: float | None = None

    def note(self, at_s: float, is_keyframe: bool) -> None:
        """Times that leap begin the measurement anew."""
        self.packets += 1
        if self._times_s and not -1.0 < at_s - self._times_s[-1] < _LEAP_S:
            self._times_s.clear()
            self._last_keyframe_s = None
        self._times_s.append(at_s)
        span_s = max(self._times_s[-1], self._times_s[0]) - self._times_s[0]
        if len(self._times_s) > 2 and span_s > 0.5:
            self.fps = round((len(self._times_s) - 1) / span_s, 2)
        self._note_keyframe(at_s, is_keyframe)

    def _note_keyframe(self, at_s: float, is_keyframe: bool) -> None:
        since_s = at_s - self._last_keyframe_s if self._last_keyframe_s is not None else 0.0
        if is_keyframe and since_s > 0:
            self._gaps_s.append(since_s)
        if is_keyframe:
            self._last_keyframe_s = at_s
        mean_s = sum(self._gaps_s) / len(self._gaps_s) if self._gaps_s else 0.0
        # While no keyframe comes, the time since the last one is a lower bound of the interval.
        longest_s = max(mean_s, since_s if since_s > 2.0 else 0.0)
        if longest_s:
            self.keyframe_interval_s = round(longest_s, 3)
