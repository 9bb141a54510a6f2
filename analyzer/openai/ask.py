"""A batch of frames to the servers and back: one question about each frame first, then its others at once.

Takes: queries, the servers in order of preference, the time there is.
Gives: for each query one answer a question; what was not answered in time, or by any server, is unknown, and why.
Knows nothing about: HTTP, scores.

The first question makes the server compute the frame and the common words; the others find them in its cache. Sent all
at once, each would compute them again. Never raises for a server's fault: the caller would halve the batch and ask
again, and a server in need would be asked twice as much."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from analyzer import prompt
from analyzer.engine import Query
from analyzer.openai.failures import BeingProven, RequestRefused, ServerBusy, ServerFailed
from analyzer.openai.fitted import Budget
from analyzer.openai.server import Server, Turn
from analyzer.openai.wire import Picture, picture_part
from contracts.errors import EngineError, Invalid
from contracts.messages import Answer, Keyframe
from contracts.site import AskedQuestion

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Group:
    """Questions about the same pictures of one camera."""

    shown: tuple[Picture, ...]
    questions: tuple[AskedQuestion, ...]
    keep_local: bool


async def answer(
    servers: Sequence[Server], batch: Sequence[Query], *, budget: Budget, deadline_s: float
) -> list[tuple[Answer, ...]]:
    """As long as the batch, each as long as its questions. `budget`: of each picture."""
    until = asyncio.get_running_loop().time() + deadline_s
    return list(await asyncio.gather(*(_frame(servers, query, budget, until) for query in batch)))


async def first_that_answers(
    servers: Sequence[Server], until: float, ask: Callable[[Server, Turn], Awaitable[Result]]
) -> Result:
    """Tries one server after the other. While another may answer, a server has half of the time that is left; one that
    is busy or not yet proven is waited for only where the others did not answer either."""
    loop = asyncio.get_running_loop()
    failure: EngineError = ServerFailed("no server is given", "set PLAINWATCH_OPENAI_URL")
    stood_aside: list[Server] = []
    for index, server in enumerate(servers):
        now, others = loop.time(), servers[index + 1 :]
        last = all(other.rests(until) for other in others)
        spare = any(other.stands_by() for other in others)
        try:
            return await ask(server, Turn(until if last else now + (until - now) / 2, spare))
        except RequestRefused:
            raise
        except EngineError as error:
            failure = error
            if spare and isinstance(error, ServerBusy | BeingProven):
                stood_aside.append(server)
        if last or loop.time() >= until:
            break
    for server in stood_aside:
        try:
            return await ask(server, Turn(until))
        except RequestRefused:
            raise
        except EngineError as error:
            failure = error
    raise failure


async def _frame(servers: Sequence[Server], query: Query, budget: Budget, until: float) -> tuple[Answer, ...]:
    parts: dict[int, Picture | Invalid] = {}
    answers: dict[str, Answer] = {}
    groups: list[_Group] = []
    by_frames = sorted(query.questions, key=lambda question: question.frames)
    for frames, asked in groupby(by_frames, key=lambda question: question.frames):
        questions = tuple(asked)
        try:
            groups.append(_Group(_shown(query, frames, budget, parts), questions, query.keep_local))
        except Invalid as error:
            answers |= _all_unknown(questions, error.problem)
    for given in await asyncio.gather(*(_group(servers, group, until) for group in groups)):
        answers |= given
    return tuple(answers[question.key] for question in query.questions)


def _shown(query: Query, frames: int, budget: Budget, parts: dict[int, Picture | Invalid]) -> tuple[Picture, ...]:
    """Each picture is encoded once, whichever questions it serves. Raises Invalid."""
    there = (*query.earlier, query.frame)
    if len(there) < frames:
        raise Invalid(f"the question needs {frames} frames, the camera has given {len(there)}", "wait a moment")
    shown: list[Picture] = []
    for frame in there[-frames:]:
        part = parts.get(frame.seq)
        if part is None:
            part = parts[frame.seq] = _part(frame, budget)
        if isinstance(part, Invalid):
            raise part
        shown.append(part)
    return tuple(shown)


def _part(frame: Keyframe, budget: Budget) -> Picture | Invalid:
    try:
        return picture_part(budget.fit(frame.picture).jpeg)
    except Invalid as error:
        return error


async def _group(servers: Sequence[Server], group: _Group, until: float) -> dict[str, Answer]:
    primer, *others = group.questions
    try:
        answers = {primer.key: await _one(servers, group, primer, until)}
    except EngineError as failure:
        # Nobody answered the first: the others would only be more of the same.
        return _all_unknown(group.questions, failure.problem)
    given = await asyncio.gather(*(_one_or_unknown(servers, group, question, until) for question in others))
    return answers | {answer.question_key: answer for answer in given}


async def _one_or_unknown(servers: Sequence[Server], group: _Group, question: AskedQuestion, until: float) -> Answer:
    try:
        return await _one(servers, group, question, until)
    except EngineError as failure:
        return Answer(question.key, unknown_reason=failure.problem)


async def _one(servers: Sequence[Server], group: _Group, question: AskedQuestion, until: float) -> Answer:
    """Raises EngineError where no server answered; a question that was refused is unknown."""
    text = prompt.instruction(len(group.shown)) + prompt.CUT + prompt.asked(question.text, question.lang)
    try:
        scored = await first_that_answers(
            servers,
            until,
            lambda server, turn: server.score(group.shown, text, turn, keep_local=group.keep_local),
        )
    except RequestRefused as refused:
        return Answer(question.key, unknown_reason=refused.problem)
    if scored.margin is None:
        return Answer(question.key, mass=scored.mass, unknown_reason=scored.why)
    return Answer(question.key, margin=scored.margin, mass=scored.mass)


def _all_unknown(questions: Sequence[AskedQuestion], reason: str) -> dict[str, Answer]:
    return {question.key: Answer(question.key, unknown_reason=reason) for question in questions}
