"""When a rule watches: days and hours of a sentence, brought together.

Takes: a sentence.
Gives: windows (none means always), the remarks they call for, and the sentence without them.
Knows nothing about: time zones, the present; see incidents/clockface.py."""

import re
from dataclasses import dataclass

from contracts.plan import WEEK, Day, Window
from rules.when.clock_reading import MIDNIGHT, TIME_EN, TIME_ZH, clock_text, read_range, read_time
from rules.when.days import DAY_EN, DAYS_EN, DAYS_ZH, days_between, read_days
from rules.when.hours import NAMED_HOURS_EN, NAMED_HOURS_ZH, WHOLE_DAY, Hours, find_hours
from rules.words import patterns
from rules.words.language import Lang, cut

_DAY_ZH = r"(?:周|星期|礼拜)[一二三四五六日天]"
_SPAN_EN = re.compile(
    (
        rf"(?:\b(?:from|between)\s+)?(?P<d1>{DAY_EN})\s*(?:at\s+|,\s*)?(?P<t1>{TIME_EN})\s*(?:-|\bto\b|\buntil\b"
        rf"|\btill\b"
        rf"|\bthrough\b|\bright through to\b|\band\b)\s*(?P<d2>{DAY_EN})\s*(?:at\s+|,\s*)?(?P<t2>{TIME_EN})"
    ),
    re.IGNORECASE,
)
_SPAN_ZH = re.compile(
    rf"从?每?(?P<d1>{_DAY_ZH})的?(?P<t1>{TIME_ZH})(?:[开]始|起)?[,\s]*(?:一?直)?(?:直?到|至"
    rf"|-)\s*(?:[下次]?个?)?(?P<d2>{_DAY_ZH})的?(?P<t2>{TIME_ZH})"
)


@dataclass(frozen=True, slots=True)
class _Days:
    at: int
    upto: int
    days: tuple[Day, ...]


def take_window(text: str, lang: Lang) -> tuple[tuple[Window, ...], tuple[str, ...], str]:
    """The remarks are lint codes: ambiguous_time, assumed_time, contradiction."""
    # 每晚十点: the hour follows at once, so the "every" stands in its way.
    text = patterns.sub(r"[每当今](?=[晚早](?:上)?[\d零一二两三四五六七八九十])", "", text)
    span = (_SPAN_EN if lang == "en" else _SPAN_ZH).search(text)
    if span:
        windows = _span_windows(span, lang)
        if windows:
            return windows, (), cut(text, span.start(), span.end(), lang)
    hours = _overruled(find_hours(text, lang))
    days = _find_days(text, lang, hours)
    rest = text
    named: list[Hours | _Days] = [*find_hours(text, lang), *days]
    for each in sorted(named, key=lambda piece: piece.at, reverse=True):
        rest = cut(rest, _with_name(text, each, named, lang), each.upto, lang)
    remarks = tuple(dict.fromkeys(code for piece in hours for code in piece.remarks))
    if "contradiction" in remarks:
        return (), ("contradiction",), rest
    return _windows(hours, days), remarks, rest


def _with_name(text: str, piece: Hours | _Days, pieces: list[Hours | _Days], lang: Lang) -> int:
    """Where the expression begins: with the word for its hours, if one stands before them."""
    if isinstance(piece, _Days) or piece.hint:
        return piece.at
    name = patterns.search(NAMED_HOURS_EN if lang == "en" else NAMED_HOURS_ZH, text[: piece.at], patterns.IGNORECASE)
    if name is None or any(name.start() < other.upto <= piece.at for other in pieces):
        return piece.at
    return name.start()


def _overruled(hours: list[Hours]) -> list[Hours]:
    """Hints count only where no hours are named."""
    explicit = [piece for piece in hours if not piece.hint and (piece.start, piece.end) != WHOLE_DAY]
    if explicit:
        return explicit
    return [piece for piece in hours if piece.hint] or hours


def _find_days(text: str, lang: Lang, hours: list[Hours]) -> list[_Days]:
    found = []
    for match in patterns.finditer(DAYS_EN if lang == "en" else DAYS_ZH, text, patterns.IGNORECASE):
        if all(match.end() <= piece.at or match.start() >= piece.upto for piece in hours):
            found.append(_Days(match.start(), match.end(), read_days(match[0], lang)))
    return found


def _windows(hours: list[Hours], days: list[_Days]) -> tuple[Window, ...]:
    named = tuple(group for group in days if group.days != WEEK)
    if not hours:
        hours = [Hours(0, 0, *WHOLE_DAY)] if named else []
    if not named and all((piece.start, piece.end) == WHOLE_DAY for piece in hours):
        return ()
    made: list[Window] = []
    for piece in hours:
        chosen = _days_of(piece, named, several=len(hours) > 1)
        made.append(Window(chosen, clock_text(piece.start), clock_text(piece.end)))
    return tuple(dict.fromkeys(made))


def _days_of(piece: Hours, groups: tuple[_Days, ...], *, several: bool) -> tuple[Day, ...]:
    """With several hours and several groups of days, each takes the group beside it."""
    if not groups:
        return WEEK
    if several and len(groups) > 1:
        return min(groups, key=lambda group: min(abs(piece.at - group.upto), abs(group.at - piece.upto))).days
    excepted = [set(group.days) for group in groups]
    if len(groups) == 2 and len(groups[0].days) + len(groups[1].days) > 7:
        return tuple(day for day in WEEK if day in excepted[0] & excepted[1])
    return tuple(day for day in WEEK if any(day in group for group in excepted))


def _span_windows(span: re.Match[str], lang: Lang) -> tuple[Window, ...]:
    """Tuesday 20:00 until Thursday 07:00: the rest of the first day, the whole days, the start of the last."""
    start, end = read_time(span["t1"], lang), read_time(span["t2"], lang)
    first, last = read_days(span["d1"], lang)[0], read_days(span["d2"], lang)[0]
    if start is None or end is None or first == last:
        return ()
    begin, until, _ = read_range(start, end) if start.decided != end.decided else (start.minutes, end.minutes, False)
    whole = days_between(first, last)[1:-1]
    parts = [Window((first,), clock_text(begin % MIDNIGHT), "24:00")]
    if whole:
        parts.append(Window(tuple(day for day in WEEK if day in whole), "00:00", "24:00"))
    if until % MIDNIGHT:
        parts.append(Window((last,), "00:00", clock_text(until % MIDNIGHT)))
    return tuple(parts)
