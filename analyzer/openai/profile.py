"""What a server can do, judged by what is in its answers, and never by its name or its status.

Takes: a door, a model's name.
Gives: a Profile; EngineError that names the server, what it lacks and the remedy.
Knows nothing about: cameras, rules.

Servers accept `logprobs` and give none, or accept `logprob_token_ids` and list others: so each is asked for, and what
came back decides. Without probabilities a server still gives words: verdicts, not calibrated."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from analyzer import prompt
from analyzer.openai.door import Door
from analyzer.openai.failures import ConnectionLost, RequestRefused, ServerBusy, ServerFailed, TooLate
from analyzer.openai.options import Options, ServerOptions
from analyzer.openai.score import Scored, are_ids, by_ids, by_likeliest, by_words
from analyzer.openai.terms import Terms
from analyzer.openai.wire import (
    Card,
    Chat,
    Completion,
    Picture,
    TokenizeRequest,
    decode_cards,
    decode_completion,
    decode_tokens,
    encode,
    messages,
)
from analyzer.yes_no import NO, YES
from contracts.errors import EngineError

#: OpenAI's and Ollama's limit, and vLLM's default one; some servers allow fewer
LISTS = (20, 5)
TEXT_TOKENS = 4


class Mode(StrEnum):
    """Where a margin comes from."""

    IDS = "ids"
    LIKELIEST = "top"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Profile:
    """Of one server with one model. `yes`, `no`: token ids, in mode IDS. `top`: how long a list it gives."""

    model: str
    revision: str
    mode: Mode
    yes: tuple[int, ...] = ()
    no: tuple[int, ...] = ()
    top: int = 0

    def marked_revision(self, visual_tokens: int) -> str:
        """For verdicts: what is shown or scored otherwise shares no calibration; `+text` is not calibrated at all."""
        mark = "" if self.mode is Mode.IDS else f"+{self.mode}"
        return f"{self.revision}+{visual_tokens}+{prompt.prompt_hash()}{mark}"

    def question(self, shown: tuple[Picture, ...], text: str, *, salt: str = "") -> Chat:
        """One question about the pictures. `salt`: with another one, a server's caches are passed by."""
        body = Chat(self.model, messages(shown, text, named=self.mode is Mode.IDS), max_tokens=1, temperature=0.0)
        match self.mode:
            case Mode.IDS:
                ids = self.yes + self.no
                body = msgspec.structs.replace(
                    body, logprobs=True, logprob_token_ids=ids, return_tokens_as_token_ids=True
                )
            case Mode.LIKELIEST:
                body = msgspec.structs.replace(body, logprobs=True, top_logprobs=self.top)
            case Mode.TEXT:
                body = msgspec.structs.replace(body, max_tokens=TEXT_TOKENS)
        return msgspec.structs.replace(body, cache_salt=salt, cache_prompt=False) if salt else body

    def scored(self, completion: Completion) -> Scored:
        """What the answer to `question` says."""
        listed = completion.listed()
        match self.mode:
            case Mode.IDS:
                return by_ids(listed, self.yes, self.no)
            case Mode.LIKELIEST:
                return by_likeliest(listed)
            case Mode.TEXT:
                return by_words(completion.text)


async def find_profile(door: Door, server: ServerOptions, options: Options, picture: Picture, until: float) -> Profile:
    """The best that the server proves to give. Raises ServerFailed, EngineError."""
    cards = await _cards(door, server, options, until)
    model = options.model or _only_one(server, cards)
    revision = options.revision or _revision(cards.get(model))
    try:
        return await _best(door, server, model, revision, picture, until)
    except ServerFailed as failure:
        # A list need not be whole (transformers lists what was downloaded): only where the model fails too, it counts.
        if not cards or model in cards:
            raise
        raise EngineError(
            f"server '{server.shown}' has no model '{model}', it has: {', '.join(sorted(cards))}; {failure.problem}",
            "correct PLAINWATCH_OPENAI_MODEL",
        ) from failure


