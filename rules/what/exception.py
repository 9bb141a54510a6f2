"""Exceptions that are seen: "unless an adult is next to it", 除非旁边有大人, 保安除外.

Takes: what to look for.
Gives: the main clause and what lifts it; the main condition with the exception denied.
Knows nothing about: excepted times, which are when/exception.py's; how either half is read."""

from dataclasses import dataclass, replace
from itertools import product

from rules.what.condition import Clause, Condition
from rules.words import patterns
from rules.words.language import Lang, tidy
from rules.words.verbs import subject_and_act

#: longer alternatives are cut: nobody reads them, and they grow by multiplication
_MOST_GROUPS = 6
_UNLESS_EN = (
    r"(?:unless|except(?:ing)? (?:when|if|while|where|that)|except in case|other than when|but not (?:when|if|while))"
)
_TRAILING_EN = rf"^(?P<main>.+?)[\s,]+{_UNLESS_EN}\s+(?P<but>.+)$"
_LEADING_EN = rf"^{_UNLESS_EN}\s+(?P<but>[^,]+),\s*(?P<main>.+)$"
_ALONE_EN = rf"^{_UNLESS_EN}\s+(?P<but>.+)$"
_WHO_EN = (
    r"^(?:there (?:is|are)\s+)?(?P<who>(?:(?:an?|the|any|some)\s+)?(?:[\w-]+\s+){0,2}?[\w-]+?)"
    r"(?=\s+(?:in|on|at|near|by|is|are|has|who|that|with|without|inside|outside|under|not|[\w-]+ing)\b|$)"
)
_TRAILING_ZH = r"^(?P<main>[^;]+?)(?:就)?(?:要)?[,]?除非(?P<but>[^;]+)$"
_LEADING_ZH = r"^除非(?P<but>[^,;]+),(?:否则|不然|要不然?)?(?:的话)?(?P<main>[^;]+)$"
_ALONE_ZH = r"^除非(?P<but>[^,;]+)$"
#: 有人进入机房,保安除外
_BUT_WHO_ZH = r"^(?P<main>[^;]+),(?P<who>[^,;]{1,12}?)(?:除外|例外|不算在内|不算)$"
#: 除保洁员以外有人进入仓库
_APART_ZH = (
    r"^(?P<place>[^,;]{0,10}?)除(?!非)了?(?P<who>[^,;]{1,10}?)(?:(?:以外|之外|外)[,]?|,|(?=还有))"
    r"(?P<main>(?:还?有|其他|其它|别的?|任何)+(?:人员?|车辆?|动物|东西)[^;]*)$"
)
_ANY_ZH = r"(?:任何)?(?:人员|人|车辆|动物|车)(?!员)"


@dataclass(frozen=True, slots=True)
class Excepted:
    """`main` is looked for where `but` does not hold; without `main`, wherever it does not hold."""

    main: str
    but: str


def take_exception(text: str, lang: Lang) -> Excepted | None:
    """None where nothing is excepted."""
    if lang == "zh":
        who = patterns.match(_BUT_WHO_ZH, text) or patterns.match(_APART_ZH, text)
        if who:
            plain = patterns.sub(r"^(?:还?有)?(?:其他|其它|别的?|任何)*(?=人)", "有", who["main"])
            main = who.groupdict().get("place", "") + patterns.sub(r"^还?有?(?:其他|其它|别的|任何)+", "", plain)
            return Excepted(tidy(main, "zh"), _in_place_of(main, who["who"]))
    shapes = (_TRAILING_EN, _LEADING_EN, _ALONE_EN) if lang == "en" else (_LEADING_ZH, _TRAILING_ZH, _ALONE_ZH)
    found = next((match for each in shapes if (match := patterns.match(each, text, patterns.IGNORECASE))), None)
    if not found:
        return None
    main = tidy(found.groupdict().get("main") or "", lang)
    but = tidy(found["but"], lang)
    return Excepted(main, _about(main, but) if lang == "en" and main else but) if but else None


def _in_place_of(main: str, who: str) -> str:
    """有人进入机房, 保安: 保安进入机房."""
    head = patterns.search(rf"(?:还?有|其他|其它|别的|任何)*{_ANY_ZH}", main)
    return tidy(main[: head.start()] + who + main[head.end() :], "zh") if head else who


def _about(main: str, but: str) -> str:
    """ "a child … unless accompanied by an adult", "unless it wears a bell": of the child."""
    act = subject_and_act(main)
    named = patterns.match(_WHO_EN, act[0] if act else main, patterns.IGNORECASE)
    if named is None:
        return but
    who = named["who"]
    the = patterns.sub(r"^(?:an?|any|some)\s+", "the ", who, flags=patterns.IGNORECASE)
    but = patterns.sub(
        r"\b(next to|near|beside|behind|with|by|watching|holding|accompanying) (?:it|them|him|her)\b",
        lambda match: f"{match[1]} {the}",
        but,
    )
    if patterns.match(r"(?:he|she|they|it)\s+(?=is|are|has|have|[a-z]+s\b|wear\b)(?!is (?:raining|snowing|dark))", but):
        return f"{who} {but.partition(' ')[2]}"
    bare = (
        r"(?:(?:being\s+)?(?:accompanied|supervised|watched|escorted|attended|held|covered)|wearing|with|in"
        r"|on|at|under)\b"
    )
    return f"{who} {but}" if patterns.match(bare, but) else but


def lifted(main: Condition, but: Condition) -> Condition:
    """The main condition where the other does not hold."""
    shut = _denied(but)
    groups = [tuple(dict.fromkeys((*one, *other))) for one, other in product(_positive(main), shut)]
    return replace(main, anyof=tuple(groups[:_MOST_GROUPS]), absent=False)


def _positive(condition: Condition) -> tuple[tuple[Clause, ...], ...]:
    """Absence as what it is: the one clause does not hold."""
    if not condition.absent:
        return condition.anyof
    return tuple(tuple(replace(clause, negated=True) for clause in group) for group in condition.anyof)


def _denied(condition: Condition) -> tuple[tuple[Clause, ...], ...]:
    """Not (a and b, or c): not a and not c, or not b and not c."""
    choices = product(*(group for group in _positive(condition)))
    return tuple(
        tuple(replace(clause, negated=not clause.negated) for clause in choice)
        for choice, _ in zip(choices, range(_MOST_GROUPS), strict=False)
    )
