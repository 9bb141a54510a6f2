"""English denials in one shape: "neither a helmet nor a vest" as "no helmet and no vest".

Takes: what to look for.
Gives: the same with "no", "not", "other than" and "except" for the rarer words.
Knows nothing about: clauses; see denied_en.py."""

import re

from rules.words import patterns

_BOTH_EN = (
    r"^neither\s+(?P<one>[^,;]{2,30}?)\s+nor\s+(?P<other>[^,;]{2,30}?)\s+(?P<be>is|are|has been)\s+(?P<state>.+)$"
)
_IS_EN = r"\b(is|are) neither (an?|the) ([^,;]{2,40}?) nor (?:an?|the) "
_NEITHER_EN = r"\b(?:(?:wears?|wearing|has|have|with)\s+)?neither(?:\s+an?(?=\s))?"
_BUT_EN = r"^either\s+|\b(any(?:one|body|thing)) but(?= (?:an?|the|\w+s)\b)"
_LEADING_EN = r"^(?:except(?: for)?|apart from|other than)\s+([^,]+),\s*(.+)$"


def plainly_denied(text: str) -> str:
    """The sentence as it was where nothing rare is in it."""
    text = patterns.sub(r"[\s,]*\bi\.?e\b[.,]*\s*", ", ", text)
    text = patterns.sub(_BOTH_EN, r"\g<one> \g<be> not \g<state> and \g<other> \g<be> not \g<state>", text)
    text = patterns.sub(_IS_EN, r"\1 not \2 \3 and \1 not \2 ", text)
    text = patterns.sub(_LEADING_EN, r"\2 except \1", text)
    text = patterns.sub(_NEITHER_EN, "no", patterns.sub(r"\bnor\b", "and no", text))
    return patterns.sub(_BUT_EN, _other_than, text)


def _other_than(match: re.Match[str]) -> str:
    return f"{match[1]} other than" if match[1] else ""
