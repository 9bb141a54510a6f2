"""The port behind which every engine stands: frames and questions in, raw answers out.

Takes: a batch of queries, each one frame and the questions due for it.
Gives: for each query one answer a question, in order; what an engine cannot say is unknown, with the reason.
Knows nothing about: Redis, rules, time; an engine keeps no state between frames."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import msgspec

from contracts.errors import EngineError
from contracts.explain import Explained, ExplainRequest
from contracts.messages import Answer, Capabilities, Keyframe
from contracts.site import AskedQuestion


@dataclass(frozen=True, slots=True)
class Query:
    """One frame, and what is asked of it.

    `earlier`: analysed frames of the same camera, oldest first, for questions about several frames; there may be fewer
    than a question wants. `keep_local`: the picture may not be sent to another machine."""

    frame: Keyframe
    questions: tuple[AskedQuestion, ...]
    earlier: tuple[Keyframe, ...] = ()
    keep_local: bool = False


class Engine(Protocol):
    """A model, or several, behind one door; called from one thread.

    A frame that fails alone (a broken picture, a NaN) is answered unknown; EngineError means the whole batch failed."""

    def capabilities(self, worker: str) -> Capabilities:
        """What it can answer, and on which device it really runs."""
        ...

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        """As long as the batch, each as long as its questions. Raises EngineError or MemoryError for all of it."""
        ...

    def close(self) -> None:
        """Safe to call twice."""
        ...


@runtime_checkable
class Explainer(Protocol):
    """An engine that can also say what it saw, and where; asked only for rules that fire."""

    def explain(self, request: ExplainRequest, pictures: Sequence[bytes]) -> Explained:
        """`pictures`: JPEGs, oldest first, at least one. Raises EngineError, MemoryError, Invalid (a bad picture)."""
        ...


@runtime_checkable
class Writer(Protocol):
    """An engine whose model also writes without a picture."""

    def capabilities(self, worker: str) -> Capabilities:
        """As of any engine."""
        ...

    def write(self, prompt: str) -> str:
        """Whatever it wrote. Raises EngineError or MemoryError."""
        ...


def unknown(query: Query, reason: str) -> tuple[Answer, ...]:
    """The answer where nothing can be said: never 'no'."""
    return tuple(Answer(question.key, unknown_reason=reason) for question in query.questions)


def checked(batch: Sequence[Query], answers: Sequence[tuple[Answer, ...]]) -> list[tuple[Answer, ...]]:
    """Holds an engine to the port: EngineError on a wrong shape; a margin that is no number becomes unknown."""
    if len(answers) != len(batch):
        raise EngineError(f"engine: {len(batch)} frames were asked, {len(answers)} answered", "report this as a bug")
    for query, given in zip(batch, answers, strict=True):
        asked = [question.key for question in query.questions]
        if [answer.question_key for answer in given] != asked:
            raise EngineError(
                f"engine: camera '{query.frame.camera}' frame {query.frame.seq}: the answers are not those asked for",
                "report this as a bug",
            )
    return [tuple(_sound(answer) for answer in given) for given in answers]


def asked_apart(engine: Engine, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
    """Where all of them fail at once, one by one, so that one frame cannot take the others with it."""
    if not batch:
        return []
    try:
        return checked(batch, engine.answer(batch))
    except (EngineError, MemoryError) as error:
        if len(batch) == 1:
            reason = error.problem if isinstance(error, EngineError) else "out of memory"
            return [unknown(batch[0], f"the engine failed: {reason}")]
    return [answer for query in batch for answer in asked_apart(engine, [query])]


def logit(probability: float) -> float:
    """Log-odds; 0 and 1 are held a little apart, so that the result is always a number."""
    held = min(max(probability, 1e-4), 1.0 - 1e-4)
    return math.log(held / (1.0 - held))


def probability(margin: float) -> float:
    """The inverse of logit, without overflow: servers write -9999 for what cannot be."""
    if margin >= 0.0:
        return 1.0 / (1.0 + math.exp(-margin))
    grown = math.exp(margin)
    return grown / (1.0 + grown)


def _sound(answer: Answer) -> Answer:
    if answer.unknown_reason is not None:
        return msgspec.structs.replace(answer, margin=None)
    if answer.margin is None or not math.isfinite(answer.margin):
        return Answer(answer.question_key, unknown_reason="the engine gave no number")
    return answer
