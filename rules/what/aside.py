"""A place set off by a comma: "in the yard, someone without a helmet" says where, and is no question of its own.

Takes: what to look for, names marked.
Gives: the same, with the place beside what stands there.
Knows nothing about: negation, questions."""

import re

from rules.words.language import Lang
from rules.words.places import ZONE

_AT_EN = (
    r"(?:in|on|at|near|by|inside|outside|behind|around|under|underneath|within|next to|close to|in front of|along"
    r"|beside|beneath|above|opposite|across from|at the back of|over by)"
)
#: where a phrase stops naming its place and begins to say what is there
_NO_PLACE_EN = (
    r"(?:someone|somebody|anyone|anybody|nobody|person|people|man|men|woman|women|worker|workers|is|are|has|have|not|no"
    r"|without|who|when|if|wearing|case|then|least|most|once|first|last|fire|all|any)"
)
_WORD_EN = rf"(?!{_NO_PLACE_EN}\b)[\w'\ue000-\ue7ff-]+"
_PLACE_EN = (
    rf"(?P<place>{_AT_EN}\s+(?:(?:the|an?|my|our|this|that|each|any|every)\s+)?{_WORD_EN}(?:\s+{_WORD_EN}){{0,4}}?)"
)
_LEADING_EN = re.compile(
    rf"^{_PLACE_EN}\s*(?:[,:;]\s*(?:-\s*)?|(?<=\s)(?=(?:someone|somebody|anyone|anybody|nobody|no one|people|an?"
    rf"|any|two|three)\b))"
    r"(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_NAMED_FIRST_EN = re.compile(
    rf"^(?:the\s+)?(?P<zone>{ZONE})(?:\s+(?:area|zone))?\s*(?:[,:;]|\s-)\s*(?P<rest>\S.*)$", re.IGNORECASE
)
_TRAILING_EN = re.compile(rf"^(?P<rest>[^,;:]+?)\s*,\s*{_PLACE_EN}$", re.IGNORECASE)
#: the place goes before whatever is said about the one who is there
_BEFORE_EN = re.compile(
    r"\s*(?:,|\b(?:without|with|who|that|which|wearing|not|isn't|aren't|has|have|hasn't|haven't|is|are|and|or|but|then"
    r"|for (?:\d|an?\b|half|over|more|at least|longer|about|two|three|four|five|ten|fifteen|twenty|thirty)|within|after"
    r"|longer than|more than)\b)",
    re.IGNORECASE,
)
_LEAD_IN_EN = re.compile(
    r"^(?:(?:please\s+)?(?:make (?:sure|certain)|ensure|check|verify)\s+(?:that\s+)?)?(?:there (?:is|are)\s+)?"
    r"(?:(?:not|no more than|more than|fewer than|less than|at least|at most|exactly)\s+)?",
    re.IGNORECASE,
)

_LEADING_ZH = re.compile(
    rf"^(?:在)?(?P<place>(?:[^,.;:有没无人在]{{0,10}}?(?:里面?|内|上面?|下面?|[旁周]边|旁|前面?|后面?|处"
    rf"|附近|门口|区域?|中"
    rf"|外面?|这边|那边|周围)|[^,.;:有没无人在]{{0,6}}{ZONE}(?:[里内上下旁边前后处]|附近|旁边|区域)?))\s*[,:;]\s*(?=\S)"
)


def beside(text: str, lang: Lang) -> str:
    """The sentence as it was where no place is set off."""
    if lang == "zh":
        return _LEADING_ZH.sub(lambda match: match["place"], text, count=1)
    named = _NAMED_FIRST_EN.match(text)
    if named:
        return _moved(named["rest"], f"in {named['zone']}")
    apart = _LEADING_EN.match(text) or _TRAILING_EN.match(text)
    return _moved(apart["rest"], apart["place"].strip()) if apart else text


def _moved(rest: str, place: str) -> str:
    lead = _LEAD_IN_EN.match(rest)
    begin = lead.end() if lead else 0
    until = next((match.start() for match in _BEFORE_EN.finditer(rest, begin) if match.start() > begin), len(rest))
    return f"{rest[:until]} {place} {rest[until:].lstrip()}" if until < len(rest) else f"{rest} {place}"
