"""Yes and no, read off what a server lists of its probabilities, or off its words.

Takes: tokens with log-probabilities, or a text.
Gives: a margin and the mass behind it, or the reason why there is none.
Knows nothing about: servers, pictures.

A list of the likeliest tokens may lack yes or no. What is not listed is no likelier than the last that is, and than
all that the listed ones leave over: that bound stands in its place, so the margin is rather too small than too large.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analyzer.openai.wire import Listed
from analyzer.yes_no import LEAST_MASS, NO, YES

#: the log-odds of a bare word: 88 %, since nothing says how sure the model was
TEXT_MARGIN = 2.0
#: sums of rounded numbers come this close to 1
_LEAST_LEFT = 1e-6
#: how far above 0 a log-probability may come by rounding
_ROUNDING = 1e-2
_TOKEN_ID = "token_id:"
_SHOWN_CHARACTERS = 40
_YES_WORDS = ("yes", "是")
_NO_WORDS = ("no", "否", "不", "没")


@dataclass(frozen=True, slots=True)
class Scored:
    """`why`: the reason, where there is no margin."""

    margin: float | None
    mass: float = 1.0
    why: str = ""


def by_ids(listed: Sequence[Listed], yes: Iterable[int], no: Iterable[int]) -> Scored:
    """Where the server listed just the tokens that we asked for, as `token_id:N`."""
    if why := _impossible(listed):
        return Scored(None, 0.0, why)
    known = {one.token: one.logprob for one in listed}
    sides = [
        [logprob for number in ids if (logprob := known.get(f"{_TOKEN_ID}{number}")) is not None] for ids in (yes, no)
    ]
    if not sides[0] or not sides[1]:
        return Scored(None, 0.0, "the server listed other tokens than those that it was asked for")
    yes_at, no_at = _logsumexp(sides[0]), _logsumexp(sides[1])
    return _weighed(yes_at, no_at, math.exp(yes_at) + math.exp(no_at))


def by_likeliest(listed: Sequence[Listed]) -> Scored:
    """Where the server lists its likeliest tokens: one side may be missing, then it is bounded."""
    if why := _impossible(listed):
        return Scored(None, 0.0, why)
    sides = [[one.logprob for one in listed if one.logprob is not None and one.token in words] for words in (YES, NO)]
    if not sides[0] and not sides[1]:
        return Scored(None, 0.0, f"neither yes nor no is among the model's {len(listed)} likeliest words")
    bound = _unlisted(listed)
    yes_at, no_at = (_logsumexp(side) if side else bound for side in sides)
    return _weighed(yes_at, no_at, sum(math.exp(logprob) for side in sides for logprob in side))


def by_words(text: str) -> Scored:
    """Where the server gives no probabilities: the word it begins with."""
    said = text.strip().lstrip("*_\"'`“”「」(> \n").lower()
    word = "".join(_letters(said))
    if word in _YES_WORDS or said.startswith("是"):
        return Scored(TEXT_MARGIN)
    if word in _NO_WORDS or said.startswith(_NO_WORDS[1:]):
        return Scored(-TEXT_MARGIN)
    shown = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())[:_SHOWN_CHARACTERS]
    return Scored(None, 0.0, f"the model answered neither yes nor no: '{shown}'")


def are_ids(listed: Sequence[Listed], asked: Iterable[int]) -> bool:
    """Whether the server did list exactly the tokens it was asked for."""
    names = {one.token for one in listed}
    return all(f"{_TOKEN_ID}{number}" in names for number in asked)


def _impossible(listed: Sequence[Listed]) -> str:
    """Why these are no log-probabilities; empty where they are. What a server writes may be anything."""
    for one in listed:
        if one.logprob is not None and not one.logprob <= _ROUNDING:
            return f"the server gave a log-probability of {one.logprob:.4g}: it cannot be above 0"
        if one.logprob == -math.inf:
            return "the server gave a log-probability that is no number"
    return ""


def _weighed(yes_at: float, no_at: float, mass: float) -> Scored:
    if mass < LEAST_MASS:
        return Scored(None, mass, f"the model answers neither yes nor no: they have {mass:.1%} of its probability")
    return Scored(yes_at - no_at, min(1.0, mass))


def _unlisted(listed: Sequence[Listed]) -> float:
    known = [one.logprob for one in listed if one.logprob is not None]
    left = max(_LEAST_LEFT, 1.0 - sum(math.exp(logprob) for logprob in known))
    return min(min(known), math.log(left))


def _letters(text: str) -> Iterable[str]:
    for letter in text:
        if not letter.isalpha():
            return
        yield letter


def _logsumexp(values: Sequence[float]) -> float:
    most = max(values)
    return most + math.log(sum(math.exp(value - most) for value in values))
