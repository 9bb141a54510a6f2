"""A camera's pixel history: what moves, what is new, and whether the camera still sees.

Takes: views with their times.
Gives: Scene for each.
Knows nothing about: codecs, rules, what the pixels show."""

import zlib
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from contracts.messages import Scene
from ingest.background import Background
from ingest.blobs import Blobs, blobs
from ingest.memory import Memory, pack, unpack
from ingest.view import Gray, View

_FROZEN_LIVE_S = 5.0
#: a rendered or looped file may stand still rightly
_FROZEN_FILE_S = 10.0
_DARK = 28.0
_DARK_AT_MOST = 60.0
_DARK_DROP = 0.35
_COVERED_DROP = 0.35
_COVERED_PICTURES = 2
#: pictures before the usual brightness and detail are known
_USUAL_AFTER = 3
_USUAL_S = 60.0


@dataclass(slots=True)
class _Usual:
    """A level that follows slowly, so that a sudden loss shows."""

    level: float = 0.0
    pictures: int = 0

    @property
    def is_known(self) -> bool:
        return self.pictures >= _USUAL_AFTER

    def follow(self, value: float, elapsed_s: float) -> None:
        share = 1.0 / (self.pictures + 1) if not self.is_known else 1.0 - float(np.exp(-elapsed_s / _USUAL_S))
        self.level += share * (value - self.level)
        self.pictures += 1


class SceneHistory:
    """One camera's; it outlives reconnects, since the view does."""

    def __init__(self, *, is_live: bool) -> None:
        self._frozen_after_s = _FROZEN_LIVE_S if is_live else _FROZEN_FILE_S
        self._background = Background()
        self._before: View | None = None
        self._before_at: datetime | None = None
        self._still_since: datetime | None = None
        self._bright = _Usual()
        self._detail = _Usual()
        self._covered_pictures = 0
        #: mean difference of two pictures where nothing moves, in levels
        self.noise = 1.0

    def look(self, view: View, at: datetime) -> Scene:
        """The scene at this picture."""
        elapsed_s = max(0.0, (at - self._before_at).total_seconds()) if self._before_at else 0.0
        moved = self._moved(view)
        away = self._background.compare(view.smooth, self.noise, at)
        new = blobs(away) if away is not None else Blobs(0.0, ())
        mean = float(view.gray.mean())
        dark = self._is_dark(mean, elapsed_s)
        scene = Scene(
            brightness=round(mean / 255, 3),
            motion=moved.part if away is not None else 0.0,
            moving=moved.boxes if away is not None else (),
            foreground=new.boxes,
            dark=dark,
            covered=self._is_covered(view.gray, mean, elapsed_s),
            frozen=self._is_frozen(view.sparse, at),
            warm=away is not None,
        )
        self._before, self._before_at = view, at
        return scene

    def memory(self) -> Memory | None:
        """What a successor needs to go on; None while the background is being learnt."""
        learnt = self._background.learnt()
        if learnt is None:
            return None
        level, age_s, at = learnt
        bright, detail = ((usual.level, usual.pictures) for usual in (self._bright, self._detail))
        height, width = level.shape
        return Memory(at, height, width, pack(level), pack(age_s), bright, detail, self.noise)

    def recall(self, memory: Memory) -> None:
        """Goes on where another process was killed. A memory that does not unpack is none."""
        try:
            level = unpack(memory.level, memory.height, memory.width)
            age_s = unpack(memory.age_s, memory.height, memory.width)
        except (ValueError, zlib.error):
            return
        self._background.recall(level, age_s, memory.at)
        self._bright, self._detail = _Usual(*memory.bright), _Usual(*memory.detail)
        self.noise = memory.noise

    def _moved(self, view: View) -> Blobs:
        import cv2

        if self._before is None or self._before.smooth.shape != view.smooth.shape:
            return Blobs(0.0, ())
        difference = np.asarray(cv2.absdiff(view.smooth, self._before.smooth), np.uint8)
        quiet = difference[difference < 12]
        if quiet.size > difference.size // 4:
            self.noise += 0.2 * (float(quiet.mean()) - self.noise)
        _, mask = cv2.threshold(difference, max(10.0, 3.0 + 6.0 * self.noise), 255, cv2.THRESH_BINARY)
        return blobs(np.asarray(mask, np.uint8))

    def _is_dark(self, mean: float, elapsed_s: float) -> bool:
        """Dark in itself, or since the light went out."""
        dropped = self._bright.is_known and mean < _DARK_AT_MOST and mean < _DARK_DROP * self._bright.level
        if not dropped:
            self._bright.follow(mean, elapsed_s)
        return dropped or mean < _DARK

    def _is_covered(self, gray: Gray, mean: float, elapsed_s: float) -> bool:
        """Detail relative to brightness: a lamp that goes out takes both away, a cloth only the detail."""
        import cv2

        around = np.asarray(cv2.blur(gray, (9, 9)), np.uint8)
        detail = float(cv2.absdiff(gray, around).mean()) / (mean + 10.0)
        if not self._detail.is_known or detail >= _COVERED_DROP * self._detail.level:
            self._covered_pictures = 0
            self._detail.follow(detail, elapsed_s)
            return False
        self._covered_pictures += 1
        return self._covered_pictures >= _COVERED_PICTURES

    def _is_frozen(self, sparse: Gray, at: datetime) -> bool:
        same = self._before is not None and np.array_equal(self._before.sparse, sparse)
        if not same or self._still_since is None:
            self._still_since = at
        return (at - self._still_since).total_seconds() >= self._frozen_after_s
