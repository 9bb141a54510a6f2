"""Clock hours as people say them: 9 to 4pm, 22点到7点, 晚上7点到9点.

Takes: the words of one or two points in time.
Gives: minutes of the day, and whether the reading had to guess the half of the day.
Knows nothing about: days, time zones, the present."""

import re
from dataclasses import dataclass

from rules.words import patterns
from rules.words.language import Lang
from rules.words.numbers import NUMBER_ZH, number

NOON, MIDNIGHT = 720, 1440
_HOUR_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_SIDE_EN = r"(?:a\.?m\b\.?|p\.?m\b\.?|o'?clock(?:\s*(?:am|pm))?|in the (?:morning|afternoon|evening)|at night)"
TIME_EN = (
    rf"(?:(?:12\s+)?(?:noon|midnight|midday)\b|(?:half past|half(?=\s+(?:[1-9]|1[0-2]|{_HOUR_WORDS})\b)"
    rf"|quarter past|quarter to)\s+(?:\d{{1,2}}"
    rf"|{_HOUR_WORDS})\b(?:\s*{_SIDE_EN})?"
    rf"|\b[0-2]\d[0-5]\d\s*(?:hours|hrs|h)?\b|\b\d{{1,2}}[:.]\d{{2}}(?:(?=[ap]\.?m)|\b)(?:\s*{_SIDE_EN})?|\b(?:\d{{1,2}}"
    rf"|{_HOUR_WORDS})(?:(?=[ap]\.?m|h\b)|\b)(?:\s*{_SIDE_EN})?)"
)
_EXPLICIT_EN = re.compile(rf"[:]|\d\.\d\d|noon|midnight|midday|past|quarter|\d{{4}}|{_SIDE_EN}", re.IGNORECASE)

_PERIODS_ZH = "凌晨|清晨|早晨|早上|上午|中午|下午|傍晚|晚上|夜里|夜间|半夜|深夜|午夜|早|晚"
TIME_ZH = (
    rf"(?:(?:{_PERIODS_ZH})?\s*(?:{NUMBER_ZH}(?:点钟?|时(?!候))(?:半|[一三]刻|整|{NUMBER_ZH}分?(?!钟))?"
    rf"|\d{{1,2}}:\d{{2}})|正午|午夜|零点)"
)
_MORNING_ZH = {"凌晨", "清晨", "早晨", "早上", "上午", "早"}
_NIGHT_ZH = {"晚上", "夜里", "夜间", "半夜", "深夜", "午夜", "晚"}


@dataclass(frozen=True, slots=True)
class ClockTime:
    """`decided`: the words name the half of the day. `day24`: written in 24-hour notation."""

    minutes: int
    decided: bool
    day24: bool
    two_digits: bool = False


def is_explicit(text: str) -> bool:
    """English only: more than a bare number."""
    return bool(_EXPLICIT_EN.search(text))


def read_time(text: str, lang: Lang) -> ClockTime | None:
    """None where the text names no time of day (25:00)."""
    found = _english(text.strip().lower()) if lang == "en" else _chinese(text.strip())
    return found if found and 0 <= found.minutes <= MIDNIGHT else None


def _english(text: str) -> ClockTime | None:
    if patterns.search(r"noon|midday", text) and "afternoon" not in text:
        return ClockTime(NOON, decided=True, day24=False)
    if "midnight" in text:
        return ClockTime(0, decided=True, day24=False)
    military = patterns.match(r"([0-2]\d)([0-5]\d)", text)
    if military:
        return ClockTime(int(military[1]) * 60 + int(military[2]), decided=False, day24=True)
    match = patterns.search(rf"(\d{{1,2}}|{_HOUR_WORDS})(?:[:.](\d{{2}}))?", text)
    if not match:
        return None
    hour, minute = int(number(match[1], "en") or 0), int(match[2] or 0)
    if minute > 59:
        return None
    offset = (
        30 if text.startswith("half") else 15 if "quarter past" in text else -15 if "quarter to" in text else minute
    )
    morning = bool(patterns.search(r"a\.?m\b|morning", text))
    later = bool(patterns.search(r"p\.?m\b|afternoon|evening|at night", text))
    if (morning or later) and hour <= 12:
        night_end = "at night" in text and hour <= 5
        hour = hour % 12 + (12 if later and not night_end and not ("night" in text and hour == 12) else 0)
        return ClockTime(hour * 60 + offset, decided=True, day24=False)
    day24 = hour >= 13 or match[1].startswith("0")
    return ClockTime(hour * 60 + offset, False, day24, match[2] is not None and len(match[1]) == 2)


def _chinese(text: str) -> ClockTime | None:
    if text in {"正午", "午夜", "零点"}:
        return ClockTime(NOON if text == "正午" else 0, decided=text != "零点", day24=True)
    match = patterns.fullmatch(rf"({_PERIODS_ZH})?\s*({NUMBER_ZH})(点钟?|时|:)(.*)", text)
    if not match:
        return None
    period, written, rest = match[1], match[2], match[4].rstrip("分")
    hour = int(number(written, "zh") or 0)
    minute = {"半": 30, "一刻": 15, "三刻": 45, "整": 0, "": 0}.get(rest)
    minute = int(number(rest, "zh") or 0) if minute is None else minute
    if minute > 59:
        return None
    if period and hour <= 12:
        return ClockTime(_hour_in(period, hour) * 60 + minute, decided=True, day24=False)
    day24 = hour >= 13 or written.startswith(("0", "零"))
    return ClockTime(hour * 60 + minute, False, day24, match[3] == ":" and len(written) == 2)


def _hour_in(period: str, hour: int) -> int:
    if period in _MORNING_ZH:
        return 0 if period == "凌晨" and hour == 12 else hour
    if period == "中午":
        return hour if hour >= 10 else hour + 12
    if period in _NIGHT_ZH:
        return 0 if hour == 12 else hour if hour <= 5 else hour + 12
    return hour % 12 + 12


def read_range(start: ClockTime, end: ClockTime) -> tuple[int, int, bool]:
    """Start, end, and whether the half of the day is a guess; midnight as an end is 1440."""
    first, last, guessed = start.minutes, end.minutes, False
    if start.decided != end.decided and not (start.day24 or end.day24):
        if start.decided:
            last = min(_halves(last), key=lambda at: _length(first, at))
        else:
            first = min(_halves(first), key=lambda at: _length(at, last))
    elif not (start.decided or end.decided or start.day24 or end.day24 or (start.two_digits and end.two_digits)):
        guessed = True
        last = last if last > first else (last + NOON if last + NOON <= MIDNIGHT else last)
    return first % MIDNIGHT, last % MIDNIGHT or MIDNIGHT, guessed


def _halves(minutes: int) -> tuple[int, int]:
    return minutes % NOON, minutes % NOON + NOON


def _length(start: int, end: int) -> int:
    return (end - start) % MIDNIGHT or MIDNIGHT


def clock_text(minutes: int) -> str:
    """540 is "09:00", 1440 is "24:00"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
