"""How alike two things look, by the vectors that a re-identification model gave them.

Takes: vectors as bytes, one signed byte a dimension.
Gives: their cosine, -1 to 1.
Knows nothing about: models, pictures."""

import math
from operator import mul


def likeness(one: bytes, other: bytes) -> float | None:
    """None where they cannot be compared: one is missing, or they come from different models."""
    if not one or len(one) != len(other):
        return None
    a, b = memoryview(one).cast("b"), memoryview(other).cast("b")
    lengths = math.sqrt(sum(map(mul, a, a)) * sum(map(mul, b, b)))
    return sum(map(mul, a, b)) / lengths if lengths else None
