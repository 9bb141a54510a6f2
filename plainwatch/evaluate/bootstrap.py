"""How much a figure would change had other clips been filmed.

Takes: one part for each clip, and what makes a figure of parts.
Gives: the interval in which 95 % of the figures lie that clips drawn anew, with replacement, would give.
Knows nothing about: what the parts are. The same seed draws the same clips.

Frames of one clip are alike, and so are its events: whole clips are drawn, not frames."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

Part = TypeVar("Part")

ROUNDS = 1000
SEED = 0
_TAIL_PERCENT = 2.5


def interval(
    parts: Sequence[Part],
    figure: Callable[[Sequence[Part]], float | None],
    *,
    rounds: int = ROUNDS,
    seed: int = SEED,
) -> tuple[float, float] | None:
    """None with fewer than two clips, which say nothing about others. Draws without a figure are left out."""
    if len(parts) < 2:
        return None
    chance = np.random.default_rng(seed)
    drawn = (chance.integers(len(parts), size=len(parts)) for _ in range(rounds))
    figures = [found for draw in drawn if (found := figure([parts[index] for index in draw])) is not None]
    if not figures:
        return None
    low, high = np.percentile(figures, [_TAIL_PERCENT, 100 - _TAIL_PERCENT])
    return float(low), float(high)
