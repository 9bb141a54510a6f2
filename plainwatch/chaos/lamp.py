"""Footage for cameras under fire: a yard whose lamp goes out and on again, again and again.

Takes: nothing.
Gives: Footage of five seconds, the same at every run.
Knows nothing about: serving, rules."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from plainwatch.simulator import Footage
from plainwatch.simulator.footage import Bgr
from plainwatch.simulator.scene import scene_picture

FPS = Fraction(8)
#: of the simulator's scene, at which nobody is there
_EMPTY_FROM_S = 20.5
#: in frames; together a multiple of a keyframe interval, for two that are close to each other are sampled as one
_LIT, _DARK, _LIT_AGAIN = 8, 16, 16


def lamp_that_fails() -> Footage:
    """640x360; each lap is an event of its own: dark long enough to be seen, lit long enough to end it."""
    return Footage(FPS, 640, 360, _frames)


def _frames() -> Iterator[Bgr]:
    for number in range(_LIT + _DARK + _LIT_AGAIN):
        picture = scene_picture(_EMPTY_FROM_S + number % 24 / 8, noise_seed=number)
        is_dark = _LIT <= number < _LIT + _DARK
        yield np.asarray(picture * np.float32(0.03) + np.float32(3.0), np.uint8) if is_dark else picture
