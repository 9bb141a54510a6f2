"""How long: "half an hour", "2h15m", "一分半".

Takes: text.
Gives: regular-expression fragments that find a duration, and its seconds.
Knows nothing about: whether the duration belongs to the condition or to the alert."""

import re

from rules.words import patterns
from rules.words.language import Lang
from rules.words.numbers import NUMBER_EN, NUMBER_ZH, number

_UNIT_EN = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|s|m|h)\b"
# The fewer copies of a number, the sooner it is compiled: some forty patterns hold a duration.
_ONE_EN = (
    rf"(?:{NUMBER_EN}(?:\s+and\s+a\s+half\s+(?:seconds|minutes|hours|days)|\s*\+?\s*-?\s*{_UNIT_EN})"
    r"|(?:an?|one)\s+(?:second|sec|minute|min|hour|hr|day)\b)"
)
DURATION_EN = (
    r"(?:half\s+an?\s+(?:hour|minute|day)|half-hour|half hour|(?:a\s+)?quarter\s+of\s+an\s+hour"
    r"|three\s+quarters\s+of\s+an\s+hour"
    r"|(?:an?|one)\s+(?:minute|hour|day)\s+and\s+a\s+half"
    rf"|\d+\s*h\s*\d+\s*m(?:in)?\b|(?![\s,]|and\b)(?:\s*(?:,|and)?\s*{_ONE_EN}){{1,2}})"
)
#: 30min and 2h are written among Chinese words as well; a 4S店 sells cars
_UNIT_ZH = r"(?:个?小时|个?钟头|分钟|分(?![之钟])|秒钟?|天|(?:mins?|minutes?|secs?|hrs?|hours?|[sh])(?![a-z店]))"
DURATION_ZH = (
    rf"(?:半个?小时|半个?钟头|半分钟|半天|[一三]刻钟|{NUMBER_ZH}(?:个半(?:小时|钟头)|分半钟?|天半"
    rf"|\s*{_UNIT_ZH}(?:零?{NUMBER_ZH}\s*{_UNIT_ZH})?))"
)
_FIXED_EN = (
    (r"three\s+quarters", 2700.0),
    (r"quarter", 900.0),
    (r"half\s+an?\s+minute", 30.0),
    (r"half\s+an?\s+day", 43200.0),
    (r"half", 1800.0),
)
_FIXED_ZH = {"半分钟": 30.0, "半天": 43200.0, "一刻钟": 900.0, "三刻钟": 2700.0}
_SCALE_EN = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SCALE_ZH = {"小时": 3600.0, "钟头": 3600.0, "分": 60.0, "秒": 1.0, "天": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}


_PERIOD: dict[Lang, re.Pattern[str]] = {
    "en": re.compile(r"sec|min|hour|hr|day|dai|week|night|shift|(?<![a-z])[smh]\b", re.IGNORECASE),
    "zh": re.compile(r"[秒分时天刻日周晚夜班期拜头]|[hms]", re.IGNORECASE),
}


def may_name_period(text: str, lang: Lang) -> bool:
    """False where no duration can stand in the text, and no pattern with one needs to be tried, nor compiled."""
    return bool(_PERIOD[lang].search(text))


def seconds_of(text: str, lang: Lang) -> float | None:
    """None where the text is no duration."""
    text = text.strip().lower()
    return _english(text) if lang == "en" else _chinese(text)


def _english(text: str) -> float | None:
    if not patterns.search(r"and a half", text):
        for pattern, value in _FIXED_EN:
            if patterns.match(rf"(?:a\s+)?{pattern}", text) and not text.startswith("half a dozen"):
                return value
    total = 0.0
    whole = text.replace("and a half", " ")
    for amount, unit in re.findall(rf"({NUMBER_EN}|\ban?)\s*\+?\s*-?\s*([smhd])", whole):
        total += (number(amount, "en") or 1.0) * _SCALE_EN[unit]
    half = patterns.search(r"\b([smhd])(?:ec|in|our|r|ay)\w*\s+and a half|and a half\s+([smhd])", text)
    if half:
        total += _SCALE_EN[half.group(1) or half.group(2)] / 2
    return total or None


def _chinese(text: str) -> float | None:
    if text in _FIXED_ZH:
        return _FIXED_ZH[text]
    if text.startswith("半"):
        return 1800.0
    half = patterns.fullmatch(rf"({NUMBER_ZH})(个半(?:小时|钟头)|分半钟?|天半)", text)
    if half:
        scale = 60.0 if half.group(2).startswith("分") else 86400.0 if "天" in half.group(2) else 3600.0
        return ((number(half.group(1), "zh") or 0.0) + 0.5) * scale
    total = 0.0
    for amount, unit in re.findall(rf"({NUMBER_ZH})\s*个?(小时|钟头|分|秒|天|[hms])", text):
        total += (number(amount, "zh") or 0.0) * _SCALE_ZH[unit]
    return total or None
