"""A clip that can be sent while it is still being encoded.

Takes: Footage, or access units that are there already.
Gives: its groups of pictures by number, kept for the next client and the next lap.
Knows nothing about: sockets, clients, event loops.

A thread encodes a bounded number of groups ahead of the furthest one that anybody asked for."""

import logging
import threading
from fractions import Fraction
from pathlib import Path

import av

from plainwatch.simulator.encode import (
    AccessUnits,
    Gop,
    encoded_gops,
    gop_start,
    keyframe_interval,
    parameter_sets,
)
from plainwatch.simulator.footage import Footage, file_footage

log = logging.getLogger(__name__)

_GOPS_AHEAD = 6


class Clip:
    """Safe to share between mounts and threads. Every group stays in memory: 640x360 at 0.5 Mbit/s is 4 MB a minute."""

    def __init__(self, footage: Footage, *, keyframe_every_s: float = 0.5) -> None:
        self.fps = footage.fps
        self.width = footage.width
        self.height = footage.height
        self.keyframe_every_s = keyframe_interval(keyframe_every_s)
        self._encoded = encoded_gops(footage, self.keyframe_every_s)
        self._gops: list[Gop] = []
        self._wanted = 0
        self._complete = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @classmethod
    def of_file(cls, path: Path, *, keyframe_every_s: float = 0.5, fps: float | None = None) -> "Clip":
        """A video file at its own rate, or at `fps`."""
        return cls(file_footage(path, fps=fps), keyframe_every_s=keyframe_every_s)

    @classmethod
    def of_units(cls, encoded: AccessUnits) -> "Clip":
        """Access units that `encode_clip` made; no thread is needed."""
        footage = Footage(encoded.fps, encoded.width, encoded.height, lambda: iter(()))
        clip = cls(footage, keyframe_every_s=float(encoded.keyframe_every_s))
        starts = [number for number, unit in enumerate(encoded.units) if unit.is_key]
        ends = [*starts[1:], len(encoded.units)]
        clip._gops = [encoded.units[start:end] for start, end in zip(starts, ends, strict=True)]
        clip._complete = True
        return clip

    @property
    def gop_count(self) -> int | None:
        """None while the encoder has not seen the end."""
        return len(self._gops) if self._complete else None

    @property
    def frame_count(self) -> int | None:
        """None while the encoder has not seen the end."""
        return sum(len(gop) for gop in self._gops) if self._complete else None

    @property
    def is_broken(self) -> bool:
        """The end was reached without one picture."""
        return self._complete and not self._gops

    def start_frame(self, gop: int) -> int:
        """The number of the first frame of this group, counted from the start of the clip."""
        return gop_start(gop, self.fps, self.keyframe_every_s)

    def gop_at(self, frame: int) -> int:
        """The first group that begins at or after this frame."""
        index = int(frame / max(Fraction(1), self.fps * self.keyframe_every_s))
        while self.start_frame(index) < frame:
            index += 1
        return index

    def gop(self, index: int) -> Gop | None:
        """None while it is not encoded yet (asking sets the encoder to work), and beyond the end."""
        with self._changed:
            self._want(index)
            return self._gops[index] if index < len(self._gops) else None

    def wait_for(self, index: int, timeout_s: float) -> Gop | None:
        """The same, waiting for the encoder; for threads."""
        with self._changed:
            self._want(index)
            self._changed.wait_for(lambda: self._complete or index < len(self._gops), timeout_s)
            return self._gops[index] if index < len(self._gops) else None

    def parameter_sets(self) -> tuple[bytes, bytes] | None:
        """(SPS, PPS), or None while the first group is not encoded."""
        first = self.gop(0)
        return parameter_sets(first[0].data) if first else None

    def _want(self, index: int) -> None:
        self._wanted = max(self._wanted, index)
        if self._thread is None and self._has_work():
            # Not a daemon: an interpreter that ends while x264 runs may crash; at most a few groups are waited for.
            self._thread = threading.Thread(target=self._encode, name="simulator-encoder")
            self._thread.start()

    def _has_work(self) -> bool:
        return not self._complete and len(self._gops) <= self._wanted + _GOPS_AHEAD

    def _encode(self) -> None:
        """Until far enough ahead; the next question starts another thread, so that an idle clip keeps none."""
        while True:
            gop = self._next_gop()
            with self._changed:
                if gop is None:
                    self._complete = True
                else:
                    self._gops.append(gop)
                self._changed.notify_all()
                if not self._has_work():
                    self._thread = None
                    return

    def _next_gop(self) -> Gop | None:
        try:
            return next(self._encoded, None)
        except av.error.FFmpegError as error:
            # A damaged tail: what was decoded before it is the clip.
            log.warning("clip ended early", extra={"reason": error.strerror, "gops": len(self._gops)})
            return None
