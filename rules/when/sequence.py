"""A, then B: two things after one another, perhaps within a time.

Takes: a sentence from which names, cooldown and window are gone.
Gives: both halves, the time within which B must follow, and whether B must not follow.
Knows nothing about: how each half is looked for."""

import re
from dataclasses import dataclass

from rules.when.duration import DURATION_EN, DURATION_ZH, may_name_period, seconds_of
from rules.words import patterns
from rules.words.language import Lang, tidy
from rules.words.scope import has_core
from rules.words.verbs import base_of, is_plural, is_verb, subject_and_act


@dataclass(frozen=True, slots=True)
class Sequence:
    """`negated`: it fires when `second` does not follow."""

    first: str
    second: str
    within_s: float | None
    negated: bool


_WITHIN_EN = (
    r"(?:,\s*)?\b(?:within|in under|in less than|inside|in the next|no later than|less than"
    rf"|at most|in(?=\s+{DURATION_EN}\s*(?:$|[,.;])))"
    rf"\s+(?:the (?:next|following)\s+)?(?P<limit>{DURATION_EN})(?:\s+(?:of (?:that|it|this|each other"
    r"|arriving)|after(?:wards)?|later))?"
)
_LATER_EN = rf"\b(?P<limit>{DURATION_EN})\s+(?:later|after(?:wards| that)?|on)\b"
_AFTER_EN = rf"\bafter\s+(?P<limit>{DURATION_EN})\b"
_THEN_EN = (
    r"\s*[,;]?\s*\b(?:and then|but then|, then|then|followed by|and (?:shortly )?(?:afterwards|after that"
    r"|later)|after which|and next|and subsequently)\b(?!\s+(?:alert|notify|tell|warn|ping|send|remind|wait"
    r"|stay))\s*,?\s*"
)
_OF_EN = (
    rf"^(?P<b>.+?)\s+(?:within|less than|in under|inside)\s+(?P<limit>{DURATION_EN})\s+(?:of|after)\s+(?P<a>.+)$",
    # "the door isn't closed 2 minutes after a truck leaves", and the other way round
    rf"^(?P<b>\S+ .+?)(?<!\bfor)(?<!\bthan)(?<!\bover)(?<!\bleast)\s+(?P<limit>{DURATION_EN})\s+after\s+(?P<a>.+)$",
    rf"^(?:within\s+)?(?P<limit>{DURATION_EN})\s+after\s+(?P<a>[^,]+?),\s*(?P<b>.+)$",
)
_AFTER_A_EN = r"^(?P<b>.+?)\s+(?:right |shortly |just )?after\s+(?P<a>(?:a|an|the|someone|somebody|any)\b.+)$"
_AFTER_FIRST_EN = r"^(?:right |shortly |just )?(?:after|once)\s+(?P<a>[^,]+?),\s*(?P<b>.+)$"
_NOT_EN = (
    r"\b(?:has not|hasn't|have not|haven't|is not|isn't|are not|aren't|does not|doesn't|do not|don't|did not"
    r"|didn't|was not|wasn't|will not|won't|not|never|still not|no one|nobody|no)\b"
)

_LIMIT_ZH = rf"(?:,)?(?:在)?(?P<limit>{DURATION_ZH})(?:之内|以内|内|里)"
_THEN_ZH = (
    r"(?:之后|以后|(?<![背身门最向往楼屋先])后(?![门面院台方排备座勤厨期]))[,]?(?:又|再|接着|随后|然后|紧接着"
    r"|立刻|马上|就)?|[,]?(?:然后|接着|随后|紧接着)|,再"
)
_LATER_ZH = (
    rf"(?P<after>之后|以后|后|,)?(?:过了|过)?(?P<limit>{DURATION_ZH})(?:之后|以后|后|过去)?[,]?"
    r"(?:(?(after)(?:还|仍|依然|都)*|(?:还|仍|依然|都)+)(?=没|未|不))"
)
#: 货车离开两分钟后大门还没关
_LATER_WHAT_ZH = (
    rf"[,]?(?:过了|过)?(?P<limit>{DURATION_ZH})(?:之后|以后|后)[,]?(?=[^,.;没未不还仍]{{0,8}}(?:还|仍|依然|依旧|没|未|不))",
    rf"(?:之后|以后|后)(?P<limit>{DURATION_ZH})(?:[之以]?内|里)?(?![之以内里])[,]?(?=[^,.;没未不还仍]{{1,8}}(?:还|仍|依然|依旧|没|未|不))",
)
_NOT_ZH = r"(?:还|仍|仍然|依然|都|也|却)?(?:没有|没|未|不(?!锈|干))"


def take_sequence(text: str, lang: Lang) -> Sequence | None:
    """None where the sentence names one condition only."""
    found = _english(text) if lang == "en" else _chinese(text)
    # 柜台一刻钟都没有人: a place is no first event.
    return found if found and found.second and has_core(found.first, lang) else None


