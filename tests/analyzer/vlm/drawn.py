"""Pictures of coloured shapes before a camera, and the sentences that hold of them.

Takes: a random generator, which things are to be seen.
Gives: the picture, where each thing lies in it; the rules and questions about it.
Knows nothing about: models."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from contracts.messages import Box

Bgr = NDArray[np.uint8]
Pair = tuple[str, str]
Side = str

COLOURS = {
    "red": (40, 40, 215),
    "green": (60, 170, 40),
    "blue": (215, 90, 30),
    "yellow": (40, 215, 235),
    "white": (245, 245, 245),
    "black": (20, 20, 20),
    "purple": (170, 40, 130),
    "cyan": (215, 215, 60),
    "pink": (190, 140, 255),
    "brown": (30, 65, 115),
}
SHAPES = ("circle", "square", "triangle", "cross")
PAIRS: tuple[Pair, ...] = tuple((colour, shape) for colour in COLOURS for shape in SHAPES)
#: nothing that a model is taught names these: no question, no sentence, no label of a box
NEVER_NAMED: tuple[Pair, ...] = (("red", "circle"), ("blue", "square"), ("green", "triangle"), ("yellow", "cross"))
NAMED = tuple(pair for pair in PAIRS if pair not in NEVER_NAMED)

SIDES = ("left", "right")

WIDTH, HEIGHT = 320, 240
#: a thing lies in one field, a little off its middle
COLUMNS, ROWS = 4, 3
_FIELD = WIDTH // COLUMNS
_OFF = 7
_RADII = (24, 35)


@dataclass(frozen=True, slots=True)
class Thing:
    """`field`: counted by rows from the upper left; `box`: 0-1."""

    colour: str
    shape: str
    field: int
    box: Box

    @property
    def pair(self) -> Pair:
        return self.colour, self.shape

    @property
    def side(self) -> Side:
        return "left" if self.field % COLUMNS < COLUMNS // 2 else "right"


@dataclass(frozen=True, slots=True)
class Drawn:
    """`picture`: BGR."""

    picture: Bgr
    things: tuple[Thing, ...]

    @property
    def jpeg(self) -> bytes:
        return bytes(simplejpeg.encode_jpeg(self.picture, quality=80, colorspace="BGR"))

    def shows(self, pair: Pair, side: Side | None = None) -> bool:
        """At all, or on this side."""
        return any(thing.pair == pair and side in (None, thing.side) for thing in self.things)


def rule_of(pair: Pair, side: Side | None = None) -> str:
    """As a person would write it."""
    thing = f"a {pair[0]} {pair[1]} is"
    return f"{thing} on the {side}" if side else f"{thing} visible"


def question_of(pair: Pair, side: Side | None = None) -> str:
    """What the rule compiler makes of the rule."""
    thing = f"Is a {pair[0]} {pair[1]}"
    return f"{thing} on the {side}?" if side else f"{thing} visible?"


def draw(rng: np.random.Generator, pairs: Sequence[Pair], fields: Sequence[int] | None = None) -> Drawn:
    """Each pair once, in the given fields or in any."""
    picture = _background(rng)
    chosen = rng.permutation(COLUMNS * ROWS)[: len(pairs)].tolist() if fields is None else fields
    things = tuple(_put(rng, picture, pair, field) for pair, field in zip(pairs, chosen, strict=True))
    return Drawn(picture, things)


def draw_any(rng: np.random.Generator) -> Drawn:
    """One to three things of different pairs, of which one is named: often what shares a word with a pair that is
    there, or that is not."""
    meant = NAMED[rng.integers(len(NAMED))]
    chosen = [meant] if rng.random() < 0.5 else []
    for word in (0, 1):
        like = [pair for pair in PAIRS if pair[word] == meant[word] and pair != meant]
        if rng.random() < 0.7:
            chosen.append(like[rng.integers(len(like))])
    if not set(chosen) & set(NAMED):
        free = [pair for pair in NAMED if pair != meant]
        chosen = [*chosen[:2], free[rng.integers(len(free))]]
    return draw(rng, chosen)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, across) * max(0.0, down)
    return shared / (sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - shared)


def _background(rng: np.random.Generator) -> Bgr:
    """Light and dark patches under a sensor's noise."""
    patches = rng.uniform(90, 165) + rng.normal(0, 14, (6, 8, 1)) + rng.normal(0, 5, (6, 8, 3))
    smooth = cv2.resize(patches.astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    noise = rng.normal(0, 7, (HEIGHT // 2, WIDTH // 2)).astype(np.float32).repeat(2, 0).repeat(2, 1)
    return np.ascontiguousarray(np.clip(smooth + noise[..., None], 0, 255).astype(np.uint8))


def _put(rng: np.random.Generator, picture: Bgr, pair: Pair, field: int) -> Thing:
    r = int(rng.integers(*_RADII))
    x, y = (
        _FIELD * part + _FIELD // 2 + int(rng.integers(-_OFF, _OFF + 1)) for part in (field % COLUMNS, field // COLUMNS)
    )
    colour = tuple(int(np.clip(part + rng.normal(0, 10), 0, 255)) for part in COLOURS[pair[0]])
    _shape(picture, pair[1], colour, x, y, r)
    box = ((x - r) / WIDTH, (y - r) / HEIGHT, (x + r) / WIDTH, (y + r) / HEIGHT)
    x1, y1, x2, y2 = (min(max(edge, 0.0), 1.0) for edge in box)
    return Thing(*pair, field, (x1, y1, x2, y2))


def _shape(picture: Bgr, shape: str, colour: tuple[int, ...], x: int, y: int, r: int) -> None:
    arm = r // 3
    if shape == "circle":
        cv2.circle(picture, (x, y), r, colour, -1, cv2.LINE_AA)
    elif shape == "square":
        cv2.rectangle(picture, (x - r, y - r), (x + r, y + r), colour, -1)
    elif shape == "triangle":
        corners = np.array([[x, y - r], [x + r, y + r], [x - r, y + r]])
        cv2.fillPoly(picture, [corners], colour, cv2.LINE_AA)
    else:
        cv2.rectangle(picture, (x - r, y - arm), (x + r, y + arm), colour, -1)
        cv2.rectangle(picture, (x - arm, y - r), (x + arm, y + r), colour, -1)