async def _best(
    door: Door, server: ServerOptions, model: str, revision: str, picture: Picture, until: float
) -> Profile:
    text = prompt.instruction(1) + prompt.CUT + prompt.asked("Is the picture mostly red?")
    candidates = [Profile(model, revision, Mode.LIKELIEST, top=top) for top in LISTS]
    yes, no = await _ids(door, server, model, YES, until), await _ids(door, server, model, NO, until)
    if yes and no:
        candidates.insert(0, Profile(model, revision, Mode.IDS, yes, no))
    for candidate in candidates:
        try:
            completion = await complete(door, server, candidate.question((picture,), text), Terms(until))
        except RequestRefused:
            continue
        listed = completion.listed()
        if candidate.mode is Mode.IDS and are_ids(listed, yes + no):
            return candidate
        # One entry is the token that came: that much some servers give unasked.
        if candidate.mode is Mode.LIKELIEST and len(listed) > 1:
            return candidate
    worded = Profile(model, revision, Mode.TEXT)
    try:
        await complete(door, server, worded.question((picture,), text), Terms(until))
    except RequestRefused as refused:
        raise EngineError(
            f"server '{server.shown}' takes no pictures with model '{model}': {refused.problem}",
            "give a model that sees, and start the server with its image part (llama.cpp: --mmproj)",
        ) from refused
    return worded


async def complete(door: Door, server: ServerOptions, body: Chat, terms: Terms) -> Completion:
    """One chat completion. Raises what the door raises; ServerFailed where the answer is none."""
    raw = await door.post(f"{server.base}/chat/completions", encode(body), terms)
    try:
        completion = decode_completion(raw)
    except msgspec.DecodeError as error:
        raise ServerFailed(
            f"server '{server.shown}' answered with something that is no completion", "check what listens there"
        ) from error
    if not completion.choices:
        raise ServerFailed(f"server '{server.shown}' answered without a choice", "look at its log")
    return completion


async def _cards(door: Door, server: ServerOptions, options: Options, until: float) -> dict[str, Card]:
    """What the server says of its models, by name; nothing of it is needed where the settings name one."""
    try:
        return {card.id: card for card in decode_cards(await door.get(f"{server.base}/models", until=until)).data}
    except (TooLate, ConnectionLost, ServerBusy):
        raise
    except (ServerFailed, RequestRefused, msgspec.DecodeError) as error:
        if options.model:
            return {}
        if isinstance(error, EngineError):
            raise
        raise ServerFailed(
            f"server '{server.shown}' answered /models with something else", "give its address up to and with /v1"
        ) from error


def _only_one(server: ServerOptions, cards: dict[str, Card]) -> str:
    if len(cards) != 1:
        raise EngineError(
            f"server '{server.shown}' has {len(cards)} models: {', '.join(sorted(cards)) or 'none'}",
            "name one in PLAINWATCH_OPENAI_MODEL",
        )
    return next(iter(cards))


def _revision(card: Card | None) -> str:
    """Servers hardly say: vLLM has the path behind the name, llama.cpp the size of the weights."""
    if card and card.root and card.root != card.id:
        return card.root.rstrip("/").rpartition("/")[2]
    size = (card.meta or {}).get("size") if card else None
    return f"size-{size}" if size else "unstated"


async def _ids(door: Door, server: ServerOptions, model: str, words: tuple[str, ...], until: float) -> tuple[int, ...]:
    """Of the words that are one token each; none where the server has no `/tokenize` of vLLM's kind."""
    address = f"{server.base.removesuffix('/v1')}/tokenize"
    found: list[int] = []
    for word in words:
        try:
            raw = await door.post(address, encode(TokenizeRequest(model, word)), Terms(until))
            tokens = decode_tokens(raw).tokens
        except (TooLate, ConnectionLost, ServerBusy):
            raise
        except (ServerFailed, RequestRefused, msgspec.DecodeError):
            return ()
        if len(tokens) == 1:
            found += tokens
    return tuple(dict.fromkeys(found))
