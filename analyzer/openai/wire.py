"""The bodies of requests and answers, as far as we need them.

Takes: pictures and words; bytes from a server.
Gives: a request as bytes, the picture in it encoded once; typed answers, or msgspec.DecodeError.
Knows nothing about: HTTP, what the answers mean.

All questions about one picture share every byte up to the question: that is what servers' prefix caches live on."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

Read = TypeVar("Read")


class Chat(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request. The messages stand first, what varies by purpose after them; what is not asked for is absent.

    `logprob_token_ids`, `return_tokens_as_token_ids` and `cache_salt` are vLLM's, `cache_prompt` is llama.cpp's."""

    model: str
    messages: msgspec.Raw
    max_tokens: int
    temperature: float | None = None
    logprobs: bool = False
    top_logprobs: int = 0
    logprob_token_ids: tuple[int, ...] = ()
    return_tokens_as_token_ids: bool = False
    cache_salt: str = ""
    cache_prompt: bool = True
    response_format: dict[str, Any] | None = None


class Listed(msgspec.Struct, frozen=True):
    """One token that might have come, and its log-probability."""

    token: str = ""
    logprob: float | None = None


class Position(msgspec.Struct, frozen=True):
    """One place of the answer; the token that came, and those beside it."""

    token: str = ""
    logprob: float | None = None
    top_logprobs: list[Listed] | None = None


class Logprobs(msgspec.Struct, frozen=True):
    """Of each place of the answer."""

    content: list[Position] | None = None


class Message(msgspec.Struct, frozen=True):
    """What the model said; None where a server puts everything into its thoughts."""

    content: str | None = None


class Choice(msgspec.Struct, frozen=True):
    """We ask for one."""

    message: Message
    logprobs: Logprobs | None = None
    finish_reason: str | None = None


class Completion(msgspec.Struct, frozen=True):
    """The answer to a Chat."""

    choices: list[Choice]

    @property
    def text(self) -> str:
        """Empty where nothing was said."""
        return (self.choices[0].message.content if self.choices else None) or ""

    @property
    def cut_off(self) -> bool:
        """Whether the model would have gone on."""
        return bool(self.choices) and self.choices[0].finish_reason == "length"

    def listed(self) -> tuple[Listed, ...]:
        """The tokens of the first place with their log-probabilities; empty where the server gives none."""
        logprobs = self.choices[0].logprobs if self.choices else None
        if not logprobs or not logprobs.content:
            return ()
        first = logprobs.content[0]
        beside = first.top_logprobs or []
        said = [] if any(one.token == first.token for one in beside) else [Listed(first.token, first.logprob)]
        return tuple(one for one in (*said, *beside) if one.logprob is not None)


class Card(msgspec.Struct, frozen=True):
    """One model of `/models`. `root` is vLLM's: the path or hub id behind the name; `meta` is llama.cpp's."""

    id: str
    root: str | None = None
    meta: dict[str, Any] | None = None


class Cards(msgspec.Struct, frozen=True):
    """The answer of `/models`."""

    data: list[Card]


class Tokens(msgspec.Struct, frozen=True):
    """The answer of vLLM's `/tokenize`."""

    tokens: list[int]


class TokenizeRequest(msgspec.Struct, frozen=True):
    """To vLLM's `/tokenize`."""

    model: str
    prompt: str
    add_special_tokens: bool = False


_completion = msgspec.json.Decoder(Completion)
_cards = msgspec.json.Decoder(Cards)
_tokens = msgspec.json.Decoder(Tokens)
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG as a part of a message: without a name, and named by its content."""

    plain: msgspec.Raw
    named: msgspec.Raw


def picture_part(jpeg: bytes) -> Picture:
    """The one place where base64 is made. The name is of the content: one by camera would give the last frame's."""
    address = b"data:image/jpeg;base64," + base64.b64encode(jpeg)
    body = b'{"type":"image_url","image_url":{"url":"' + address + b'"}'
    named = body + b',"uuid":"' + hashlib.sha256(jpeg).hexdigest().encode() + b'"}'
    return Picture(msgspec.Raw(body + b"}"), msgspec.Raw(named))


def messages(pictures: Sequence[Picture], text: str, *, named: bool) -> msgspec.Raw:
    """One turn of the user: the pictures, then the words."""
    parts: list[Any] = [picture.named if named else picture.plain for picture in pictures]
    parts.append({"type": "text", "text": text})
    return msgspec.Raw(_encoder.encode([{"role": "user", "content": parts}]))


def encode(body: msgspec.Struct) -> bytes:
    """JSON, in the order of the fields."""
    return _encoder.encode(body)


def decode_completion(raw: bytes) -> Completion:
    """Raises msgspec.DecodeError."""
    return decoded(_completion, raw)


def decode_cards(raw: bytes) -> Cards:
    """Raises msgspec.DecodeError."""
    return decoded(_cards, raw)


def decode_tokens(raw: bytes) -> Tokens:
    """Raises msgspec.DecodeError."""
    return decoded(_tokens, raw)


def decoded(decoder: msgspec.json.Decoder[Read], raw: bytes) -> Read:
    """Raises msgspec.DecodeError, whatever the bytes are: msgspec itself lets two other errors out."""
    try:
        return decoder.decode(raw)
    except RecursionError as error:
        raise msgspec.DecodeError("JSON is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError("JSON is no UTF-8") from error
