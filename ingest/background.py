"""What the camera sees when nothing happens, learnt and slowly relearnt.

Takes: smoothed views with their times.
Gives: the mask of what does not belong to the background; None while it learns.
Knows nothing about: what the foreground is."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from ingest.view import Gray

_LEARN_PICTURES = 6
_LEARN_S = 3.0
_LEARN_PICTURES_MIN = 3
#: the background follows daylight with this time constant
_FOLLOW_S = 15.0
#: what stays for so long belongs to the background from then on
ABSORB_S = 150.0
#: more than this changing at once is light, or another view: begin anew
_RELEARN_PART = 0.6
#: so much that exposure does not explain while everything changed: a lamp, which lights unevenly
_UNEVEN_PART = 0.25
#: levels of 255
_TOLERANCE = 14.0
_SHIFT_MAX = 40.0
_GAIN_MAX = 0.3
#: of a 320-wide view: the camera may sway by one pixel to each side; with two, a bag on the ground is lost
_SWAY = 3
#: after so long a still foreground is looked at again: is it a thing, or the hole that one left?
_GHOST_S = 3.0
_GHOST_EVERY = 4
_GHOST_EDGES = 0.5
_GHOST_STILL = 0.7


@dataclass(slots=True)
class _Learnt:
    level: npt.NDArray[np.float32]
    age_s: npt.NDArray[np.float32]
    at: datetime


class Background:
    """One camera's; a change of the picture's size begins anew."""

    def __init__(self) -> None:
        self._seen: list[tuple[datetime, Gray]] = []
        self._learnt: _Learnt | None = None
        self._compared = 0

    def compare(self, smooth: Gray, noise: float, at: datetime) -> Gray | None:
        """255 where the picture differs from the background, and the background has learnt from it."""
        learnt = self._learnt
        if learnt is None or learnt.level.shape != smooth.shape:
            self._learn(smooth, at)
            return None
        levels = learnt.level[::4, ::4]
        changes = smooth[::4, ::4] - levels
        away = _outside(smooth, _exposed(learnt.level, levels, changes), max(_TOLERANCE, 4.0 + 8.0 * noise))
        part, raw_part = float(away.mean()), float((np.abs(changes) > _TOLERANCE).mean())
        if part > _RELEARN_PART or (part > _UNEVEN_PART and raw_part > _RELEARN_PART):
            self._learnt, self._seen = None, []
            self._learn(smooth, at)
            return None
        _follow(learnt, smooth, away, at)
        self._compared += 1
        if self._compared % _GHOST_EVERY == 0:
            _drop_ghosts(learnt, smooth, away)
        mask: Gray = away.astype(np.uint8) * np.uint8(255)
        return mask

    def learnt(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], datetime] | None:
        """(levels, ages in seconds of what stands before them, when); None while it learns."""
        return (self._learnt.level, self._learnt.age_s, self._learnt.at) if self._learnt else None

    def recall(self, level: npt.NDArray[np.float32], age_s: npt.NDArray[np.float32], at: datetime) -> None:
        """Goes on from what another process has learnt."""
        self._learnt = _Learnt(level, age_s, at)

    def _learn(self, smooth: Gray, at: datetime) -> None:
        if self._seen and self._seen[-1][1].shape != smooth.shape:
            self._seen = []
        self._seen.append((at, smooth))
        long_enough = (at - self._seen[0][0]).total_seconds() >= _LEARN_S and len(self._seen) >= _LEARN_PICTURES_MIN
        if len(self._seen) >= _LEARN_PICTURES or long_enough:
            level = np.median(np.stack([picture for _, picture in self._seen]), axis=0).astype(np.float32)
            self._learnt = _Learnt(level, np.zeros_like(level), at)
            self._seen = []


def _follow(learnt: _Learnt, smooth: Gray, away: npt.NDArray[np.bool_], at: datetime) -> None:
    """Background pixels drift towards the picture; foreground pixels wait until they have stayed long enough."""
    import cv2

    elapsed_s = min(max((at - learnt.at).total_seconds(), 0.0), 5.0)
    learnt.at = at
    learnt.age_s += np.float32(elapsed_s)
    learnt.age_s *= away
    share = 1.0 - float(np.exp(-elapsed_s / _FOLLOW_S))
    cv2.accumulateWeighted(smooth, learnt.level, share, mask=(~away).view(np.uint8))
    absorbed = learnt.age_s > ABSORB_S
    learnt.level[absorbed] = smooth[absorbed]


def _outside(smooth: Gray, expected: Gray, tolerance: float) -> npt.NDArray[np.bool_]:
    """Darker or brighter than everything near: a mast that sways moves edges by pixels, which is no foreground."""
    import cv2

    near = np.ones((_SWAY, _SWAY), np.uint8)
    above = np.asarray(cv2.subtract(smooth, cv2.dilate(expected, near)))
    below = np.asarray(cv2.subtract(cv2.erode(expected, near), smooth))
    outside: npt.NDArray[np.bool_] = np.maximum(above, below) > tolerance
    return outside


def _exposed(level: npt.NDArray[np.float32], levels: npt.NDArray[np.float32], changes: npt.NDArray[np.float32]) -> Gray:
    """The background as the camera's exposure shows it now: a change that grows with the level, or one of all levels.

    It is taken from the medians of the dim and of the bright half, which a few moving things do not shift."""
    import cv2

    dim = levels <= np.median(levels)
    low, at_low, slope = 0.0, float(np.median(changes)), 0.0
    if not dim.all():
        low, at_low = float(np.median(levels[dim])), float(np.median(changes[dim]))
        at_high, span = float(np.median(changes[~dim])), float(np.median(levels[~dim])) - low
        slope = float(np.clip((at_high - at_low) / max(span, 16.0), -_GAIN_MAX, _GAIN_MAX))
    every = np.arange(256)
    table = every + np.clip(at_low + slope * (every - low), -_SHIFT_MAX, _SHIFT_MAX)
    return np.asarray(cv2.LUT(cv2.convertScaleAbs(level), np.clip(np.rint(table), 0, 255).astype(np.uint8)), np.uint8)


def _drop_ghosts(learnt: _Learnt, smooth: Gray, away: npt.NDArray[np.bool_]) -> None:
    """Where a car left that was learnt as background, the hole's border has edges there, and none in the picture."""
    import cv2

    still = learnt.age_s >= _GHOST_S
    if not still.any():
        return
    new = away.astype(np.uint8)
    count, labels = cv2.connectedComponents(new)
    size = np.bincount(labels.ravel(), minlength=count)
    stood = np.bincount(labels[still], minlength=count)
    inner = cv2.erode(new, np.ones((5, 5), np.uint8))
    outer = cv2.dilate(labels.astype(np.uint16), np.ones((5, 5), np.uint8))
    border = np.where(inner > 0, 0, outer).ravel()
    now, before = (
        np.bincount(border, weights=_edges(picture).ravel(), minlength=count)
        for picture in (smooth.astype(np.float32), learnt.level)
    )
    ghosts = (now < _GHOST_EDGES * before) & (stood > _GHOST_STILL * size)
    ghosts[0] = False
    hole = ghosts[labels]
    learnt.level[hole] = smooth[hole]
    learnt.age_s[hole] = 0.0
    away[hole] = False


def _edges(picture: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    import cv2

    across, down = cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)
    return np.asarray(np.abs(across) + np.abs(down), np.float32)
