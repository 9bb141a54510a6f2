"""Days of the week as people name them.

Takes: text.
Gives: a regular-expression fragment per language that finds an expression of days, and its days.
Knows nothing about: hours, dates, holidays."""

import re

from contracts.plan import WEEK, Day
from rules.words import patterns
from rules.words.language import Lang

WEEKDAYS: tuple[Day, ...] = WEEK[:5]
WEEKEND: tuple[Day, ...] = WEEK[5:]

_LONG = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?"
#: "sat", "sun" and "wed" are also words: alone they need a capital
_SHORT_CASED = r"(?-i:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun|MON|TUE|WED|THU|FRI|SAT|SUN)s?\b\.?"
_ANY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?"
#: "Mon Wed Fri"
_BARE = r"(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)"
DAY_EN = rf"\b(?:{_LONG}|{_SHORT_CASED})"
_JOIN_EN = r"\s*(?:,\s*and|,|and|&|or|/|-|to|through|thru|till|until)\s*"
_GROUP_EN = r"(?:week[- ]?days?|work(?:ing)?[- ]?days?|school[- ]?days?|business days?|weekends?)"
_LIST_EN = (
    rf"(?:{_GROUP_EN}\b|\b(?:{_LONG}|{_SHORT_CASED}|{_ANY}(?=\s*(?:-|to|thru|through|till|until|/)\s*{_ANY}\b)"
    rf"|{_BARE}(?=[\s,]+(?:and\s+)?{_BARE}\b))(?:(?:{_JOIN_EN}(?:{_LONG}"
    rf"|{_ANY}|{_GROUP_EN})|\s+(?:{_LONG}|{_BARE}))\b)*|(?-i:M-F|Mo-Fr|Mo-Su)\b)"
)
DAYS_EN = (
    r"(?:\b(?:on|every|each|during|at|over|all)\s+)?(?:the\s+|any\s+|an?\s+)?(?P<but>\b(?:(?:every ?day|daily|any day"
    r"|all week)\s+but|except(?:\s+for)?|excluding"
    rf"|but not|apart from|other than)\s+(?:on\s+)?)?{_LIST_EN}(?:\s+only\b|\s+long\b(?!\s+\w))?"
    r"|\bevery\s*day\b|\beach day\b|\bdaily\b|\b(?:all|seven|7) days(?: (?:a|of the) week)?\b|\ball week(?: long)?\b"
)
_DAY_ZH = r"(?:周|星期|礼拜)"
_LIST_ZH = (
    rf"(?:工作日|上学日|上班日|周末|双休日|{_DAY_ZH}[一二三四五六日天]+(?:\s*(?:到|至|-|和|及|与|或"
    rf"|,)\s*{_DAY_ZH}?[一二三四五六日天](?![个名位辆只点时秒分]))*)"
)
DAYS_ZH = (
    rf"(?:(?P<but>除了?)(?:每?个?{_LIST_ZH})(?:以外|之外|外)?(?:的(?:每天|日子|其他时间))?|(?:每个?|逢"
    rf"|只?在)?{_LIST_ZH}|每天|每日|天天|一周七天)"
)
_NUMERALS_ZH = "一二三四五六日"


def read_days(text: str, lang: Lang) -> tuple[Day, ...]:
    """In the order of the week; all seven for "daily"."""
    match = patterns.fullmatch(DAYS_EN if lang == "en" else DAYS_ZH, text.strip(), patterns.IGNORECASE)
    named = _english(text.lower()) if lang == "en" else _chinese(text)
    if match and match["but"]:
        return tuple(day for day in WEEK if day not in named)
    return tuple(day for day in WEEK if day in named) or WEEK


def _english(text: str) -> set[Day]:
    named: set[Day] = set()
    if patterns.search(r"week[- ]?day|work|school|business", text):
        named |= set(WEEKDAYS)
    if "weekend" in text:
        named |= set(WEEKEND)
    text = patterns.sub(r"\bm-f\b|\bmo-fr\b", "mon-fri", patterns.sub(r"\bmo-su\b", "mon-sun", text))
    tokens = re.findall(r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*|(-|\bto\b|through|thru|till|until)", text)
    return named | _walk([WEEK[_index_en(day)] if day else None for day, _ in tokens])


def _index_en(day: str) -> int:
    return [str(each) for each in WEEK].index(day)


def _chinese(text: str) -> set[Day]:
    named: set[Day] = set()
    if patterns.search(r"工作日|上学日|上班日", text):
        named |= set(WEEKDAYS)
    if patterns.search(r"周末|双休日", text):
        named |= set(WEEKEND)
    text = text.replace("天天", "").replace("每天", "").replace("周末", "").replace("双休日", "")
    text = patterns.sub(r"(周|星期|礼拜)天", r"\1日", text)
    tokens = re.findall(
        r"[一二三四五六日](?!周)|到|至|-", patterns.sub(r"工作日|上学日|上班日|每日|日子|一周七天", "", text)
    )
    return named | _walk([WEEK[_NUMERALS_ZH.index(token)] if token in _NUMERALS_ZH else None for token in tokens])


def _walk(tokens: list[Day | None]) -> set[Day]:
    """None between two days means all days from one to the other."""
    named: set[Day] = set()
    for i, token in enumerate(tokens):
        if token is not None:
            named.add(token)
            continue
        before, after = (tokens[i - 1] if i else None), (tokens[i + 1] if i + 1 < len(tokens) else None)
        if before and after:
            named |= set(days_between(before, after))
    return named


def days_between(first: Day, last: Day) -> tuple[Day, ...]:
    """Both included; Friday to Monday runs over the weekend."""
    start, length = WEEK.index(first), (WEEK.index(last) - WEEK.index(first)) % 7
    return tuple(WEEK[(start + i) % 7] for i in range(length + 1))
