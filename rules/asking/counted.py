"""A count said in a question: "Are people visible?" becomes "Are more than 3 people visible?".

Takes: a question in words, the count that the plan holds apart from it.
Gives: the question with the count in it, and whether its yes speaks against the count.
Knows nothing about: detectors, which count for themselves.

Too few is asked as its opposite, and turned round: "are at least 2 guards there?" has one right answer before an empty
gate, where "are fewer than 2 guards there?" invites a no."""

import re
from dataclasses import dataclass

from contracts.plan import Count
from rules.words.language import Lang
from rules.words.vocabulary import PERSON_ZH, VEHICLES, WORDS_ZH, labels_en, labels_zh

_WORDS = {
    "en": {">": "more than {n}", ">=": "at least {n}", "==": "exactly {n}"},
    "zh": {">": "超过{n}", ">=": "至少{n}", "==": "正好{n}"},
}
_OPPOSITE = {"<": ">=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Bound:
    """What is asked: `words` is empty where the plain question says it; `turned`: a yes breaks the count."""

    words: str
    n: int
    turned: bool


def bound_of(count: Count, lang: Lang) -> Bound:
    """At least one is the plain question; none at all is its opposite."""
    if count.op == "==" and count.n == 0:
        return Bound("", 0, turned=True)
    op = _OPPOSITE.get(count.op, count.op)
    plain = (op == ">=" and count.n <= 1) or (op == ">" and count.n <= 0)
    words = "" if plain else _WORDS[lang][op].format(n=count.n)
    return Bound(words, count.n, turned=count.op in _OPPOSITE)


def with_count(question: str, bound: Bound, lang: Lang) -> str:
    """As it was where the bound needs no words."""
    if not bound.words:
        return question
    return _english(question, bound) if lang == "en" else _chinese(question, bound)


_LEAD_EN = re.compile(r"^(?P<lead>Does the picture show|Is|Are|Has|Have)\s+(?P<what>.+)$")
_ARTICLE_EN = re.compile(r"^(?:(?:an?|the|any|some|one|single)\s+)+", re.IGNORECASE)
_SOMEONE_EN = re.compile(r"^(?:someone|somebody|anyone|anybody)\b", re.IGNORECASE)
_PLURALS_EN = frozenset(("people", "men", "women", "children", "sheep", "cattle", "mice", "geese", "staff"))
_MANY = {"Is": "Are", "Has": "Have"}


def _english(question: str, bound: Bound) -> str:
    asked = _LEAD_EN.match(question)
    if not asked:
        return f"{question.rstrip('?')} ({bound.words})?"
    one = bound.words == "exactly 1"
    lead, what = asked["lead"], _SOMEONE_EN.sub("a person" if one else "people", asked["what"])
    bare = _ARTICLE_EN.sub("", what)
    if bare == what or one or _plural(bare.split(" ", 1)[0]):
        return f"{lead if one else _MANY.get(lead, lead)} {bound.words} {bare}"
    # "a car with 3 people": the article belongs to the car, the count to the first plural after it.
    words = what.split(" ")
    counted = next((at for at, word in enumerate(words) if _counts(word.rstrip("?"))), 0)
    if counted:
        return " ".join([lead, *words[:counted], bound.words, *words[counted:]])
    return f"{_MANY.get(lead, lead)} {bound.words} {bare}"


def _counts(word: str) -> bool:
    return _plural(word) and bool(labels_en(word))


def _plural(word: str) -> bool:
    return word.lower() in _PLURALS_EN or (word.endswith("s") and not word.endswith("ss"))


# Longest first; a 车间 is no 车, a 人行道 no 人.
_THING_ZH = re.compile(
    rf"(?<=有)人|(?:{'|'.join(word for word in WORDS_ZH if word != '有人')})(?![间库站道位棚场门行])"
)
_LEAD_ZH = re.compile(r"能否看到|是否有|是否出现|是否")
_MOVING_ZH = frozenset((*VEHICLES, "bicycle"))
_ANIMALS_ZH = frozenset(("bird", "cat", "dog", "sheep", "bear", "elephant", "giraffe", "zebra"))


def _chinese(question: str, bound: Bound) -> str:
    """Before the first thing that we have a word for, with its measure word: 画面中是否有超过3个人?"""
    lead = _LEAD_ZH.search(question)
    start = lead.end() if lead else 0
    thing = _THING_ZH.search(question, start)
    at = thing.start() if thing else start
    return f"{question[:at]}{bound.words}{_measure(thing[0] if thing else '')}{question[at:]}"


def _measure(thing: str) -> str:
    if thing in PERSON_ZH:
        return "个" if thing in {"人", "男人", "女人"} else "名"
    labels = set(labels_zh(thing))
    if labels and labels <= _MOVING_ZH:
        return "辆"
    return "只" if labels & _ANIMALS_ZH else "个"
