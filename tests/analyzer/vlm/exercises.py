"""What a tiny model is asked while it learns, and what it should say: yes or no, a sentence, a box.

Takes: a drawn picture, a kind of exercise.
Gives: tokens, what must follow which of them, and where in the picture the answer lies.
Knows nothing about: gradients."""

import json
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analyzer import prompt
from analyzer.boxes import THOUSANDTHS
from analyzer.vlm.constrain import BETWEEN, OPENING
from analyzer.vlm.load import Loaded
from tests.analyzer.vlm.drawn import (
    COLOURS,
    NAMED,
    NEVER_NAMED,
    SHAPES,
    SIDES,
    Drawn,
    Pair,
    Thing,
    question_of,
)

Kind = Literal["pair", "left", "right", "shape", "colour", "where", "say"]
#: the steps take turns; all exercises of a kind are equally long
KINDS: tuple[tuple[Kind, ...], ...] = (
    ("pair", "pair", "pair", "left", "right", "shape", "colour"),
    ("pair", "pair", "left", "right", "where", "say"),
)
#: the numbers of a box, in thousandths, are rounded to this
ROUNDED_TO = 50


@dataclass(frozen=True, slots=True)
class Exercise:
    """`says`: after which of `ids` which token must follow. `looks`: from which of `ids` the model must look at which
    tokens of the prompt."""

    ids: list[int]
    says: list[tuple[int, int]]
    looks: list[tuple[int, tuple[int, ...]]]


class Pupil:
    """What exercises need to know of the model."""

    def __init__(self, loaded: Loaded) -> None:
        self.layout = loaded.layout
        self._tokenizer = loaded.tokenizer
        before = loaded.layout.before_ids([loaded.checkpoint.image_token])
        #: the picture's first token; those of the other fields follow
        self.picture_at = before.index(loaded.model.config.image_token_id)
        self.end = int(loaded.tokenizer.eos_token_id)

    def ids(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False))

    def looks(self, offset: int, things: list[Thing]) -> tuple[int, tuple[int, ...]]:
        """At the things' fields, or at the first token where there are none."""
        return offset, tuple(self.picture_at + thing.field for thing in things) or (0,)


def exercise(pupil: Pupil, kind: Kind, drawn: Drawn, rng: np.random.Generator) -> Exercise:
    """Half of the questions have the answer yes; who asks for a sentence or a box asks about what is there."""
    if kind == "pair":
        pair, _ = _asked_pair(drawn, rng)
        there = [thing for thing in drawn.things if thing.pair == pair]
        return _yes_or_no(pupil, question_of(pair), there)
    if kind in SIDES:
        pair, swapped = _asked_pair(drawn, rng, side=kind)
        there = [thing for thing in drawn.things if thing.pair == pair and thing.side == kind]
        return _yes_or_no(pupil, question_of(pair, kind), there)
    if kind == "shape":
        shape = _one_of(SHAPES, {thing.shape for thing in drawn.things}, rng)
        there = [thing for thing in drawn.things if thing.shape == shape]
        return _yes_or_no(pupil, f"Is a {shape} visible?", there)
    if kind == "colour":
        colour = _one_of(tuple(COLOURS), {thing.colour for thing in drawn.things}, rng)
        there = [thing for thing in drawn.things if thing.colour == colour]
        return _yes_or_no(pupil, f"Is something {colour} visible?", there)
    named = [thing for thing in drawn.things if thing.pair in NAMED]
    thing = named[rng.integers(len(named))]
    return _box(pupil, thing) if kind == "where" else _sentence(pupil, thing)
