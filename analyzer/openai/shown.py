"""Two pictures that no model can take for one another, drawn anew at each start.

Takes: a seed.
Gives: two JPEGs of one size, so that a mix-up cannot be noticed by the size.
Knows nothing about: servers."""

import numpy as np
import simplejpeg

SIDE = 224


def two_pictures(seed: int) -> tuple[bytes, bytes]:
    """Red with a light disc, and blue with dark bars; the grain makes both new to every cache."""
    chance = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    red = np.full((SIDE, SIDE, 3), (200, 30, 30))
    red[(rows - SIDE // 2) ** 2 + (columns - SIDE // 2) ** 2 < (SIDE // 4) ** 2] = (240, 240, 220)
    blue = np.full((SIDE, SIDE, 3), (30, 40, 200))
    blue[columns % 56 < 20] = (10, 10, 20)
    return _encoded(red, chance), _encoded(blue, chance)


def _encoded(picture: np.ndarray[tuple[int, ...], np.dtype[np.int64]], chance: np.random.Generator) -> bytes:
    grained = np.clip(picture + chance.integers(-12, 13, picture.shape), 0, 255).astype(np.uint8)
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(grained), quality=90, colorspace="RGB"))
