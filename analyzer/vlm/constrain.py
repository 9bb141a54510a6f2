"""Boxes as JSON from a model that is held to the form: it chooses the numbers and when to stop, and nothing else.

Takes: a Decoder, the tokenizer, how large a coordinate may be.
Gives: text that is always valid JSON of the schema in `analyzer.boxes`.
Knows nothing about: pictures, what the numbers mean; it imports torch only.

What the form leaves no choice about is written as a block, in one forward pass with the token before it. Where there
is a choice, tokens are judged by the text they begin with, so it does not matter whether a tokenizer has single
digits or groups of them, or brackets that stick together. A box that is no box (x2 <= x1) is not bent into one: it
falls out later, and the claim stays without evidence."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch

from analyzer.vlm.decode import Decoder, InTime, always
from contracts.errors import EngineError

OPENING = '{"bbox_2d": ['
BETWEEN = ", "


@dataclass(frozen=True, slots=True)
class Alphabet:
    """A tokenizer's tokens, as far as boxes need them: `digits` by id, and by text those of ASCII marks only."""

    digits: Mapping[int, str]
    marks: Mapping[str, int]

    def beginning(self, text: str) -> list[int]:
        """Ids of the tokens that begin so."""
        return [token for mark, token in self.marks.items() if mark.startswith(text)]


@lru_cache(maxsize=4)
def alphabet(tokenizer: Any) -> Alphabet:
    """Read once of a tokenizer: some have 150 000 tokens."""
    special = set(tokenizer.all_special_tokens)
    vocabulary = {text: token for text, token in tokenizer.get_vocab().items() if text not in special}
    digits = {token: text for text, token in vocabulary.items() if text.isascii() and text.isdigit()}
    marks = {text: token for text, token in vocabulary.items() if text[:1] in set("[]{},")}
    if not digits:
        raise EngineError("tokenizer: it has no token of digits", "take a model of a known family")
    return Alphabet(digits, marks)


class Pen:
    """Writes a text by rules. What is written is fed only when the next choice needs it."""

    def __init__(self, decoder: Decoder, tokenizer: Any, asked: Sequence[int]) -> None:
        self._decoder = decoder
        self._tokenizer = tokenizer
        self._known = alphabet(tokenizer)
        self._unfed = list(asked)
        self._likely = torch.empty(0)
        self.text = ""

    def write(self, literal: str) -> None:
        """Without a choice. A label is words of a rule: what looks like a picture's token in it is text."""
        ids = self._tokenizer.encode(literal, add_special_tokens=False, split_special_tokens=True)
        self._put(ids, literal)

    def choose(self, first: str, second: str, *, after: str = "") -> str:
        """Writes `after` and then the likelier of two marks, the first where they are even.

        A tokenizer may have "[" and "[{" as one token each: both ways to begin are added up."""
        by_token = self._masses(after + first, after + second)
        if after:
            alone = self._mass([self._known.marks[after]] if after in self._known.marks else [])
            self.write(after)
            by_token = torch.logaddexp(by_token, alone + self._masses(first, second))
        chosen = second if by_token[1] > by_token[0] else first
        self.write(chosen)
        return chosen

    def number(self, largest: int, end: str) -> int:
        """A whole number from 0 to `largest`, without leading zeros; `end`: the mark that would follow it."""
        digits = ""
        while allowed := {i: text for i, text in self._known.digits.items() if _fits(digits + text, largest)}:
            ids = list(allowed)
            likely = self._look()[ids]
            if digits and self._mass(self._known.beginning(end)) >= likely.logsumexp(-1):
                break
            token = ids[int(likely.argmax())]
            digits += allowed[token]
            self._put([token], allowed[token])
        return int(digits)

    def _put(self, ids: Sequence[int], text: str) -> None:
        self._unfed += ids
        self.text += text

    def _look(self) -> torch.Tensor:
        if self._unfed:
            self._likely = self._decoder.feed(self._unfed)
            self._unfed = []
        return self._likely

    def _masses(self, first: str, second: str) -> torch.Tensor:
        return torch.stack([self._mass(self._known.beginning(text)) for text in (first, second)])

    def _mass(self, ids: list[int]) -> torch.Tensor:
        """Log-probability of any of them; -inf of none."""
        return self._look()[ids].logsumexp(-1)


def write_boxes(
    decoder: Decoder,
    tokenizer: Any,
    asked: Sequence[int],
    *,
    largest: tuple[int, int],
    label: str,
    most: int,
    in_time: InTime = always,
) -> str:
    """At most `most` boxes with numbers up to `largest` (across, down); "[]" where the model sees none.

    A box that is not whole when the time is up is left out."""
    whole = "["
    if not in_time():
        return whole + "]"
    pen = Pen(decoder, tokenizer, asked)
    if pen.choose("]", "{", after="[") == "]":
        return pen.text
    closing = f'], "label": {json.dumps(label, ensure_ascii=False)}}}'
    for box in range(1, most + 1):
        pen.write(OPENING.removeprefix("{"))
        for corner, limit in enumerate((*largest, *largest)):
            if not in_time():
                return whole + "]"
            pen.number(limit, BETWEEN[0] if corner < 3 else closing[0])
            pen.write(BETWEEN if corner < 3 else closing)
        whole = pen.text
        if box == most or not in_time() or pen.choose("]", ",") == "]":
            break
        pen.write(" {")
    return whole + "]"


def _fits(digits: str, largest: int) -> bool:
    return (digits == "0" or not digits.startswith("0")) and int(digits) <= largest
