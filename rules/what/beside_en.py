"""English side conditions: something happens, and somebody who should be with it is not.

Takes: what to look for.
Gives: what happens and, denied, who is not there.
Knows nothing about: absence as the trigger, "without"; see absence.py and denied_en.py."""

import re

from rules.what.absence import WORN_EN, absent_en
from rules.what.condition import Clause, Condition
from rules.what.denied_en import WITHOUT_EN
from rules.words import patterns
from rules.words.language import tidy

_NONE_EN = r"(?:nobody|no[- ]?one|no|there(?:'s| is| are) (?:nobody|no[- ]?one|no|not an?y?))\b"
#: "people are swimming while nobody is in the chair", and the other way round
_WHILE_EN = (
    rf"^(?P<what>.+?),?\s+(?:when|while|whilst|although|and)\s+(?P<none>{_NONE_EN}.+)$",
    rf"^(?P<none>{_NONE_EN}.+?),?\s+(?:while|whilst|when|although|but)\s+(?P<what>.+)$",
    rf"^(?P<none>{_NONE_EN}.+?),?\s+and\s+(?P<what>(?:(?:an?|the|some|any|my|our)\s|some\w+\s|any\w+\s|people\s|\w+s\s).+)$",
    # "a bag that nobody is standing next to"
    r"^(?P<what>(?:an?|the|any)\s+[\w-]+(?:\s+(?!(?:that|which|who)\b)[\w-]+)?(?:\s+(?:in|on|at|near|by)\s[^,;]+?)?)\s+(?:that\s+|which\s+|who\s+)?"
    r"(?P<none>(?:nobody|no[- ]?one)\s+(?:is|has|can)\s+.+)$",
)
_NONE_DOES_EN = re.compile(
    r"\b(?:is|are|has|have|\w+ing|opens?|moves?|runs?|starts?|enters?|drives?|stands?|burns?)\b", re.IGNORECASE
)
_HAPPENS_EN = re.compile(
    r"\b(?:is|are|has|have|\w+ing|\w{3,}s|open|on|left|in|at)\b|^(?:someone|somebody|anyone|people|an?|the)\b",
    re.IGNORECASE,
)


def and_nobody_en(text: str) -> Condition | None:
    """Something is there, and somebody or something that should be with it is not."""
    text = patterns.sub(r"\bthere (is|are)n't\b", r"there \1 not", text, flags=patterns.IGNORECASE)
    for pattern in _WHILE_EN:
        found = patterns.match(pattern, text, patterns.IGNORECASE)
        if not found or WITHOUT_EN.search(found["what"]) or not _HAPPENS_EN.search(found["what"]):
            continue
        if pattern == _WHILE_EN[2] and not _NONE_DOES_EN.search(found["what"]):
            continue
        missing = absent_en(_with_object(found["none"]) if pattern == _WHILE_EN[3] else found["none"])
        if missing is not None and not patterns.match(rf"(?:{_NONE_EN}\s+)?{WORN_EN}", missing, patterns.IGNORECASE):
            return Condition(((Clause(tidy(found["what"], "en")), Clause(tidy(missing, "en"), negated=True)),))
    return None


def _with_object(none: str) -> str:
    """ "a bag nobody is standing next to": next to it."""
    none = patterns.sub(r"\bnext$", "next to", none)
    return patterns.sub(r"\b(to|with|near|beside|by|behind|watching|holding|guarding)$", r"\1 it", none)