def _english(text: str) -> Sequence | None:
    lasts = may_name_period(text, "en")
    for pattern in _OF_EN if lasts else ():
        swapped = patterns.search(pattern, text, patterns.IGNORECASE)
        if swapped:
            return _made(swapped["a"], swapped["b"], swapped["limit"], "en")
    limits = (_WITHIN_EN, _LATER_EN) if lasts else ()
    limit = next((found for each in limits if (found := patterns.search(each, text, patterns.IGNORECASE))), None)
    rest = text[: limit.start()] + " " + text[limit.end() :] if limit else text
    then = patterns.search(_THEN_EN, rest, patterns.IGNORECASE)
    if then and not _stays(rest[then.end() :]):
        return _made(rest[: then.start()], rest[then.end() :], limit["limit"] if limit else None, "en")
    if limit:
        joint = _last_joint(rest)
        return _made(rest[: joint.start()], rest[joint.end() :], limit["limit"], "en") if joint else None
    swapped = patterns.search(_AFTER_FIRST_EN, text, patterns.IGNORECASE) or patterns.search(
        _AFTER_A_EN, text, patterns.IGNORECASE
    )
    return _made(swapped["a"], swapped["b"], None, "en") if swapped else None


def _stays(text: str) -> bool:
    """ "enters and then stays for N" is one condition that holds."""
    return bool(patterns.match(r"\s*(?:stays?|remains?|keeps?|waits?|lingers?|loiters?)\b", text))


def _last_joint(text: str) -> re.Match[str] | None:
    joints = list(
        patterns.finditer(
            r"\s*(?:,\s*(?:and|but)?|\band\b|\bbut\b|\bwithout\b(?=\s+\w+(?:ing|one|body)))\s*", text, re.IGNORECASE
        )
    )
    return next((joint for joint in reversed(joints) if joint.start() and joint.end() < len(text.rstrip())), None)


def _chinese(text: str) -> Sequence | None:
    later = next((found for each in (_LATER_ZH, *_LATER_WHAT_ZH) if (found := patterns.search(each, text))), None)
    if later and later.start():
        return _made(text[: later.start()], text[later.end() :], later["limit"], "zh")
    limit = patterns.search(_LIMIT_ZH, text)
    # 离开后两分钟内门没关: without the comma 后门 would be a back door
    comma = "," if limit and text[: limit.start()].endswith("后") else ""
    rest = text[: limit.start()] + comma + text[limit.end() :] if limit else text
    then = patterns.search(_THEN_ZH, rest)
    if then and then.start() and then.end() < len(rest):
        return _made(rest[: then.start()], rest[then.end() :], limit["limit"] if limit else None, "zh")
    if limit and limit.start() and limit.end() < len(text):
        return _made(text[: limit.start()], text[limit.end() :], limit["limit"], "zh")
    return None


def _made(first: str, second: str, limit: str | None, lang: Lang) -> Sequence:
    first, second = tidy(first, lang), tidy(second, lang)
    if lang == "en":
        first = patterns.sub(
            r"^(?:right |shortly |just )?(?:after|once|when|whenever|if|first(?=,? (?:an?|the|some\w*|any\w*)\b),?)\s+",
            "",
            first,
            flags=patterns.IGNORECASE,
        )
    seconds = seconds_of(limit, lang) if limit else None
    pattern = _NOT_EN if lang == "en" else _NOT_ZH
    negator = patterns.search(pattern, second, patterns.IGNORECASE)
    if negator:
        second = tidy(affirmed(second, negator, lang), lang)
    return Sequence(first, _with_subject(first, second, lang), seconds, negated=negator is not None)


#: an act that needs somebody who does it: 没站起来, 没有回来
_LONE_ACT_ZH = r"(?:站|爬起|起来|起身|回来|回去|返回|离开|走|跑|下车|出来|出去|进来|动|上车|逃|躺|倒|趴|坐)"
_WHO_ZH = r"^(?P<who>有?[^,.;]{0,8}?(?:人|车|孩子?|学生|顾客|老人|工|员|狗|猫|男子|女子|者|们))"


def _with_subject(first: str, second: str, lang: Lang) -> str:
    """ "a person falls and does not get up": it is the person who does not."""
    if lang == "zh":
        second = patterns.sub(r"^(?:还|仍然?|依然|依旧)(?=[躺倒趴坐站])", "", second)
        who = patterns.match(_WHO_ZH, first)
        return who["who"] + second if who and patterns.match(_LONE_ACT_ZH, second) else second
    begin = second.split(" ", 1)[0]
    act = subject_and_act(first)
    pronoun = patterns.match(r"(?:he|she|it|they)\s+(?=\w)", second, patterns.IGNORECASE)
    if act and patterns.match(r"(?:is|are|has|have)\s", second):
        return f"{act[0]} {second}"
    if act and pronoun:
        # "a man puts down a bag, then he walks away"
        return f"{act[0]} {second[pronoun.end() :]}"
    if not act or not is_verb(begin) or (is_plural(begin) and base_of(begin) is None):
        return second
    third = begin if base_of(begin) or begin.endswith("ing") else f"{begin}s"
    return f"{act[0]} {third}{second[len(begin) :]}"


def affirmed(text: str, negator: re.Match[str], lang: Lang) -> str:
    """ "the gate has not been closed" becomes "the gate has been closed"."""
    word = negator[0].lower()
    if lang == "zh":
        return (
            text[: negator.start()]
            + ("有" if word.endswith("没有") and negator.end() < len(text) and text[negator.end()] in "人车" else "")
            + text[negator.end() :]
        )
    kept = (
        "someone"
        if word in {"nobody", "no one"}
        else patterns.sub(r"\s*\b(?:still|not|never|no)\b|n't", "", word).strip()
    )
    kept = "" if kept in {"do", "does", "did", "wo", "will"} else kept
    return f"{text[: negator.start()]} {kept} {text[negator.end() :]}"
