"""Whether a picture says anything that the last one sent did not.

Takes: views with their scenes.
Gives: the seq that a picture equals, or None where it must be sent.
Knows nothing about: the bus, what the pictures show.

A doubt sends: a picture too many costs a millisecond, a person missed costs the alert."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from contracts.messages import Scene
from ingest.view import View

REFRESH_S = 10.0
#: pixels of a 320-wide view, within one window, that may differ
_PIXELS = 6
_WINDOW = 15
_BLOCK = 8


@dataclass(frozen=True, slots=True)
class _Sent:
    seq: int
    at: datetime
    view: View
    scene: Scene


class Gate:
    """One camera's; only what the bus took is `sent`."""

    def __init__(self) -> None:
        self._sent: _Sent | None = None

    def same_as(self, view: View, scene: Scene, noise: float, at: datetime) -> int | None:
        """None: send it."""
        sent = self._sent
        if sent is None or not 0.0 <= (at - sent.at).total_seconds() < REFRESH_S:
            return None
        if _flags(scene) != _flags(sent.scene) or view.smooth.shape != sent.view.smooth.shape:
            return None
        return None if _differ(view, sent.view, noise) else sent.seq

    def sent(self, seq: int, view: View, scene: Scene, at: datetime) -> None:
        """The bus took this picture; the next ones are compared with it."""
        self._sent = _Sent(seq, at, view, scene)

    def forget(self) -> None:
        """The bus may have lost the last one: send the next."""
        self._sent = None


def _flags(scene: Scene) -> tuple[bool, ...]:
    seen = (bool(scene.moving), bool(scene.foreground))
    return (scene.dark, scene.covered, scene.frozen, scene.warm, *seen)


def _differ(view: View, other: View, noise: float) -> bool:
    """Some pixels by much (a small thing), or a block by little (a faint one)."""
    import cv2

    difference = np.asarray(cv2.absdiff(view.smooth, other.smooth), np.uint8)
    _, strong = cv2.threshold(difference, max(9.0, 3.0 + 5.0 * noise), 1, cv2.THRESH_BINARY)
    if cv2.boxFilter(strong, cv2.CV_16S, (_WINDOW, _WINDOW), normalize=False).max() >= _PIXELS:
        return True
    height, width = difference.shape
    blocks = cv2.resize(
        difference, (max(1, width // _BLOCK), max(1, height // _BLOCK)), interpolation=cv2.INTER_AREA
    )
    return bool(blocks.max() > max(4.0, 2.0 + 3.0 * noise))
