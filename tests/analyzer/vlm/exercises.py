"""What a tiny model is asked while it learns, and what it should say: yes or no, a sentence, a box.

Takes: a drawn picture, a kind of exercise.
Gives: tokens, what must follow which of them, and where in the picture the answer lies.
Knows nothing about: gradients."""

import json
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal

import numpy as np

from analyzer import prompt
from analyzer.boxes import THOUSANDTHS
from analyzer.vlm.constrain import BETWEEN, OPENING
from analyzer.vlm.load import Loaded
from tests.analyzer.vlm.drawn import (
    COLOURS,
    NAMED,
    SHAPES,
    Drawn,
    Pair,
    Thing,
    question_of,
)

Kind = Literal["pair", "left", "right", "shape", "colour", "where", "say"]
#: the steps take turns, after a time of the first alone; all exercises of a kind are equally long
KINDS: tuple[tuple[Kind, ...], ...] = (
    ("pair", "pair", "left", "left", "right", "right", "shape", "colour"),
    ("pair", "left", "right", "where", "where", "say"),
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
        # A lesson asks the same few hundred questions again and again.
        self.asked = cache(loaded.layout.ids)
        self.ids = cache(partial(loaded.tokenizer.encode, add_special_tokens=False))
        before = loaded.layout.before_ids([loaded.checkpoint.image_token])
        #: the picture's first token; those of the other fields follow
        self.picture_at = before.index(loaded.model.config.image_token_id)
        self.end = int(loaded.tokenizer.eos_token_id)

    def looks(self, offset: int, things: list[Thing]) -> tuple[int, tuple[int, ...]]:
        """At the things' fields, or at the first token where there are none."""
        return offset, tuple(self.picture_at + thing.field for thing in things) or (0,)


def exercise(pupil: Pupil, kind: Kind, drawn: Drawn, rng: np.random.Generator) -> Exercise:
    """Half of the questions have the answer yes; a sentence or a box is asked for of what is there."""
    if kind in ("where", "say"):
        named = [thing for thing in drawn.things if thing.pair in NAMED]
        thing = named[rng.integers(len(named))]
        return _box(pupil, thing) if kind == "where" else _sentence(pupil, thing)
    if kind == "shape":
        shape = _one_of(SHAPES, {thing.shape for thing in drawn.things}, rng)
        return _yes_or_no(pupil, f"Is a {shape} visible?", [thing for thing in drawn.things if thing.shape == shape])
    if kind == "colour":
        colour = _one_of(tuple(COLOURS), {thing.colour for thing in drawn.things}, rng)
        return _yes_or_no(
            pupil, f"Is something {colour} visible?", [thing for thing in drawn.things if thing.colour == colour]
        )
    side = None if kind == "pair" else kind
    pair = _pair(drawn, side, rng)
    there = [thing for thing in drawn.things if thing.pair == pair and side in (None, thing.side)]
    return _yes_or_no(pupil, question_of(pair, side), there)


def _one_of(all_words: tuple[str, ...], there: set[str], rng: np.random.Generator) -> str:
    chosen = sorted(there) if rng.random() < 0.5 else [word for word in all_words if word not in there]
    return chosen[rng.integers(len(chosen))]


def _pair(drawn: Drawn, side: str | None, rng: np.random.Generator) -> Pair:
    """One that is there, or nearly: on the other side, with its words on two things, or with one of them wrong."""
    there = {thing.pair for thing in drawn.things if side in (None, thing.side)}
    right = sorted(there & set(NAMED))
    if right and rng.random() < 0.5:
        return right[rng.integers(len(right))]
    elsewhere = sorted({thing.pair for thing in drawn.things} & set(NAMED) - there)
    if elsewhere and rng.random() < 0.4:
        return elsewhere[rng.integers(len(elsewhere))]
    absent = [pair for pair in NAMED if pair not in there]
    words = [{thing.pair[word] for thing in drawn.things} for word in (0, 1)]
    both = [pair for pair in absent if pair[0] in words[0] and pair[1] in words[1]]
    if both and rng.random() < 0.6:
        return both[rng.integers(len(both))]
    word = int(rng.integers(2))
    wrong = [pair for pair in absent if pair[word] in words[word]] or absent
    return wrong[rng.integers(len(wrong))]


def _yes_or_no(pupil: Pupil, question: str, there: list[Thing]) -> Exercise:
    ids = pupil.asked(prompt.asked(question))
    last = len(ids) - 1
    (word,) = pupil.ids("Yes" if there else "No")
    return Exercise(ids, [(last, word)], [pupil.looks(last, there)])


def _claim(thing: Thing) -> str:
    """As analyzer.prompt.claim_of makes it of the question."""
    return prompt.claim_of(question_of(thing.pair))


def _sentence(pupil: Pupil, thing: Thing) -> Exercise:
    asked = pupil.asked(prompt.explain_asked([question_of(thing.pair)]))
    said = pupil.ids(f"{_claim(thing).capitalize()} is visible.")
    after = [*said, pupil.end]
    return Exercise(
        asked + said,
        [(len(asked) - 1 + index, token) for index, token in enumerate(after)],
        [pupil.looks(len(asked) - 1, [thing])],
    )


def _box(pupil: Pupil, thing: Thing) -> Exercise:
    """Token by token as analyzer.vlm.constrain writes it; only what it chooses is learned."""
    claim = _claim(thing)
    ids = list(pupil.asked(prompt.where_asked(claim, "relative_1000")))
    says: list[tuple[int, int]] = []
    looks = [pupil.looks(len(ids) - 1, [thing])]

    def write(text: str, *, learned: bool) -> None:
        tokens = pupil.ids(text)
        if learned:
            says.append((len(ids) - 1, tokens[0]))
        ids.extend(tokens)

    write("[", learned=True)
    write("{", learned=True)
    write(OPENING.removeprefix("{"), learned=False)
    for corner, edge in enumerate(thing.box):
        looks.append(pupil.looks(len(ids) - 1, [thing]))
        write(str(round(edge * THOUSANDTHS / ROUNDED_TO) * ROUNDED_TO), learned=True)
        write(BETWEEN if corner < 3 else f'], "label": {json.dumps(claim)}}}', learned=True)
    write("]", learned=True)
    return Exercise(ids, says, looks)
