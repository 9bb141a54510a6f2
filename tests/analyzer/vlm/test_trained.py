"""A model that has learned to see, asked through the engine: pairs of words that nothing it was taught had together."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from analyzer.engine import Query
from analyzer.vlm.engine import VlmEngine
from analyzer.vlm.load import load
from contracts.explain import ExplainRequest
from contracts.messages import Answer, Keyframe, Scene
from contracts.site import AskedQuestion
from rules.plan.compile import compile_rule
from tests.analyzer.vlm.drawn import (
    HEIGHT,
    NEVER_NAMED,
    PAIRS,
    SIDES,
    WIDTH,
    Drawn,
    Pair,
    draw,
    overlap,
    question_of,
    rule_of,
)
from tests.analyzer.vlm.trained import VISUAL_TOKENS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PICTURES = 60


@pytest.fixture(scope="module")
def engine(taught_model: Path) -> Iterator[VlmEngine]:
    loaded = load(str(taught_model), device="cpu", visual_tokens=VISUAL_TOKENS)
    engine = VlmEngine(loaded, clock=time.monotonic)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def drawn() -> list[tuple[Pair, Drawn]]:
    """Pairs that were never named, half of the time in the picture, and always beside what resembles them."""
    rng = np.random.default_rng(20261122)
    pictures = []
    for number in range(PICTURES):
        pair = NEVER_NAMED[number % len(NEVER_NAMED)]
        like = [other for other in PAIRS if other != pair and (other[0] == pair[0]) != (other[1] == pair[1])]
        first, second = (like[index] for index in rng.permutation(len(like))[:2])
        pictures.append((pair, draw(rng, [pair, first] if number % 8 < len(NEVER_NAMED) else [first, second])))
    return pictures


def answers(engine: VlmEngine, drawn: Drawn, questions: Sequence[str]) -> tuple[Answer, ...]:
    asked = tuple(AskedQuestion(f"q{number}", question) for number, question in enumerate(questions))
    frame = Keyframe("cam_1", 1, 1, NOW, drawn.jpeg, WIDTH, HEIGHT, Scene(warm=True))
    return engine.answer([Query(frame, asked)])[0]


def test_the_rule_compiler_asks_in_the_words_that_the_model_was_taught() -> None:
    for pair in PAIRS:
        for side in (None, *SIDES):
            plan = compile_rule(rule_of(pair, side))

            assert [question.text for question in plan.questions] == [question_of(pair, side)]


def test_the_taught_model_takes_the_packed_path(engine: VlmEngine) -> None:
    assert engine.path == "packed"


def test_pairs_that_were_never_named_are_told_from_those_that_are_like_them(
    engine: VlmEngine, drawn: list[tuple[Pair, Drawn]]
) -> None:
    there, not_there = _right(engine, [(picture, [(other, None) for other in NEVER_NAMED]) for _, picture in drawn])

    assert there >= 0.85
    assert not_there >= 0.9


def test_the_side_on_which_such_a_pair_lies_is_told_too(engine: VlmEngine, drawn: list[tuple[Pair, Drawn]]) -> None:
    there, not_there = _right(engine, [(picture, [(pair, side) for side in SIDES]) for pair, picture in drawn])

    assert there >= 0.85
    assert not_there >= 0.85


def _right(engine: VlmEngine, asked: Sequence[tuple[Drawn, Sequence[tuple[Pair, str | None]]]]) -> tuple[float, float]:
    """The parts of right answers about what is there and what is not; one that always says the same has 0 and 1."""
    right: dict[bool, list[bool]] = {True: [], False: []}
    for picture, questions in asked:
        given = answers(engine, picture, [question_of(*question) for question in questions])
        for (pair, side), answer in zip(questions, given, strict=True):
            shown = picture.shows(pair, side)
            right[shown].append(answer.margin is not None and (answer.margin > 0) == shown)
    return float(np.mean(right[True])), float(np.mean(right[False]))


def test_yes_and_no_take_nearly_all_of_the_probability(engine: VlmEngine, drawn: list[tuple[Pair, Drawn]]) -> None:
    pair, picture = drawn[0]

    (answer,) = answers(engine, picture, [question_of(pair)])

    assert answer.mass is not None and answer.mass > 0.9


def test_such_a_pair_is_described_and_found(engine: VlmEngine, drawn: list[tuple[Pair, Drawn]]) -> None:
    there = [(pair, picture) for pair, picture in drawn if picture.shows(pair)]
    found, described = [], []
    for pair, picture in there:
        request = ExplainRequest("cam_1", ("picture",), (question_of(pair),))
        explained = engine.explain(request, [picture.jpeg])
        (box,) = [thing.box for thing in picture.things if thing.pair == pair]
        found.append(any(overlap(each.box, box) >= 0.3 for each in explained.detections))
        described.append(explained.text == f"A {pair[0]} {pair[1]} is visible.")

    assert np.mean(described) >= 0.85
    assert np.mean(found) >= 0.75
