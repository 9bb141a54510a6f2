"""Times that are taken out: "unless it is Sunday", "not between 9 and 17", 周日除外, 除非是周末.

Takes: a sentence; the windows that it names beside the exception.
Gives: the excepted windows, and the week without them.
Knows nothing about: what is looked for; "unless a guard is there" is what/exception.py's."""

import re
from collections.abc import Iterator
from itertools import islice

from contracts.plan import WEEK, Day, Window
from rules.when.clock_reading import MIDNIGHT, clock_text
from rules.when.window import take_window
from rules.words import patterns
from rules.words.language import Lang

WEEK_MINUTES = 7 * MIDNIGHT
Spans = list[tuple[int, int]]
Taken = tuple[tuple[Window, ...], tuple[str, ...], str]

#: "except Sunday from 7am to 7pm" is days.py's: there the hours belong to the rule
_BUT_EN = (
    r"[\s,(]*\b(?:but\s+)?(?:unless|except(?:ing)?(?:\s+for)?(?=\s+(?:when|if|while|during|at|in|it|between)\b)"
    r"|excluding(?=\s+(?:when|during)\b)|not(?=\s+(?:on|during)\b))\s+"
    r"(?:(?:when|if|while)\s+)?(?:(?:it|today|the day|that day)(?:'s|\s+is|\s+falls on|\s+happens to be)\s+)?"
)
#: where the words for the time may end
_UNTIL_EN = re.compile(
    r"\s*(?:[,;!?)]|\.(?!\d)|\b(?:when|if|alert|tell|notify|please|let|send|warn)\b|$)", re.IGNORECASE
)
_LONGEST = 90
#: exceptions looked at: a sentence has one or two
_MOST = 4
_FILLER = re.compile(
    r"\b(?:it|is|on|at|in|during|the|an?|hours?|time|days?|only|a)\b|[是在到的]|时候|时间|期间|时段|时|话",
    re.IGNORECASE,
)
_BEFORE_ZH = re.compile(
    r"[,(]?(?:除非(?:现在|当天|今天|那天)?[是在到]?了?|(?:如果|要是|只要|假如|若)?(?:现在|当天|今天|那天)?不是|不包括|但不含)"
)
_AFTER_ZH = re.compile(r"(?:都|则|的)?(?:除外|例外|不算在内|不算|不用管|不用报)[)]?(?=[,;.!]|$)")
_NON_ZH = re.compile(r"(?<!除)非(?P<time>(?:周末|工作日|上学日|双休日)(?:期间|的?时候|时间|时)?)")


def take_exception(text: str, lang: Lang) -> Taken:
    """The windows are those in which the rule does not watch; none where no time is excepted."""
    for start, end, begin, until in _english(text) if lang == "en" else _chinese(text):
        windows, remarks, rest = take_window(text[begin:until], lang)
        if windows and not patterns.search(r"\w", _FILLER.sub("", rest)):
            return windows, remarks, f"{text[:start]}{' ' if lang == 'en' else ','}{text[end:]}"
    return (), (), text


def _english(text: str) -> Iterator[tuple[int, int, int, int]]:
    """What to cut out, and where the time stands in it; the longest first."""
    for head in islice(patterns.finditer(_BUT_EN, text, patterns.IGNORECASE), _MOST):
        ends = [stop.start() for stop in _UNTIL_EN.finditer(text, head.end(), head.end() + _LONGEST)]
        for end in reversed(ends[:6]):
            yield head.start(), end, head.end(), end


def _chinese(text: str) -> Iterator[tuple[int, int, int, int]]:
    for head in islice(_BEFORE_ZH.finditer(text), _MOST):
        upto = min(len(text), head.end() + _LONGEST // 2)
        end = next((at for at in range(head.end(), upto) if text[at] in ",;.)"), upto)
        yield head.start(), end, head.end(), end
    for tail in islice(_AFTER_ZH.finditer(text), _MOST):
        begin = max(text.rfind(mark, 0, tail.start()) for mark in ",;.(") + 1
        yield begin, tail.end(), begin, tail.start()
    for non in islice(_NON_ZH.finditer(text), _MOST):
        yield non.start(), non.end(), non.start("time"), non.end("time")


def without(windows: tuple[Window, ...], excepted: tuple[Window, ...]) -> tuple[Window, ...] | None:
    """What is left of the windows, where none means always; None when nothing is left."""
    kept = _spans(windows) if windows else [(0, WEEK_MINUTES)]
    for begin, end in _spans(excepted):
        pieces = [((first, min(last, begin)), (max(first, end), last)) for first, last in kept]
        kept = [piece for pair in pieces for piece in pair if piece[0] < piece[1]]
    return _as_windows(kept) if kept else None


def _spans(windows: tuple[Window, ...]) -> Spans:
    """Minutes of the week, in order; what runs over Sunday's midnight is two."""
    found: Spans = []
    for window in windows:
        start, end = (int(side[:2]) * 60 + int(side[3:]) for side in (window.start, window.end))
        for day in window.days:
            begin = WEEK.index(day) * MIDNIGHT + start
            until = begin + (end - start if end > start else end - start + MIDNIGHT)
            found.append((begin, min(until, WEEK_MINUTES)))
            found += [(0, until - WEEK_MINUTES)] if until > WEEK_MINUTES else []
    return sorted(found)


def _as_windows(spans: Spans) -> tuple[Window, ...]:
    """One window for all days that share their hours; a night is one window."""
    days: dict[tuple[int, int], list[Day]] = {}
    for begin, end in _nights(_by_day(spans)):
        days.setdefault((begin % MIDNIGHT, (end - 1) % MIDNIGHT + 1), []).append(WEEK[begin // MIDNIGHT])
    return tuple(
        Window(tuple(day for day in WEEK if day in named), clock_text(begin), clock_text(end))
        for (begin, end), named in days.items()
    )


def _by_day(spans: Spans) -> Spans:
    pieces: Spans = []
    for begin, end in spans:
        while begin < end:
            midnight = (begin // MIDNIGHT + 1) * MIDNIGHT
            pieces.append((begin, min(end, midnight)))
            begin = midnight
    return sorted(set(pieces))


def _nights(pieces: Spans) -> Spans:
    """An evening up to midnight and the morning after it are one, unless a whole day is among them."""
    mornings = {begin: end for begin, end in pieces if begin % MIDNIGHT == 0 and end % MIDNIGHT}
    joined: Spans = []
    for begin, end in pieces:
        after = end % WEEK_MINUTES
        if begin % MIDNIGHT and end % MIDNIGHT == 0 and mornings.get(after, MIDNIGHT * 8) - after < begin % MIDNIGHT:
            joined.append((begin, end + mornings.pop(after) - after))
        else:
            joined.append((begin, end))
    taken = {(at, end) for at, end in pieces if at % MIDNIGHT == 0 and end % MIDNIGHT and at not in mornings}
    return [piece for piece in joined if piece not in taken]
