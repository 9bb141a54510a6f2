"""What the model saw, in one sentence, and where: asked only for rules that fire.

Takes: the job, its pictures, the servers.
Gives: Explained; grounded only where a box was found.
Knows nothing about: incidents, calibration.

Sentence and boxes are two requests behind the same pictures and words: a model that must write JSON describes worse,
and the second finds the first's pictures in the server's cache."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analyzer import prompt
from analyzer.boxes import MOST_BOXES, THOUSANDTHS, Convention, box_schema, to_boxes
from analyzer.engine import probability
from analyzer.openai.ask import first_that_answers
from analyzer.openai.failures import RequestRefused
from analyzer.openai.fitted import Fitted
from analyzer.openai.options import Options
from analyzer.openai.profile import Mode, Profile
from analyzer.openai.server import Server
from analyzer.openai.wire import Chat, Completion, Picture, messages, picture_part
from analyzer.sentence import first_sentence
from contracts.errors import EngineError
from contracts.explain import Explained, ExplainRequest
from contracts.messages import Detection, ModelRef

SENTENCE_TOKENS = 64
BOX_TOKENS = 320


async def explain(
    servers: Sequence[Server],
    request: ExplainRequest,
    pictures: Sequence[bytes],
    *,
    options: Options,
    model: ModelRef,
) -> Explained:
    """Raises EngineError where no server answers or nothing is said, Invalid for a broken picture."""
    fitted = [options.budget.fit(jpeg) for jpeg in pictures]
    shown = tuple(picture_part(one.jpeg) for one in fitted)
    asking = _Asking(servers, shown, request, asyncio.get_running_loop().time() + options.deadline_s)
    words = prompt.explain_asked(request.questions, request.lang, pictures=len(shown))
    said = await asking.said(words, SENTENCE_TOKENS)
    sentence = first_sentence(said.text, cut_off=said.cut_off)
    if not sentence:
        raise EngineError(f"camera '{request.camera}': the model said nothing", "look at the server's log")
    found = await asyncio.gather(
        *(_boxes(asking, fitted[-1], question, options.boxes) for question in request.questions)
    )
    # One of each claim before the second of any.
    boxes = [group[turn] for turn in range(MOST_BOXES) for group in found if turn < len(group)][:MOST_BOXES]
    return Explained(sentence, model, tuple(boxes), grounded=bool(found) and all(found))


@dataclass(frozen=True, slots=True)
class _Asking:
    """Several requests behind the same pictures."""

    servers: Sequence[Server]
    shown: tuple[Picture, ...]
    request: ExplainRequest
    until: float

    async def said(self, words: str, most_tokens: int, schema: dict[str, object] | None = None) -> Completion:
        """What the model wrote. Raises EngineError."""

        def chat(profile: Profile) -> Chat:
            text = prompt.instruction(len(self.shown)) + prompt.CUT + words
            told = messages(self.shown, text, named=profile.mode is Mode.IDS)
            form = _response_format(schema) if schema else None
            return Chat(profile.model, told, most_tokens, temperature=0.0, response_format=form)

        completion, _ = await first_that_answers(
            self.servers,
            self.until,
            lambda server, turn: server.complete(chat, turn, keep_local=self.request.keep_local),
        )
        return completion


async def _boxes(asking: _Asking, last: Fitted, question: str, convention: Convention) -> tuple[Detection, ...]:
    """Of the question's claim, in the last picture; none where the model writes none, or none in time.

    They are 0-1 of the picture that was sent, which shows all of the camera's: so they are 0-1 of that one too."""
    if convention == "none":
        return ()
    schema = box_schema(THOUSANDTHS if convention == "relative_1000" else max(last.width, last.height))
    claim = prompt.claim_of(question, asking.request.lang)
    words = prompt.where_asked(claim, convention, pictures=len(asking.shown))
    text, score = await asyncio.gather(_boxes_text(asking, words, schema), _score(asking, question))
    return to_boxes(text, convention=convention, input_size=(last.width, last.height), label=claim, score=score)


async def _score(asking: _Asking, question: str) -> float:
    """P(yes) of the question that the boxes are the evidence for; 0.5 where nobody says."""
    words = prompt.instruction(len(asking.shown)) + prompt.CUT + prompt.asked(question, asking.request.lang)
    try:
        scored = await first_that_answers(
            asking.servers,
            asking.until,
            lambda server, turn: server.score(asking.shown, words, turn, keep_local=asking.request.keep_local),
        )
    except EngineError:
        return 0.5
    return probability(scored.margin or 0.0)


async def _boxes_text(asking: _Asking, words: str, schema: dict[str, object]) -> str:
    """Held to the form where the server can; the reader trusts no form, so without it the words alone must do."""
    try:
        return (await asking.said(words, BOX_TOKENS, schema)).text
    except RequestRefused:
        pass
    except EngineError:
        return ""
    try:
        return (await asking.said(words, BOX_TOKENS)).text
    except EngineError:
        return ""


def _response_format(schema: dict[str, object]) -> dict[str, Any]:
    # OpenAI wants an object at the top.
    held = {
        "type": "object",
        "properties": {"boxes": schema},
        "required": ["boxes"],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "boxes", "schema": held}}
