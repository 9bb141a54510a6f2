"""At most so many alerts in a period: "twice a day at most", 每小时最多报三次.

Takes: a sentence.
Gives: the seconds between two alerts, and the sentence without the limit.
Knows nothing about: occurrences of what is looked for (cadence.py), how many things there are (what/count.py).

A limit of n alerts per period is a cooldown of period / n: twice a day is one alert in twelve hours."""

import re

from rules.when.duration import DURATION_EN, DURATION_ZH, may_name_period, seconds_of
from rules.words import patterns
from rules.words.language import Lang, cut
from rules.words.numbers import NUMBER_EN, NUMBER_ZH, number

_TELL_EN = (
    r"(?:alert|notify|remind|tell|warn|ping|message|text|e-?mail|bother|disturb|inform|report|call|ring"
    r"|phone|page|bug|nag)"
)
_TOLD_EN = (
    r"(?:(?:push\s+)?(?:alerts?|notifications?|notices?|messages?|reminders?|alarms?|warnings?|pings?|texts?|e-?mails?"
    r"|reports?|calls?)(?:\s+messages?)?)"
)
_TIMES_EN = rf"(?:(?P<word>once|twice|thrice)|(?P<n>{NUMBER_EN}|one|a single)\s*(?:times?|x\b|{_TOLD_EN}))"
_MOST_EN = (
    r"(?:at (?:the )?(?:very )?most|(?:a )?max(?:imum)?(?: of)?|no more(?: often)? than|not more(?: often)? than|up to"
    r"|limit(?:ed)? (?:(?:it|them|this|yourself|alerts|notifications|messages) )?to|never more than"
    r"|cap(?:ped)?(?: it| them)? at)"
)
#: "more than twice an hour" is a limit only after "don't tell me"
_ANY_MOST_EN = rf"(?:{_MOST_EN}|only|just|but|fewer than|less(?: often)? than|more(?: often)? than)"
_PER_EN = r"(?:\s*(?:/|\b(?:per|every|an?|each|in|within|in any|in an?|within an?|during an?|over)\b)\s*(?:single\s+)?)"
_PERIOD_EN = (
    rf"(?P<period>{DURATION_EN}|(?:(?:shift|working|calendar) (?=day))?(?:second|minute|hour|day|night"
    rf"|week|shift)\b|24h\b)"
)
_EACH_EN = rf"(?:{_PER_EN}{_PERIOD_EN}|\s+(?P<ly>daily|hourly|weekly)\b)"
_AFTER_EN = (
    r"(?:,?\s*\b(?:at (?:the )?(?:very )?most|max(?:imum)?|tops|only|(?:is|are|will be) (?:enough|plenty|fine"
    r"|sufficient"
    r"|ok)|will do|suffices?|(?:is|are) the (?:limit|maximum)|and no more|not more|but not more|or less)\b)"
)
_MUTED_EN = r"(?:(?:and|but|please)\s+)*(?:do not|don't|never|no need to|not)\s+(?:ever\s+)?"
_EN = (
    # "don't text me more than twice a day", "no more than 3 alerts per day", "alert me at most 4 times in 24 hours"
    rf"(?:\b{_MUTED_EN})?(?:\b(?:and|with|but|please)\s+)?(?:\b{_TELL_EN}\s+(?:(?:me|us|them|security|the \w+)\s+)?"
    rf"|\bsend\s+(?:(?:me|us)\s+)?)"
    rf"(?:about (?P<kept>[^,.;]{{1,60}}?)\s+)?(?:\b{_ANY_MOST_EN}\s+)+{_TIMES_EN}{_EACH_EN}{_AFTER_EN}?",
    rf"(?:\b(?:and|with|but|please|only)\s+)?(?:\b{_MOST_EN}\s+)+{_TIMES_EN}{_EACH_EN}{_AFTER_EN}?",
    # "alert me twice a day", "remind us three times per shift at most"
    rf"\b(?:{_TELL_EN}\s+(?:(?:me|us|them|security|the \w+)\s+)?|send\s+(?:(?:me|us)\s+)?)"
    rf"(?:about (?:it|this|that)\s+)?{_TIMES_EN}{_EACH_EN}{_AFTER_EN}?",
    # "twice a day is enough", "3 times per hour tops"
    rf"\b{_TIMES_EN}{_EACH_EN}{_AFTER_EN}",
    # "3 alerts per hour", "max 2/day", "limit: 4 per day"
    rf"\b(?P<n>{NUMBER_EN}|one|a single)\s*{_TOLD_EN}{_EACH_EN}",
    rf"\blimit(?:ed)?\s+(?:the\s+)?(?:{_TOLD_EN}|it|them)\s+to\s+(?P<n>{NUMBER_EN}|one){_EACH_EN}",
    rf"\b(?:max(?:imum)?(?: of)?|at most|limit(?: is|:)?|alert limit:?|rate(?: limit)?:?)\s*(?P<n>{NUMBER_EN})"
    rf"\s*(?:x\s*)?(?:/|\bper\b)\s*{_PERIOD_EN}",
)
#: without one of these there is no limit, and no need to try
_COUNTS_EN = re.compile(rf"\b(?:once|twice|thrice|times?|\d+x|{_TOLD_EN}|max|rate|limit\w*)\b|/", re.IGNORECASE)
_COUNTS_ZH = re.compile(r"[次遍条回]")
_WORDS_EN = {"once": 1.0, "twice": 2.0, "thrice": 3.0, "one": 1.0, "a single": 1.0}
_PERIODS_EN = {
    "second": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "hourly": 3600.0,
    "day": 86400.0,
    "night": 86400.0,
    "daily": 86400.0,
    "24h": 86400.0,
    "week": 604800.0,
    "weekly": 604800.0,
    "shift": 28800.0,
}

_TELL_ZH = r"(?:报警|告警|报告|通知|提醒|推送|提示|发送|警报|播报|打扰|告诉|发消息|发短信|发|报|推|吵)"
_MOST_ZH = (
    r"(?:(?:别|不要|不能|不许)再?(?:给我|跟我|向我)?(?:报警?|通知|提醒|发|推送)我?(?:超过|多于)|最多|至多|顶多|只能|只要|只许|只|仅|不得?超过|不要超过|别超过|不能超过|不许超过|不多于|不要多于|别多于|限制?(?:为|在|到)?"
    r"|控制在|上限(?:为|是|:)?)"
)
_N_ZH = rf"(?P<n>{NUMBER_ZH})\s*(?:次|遍|条(?![狗蛇鱼船])|回)"
_PERIOD_ZH = (
    rf"(?P<period>{DURATION_ZH}|个?小时|分钟|天|日|周|个?星期|个?礼拜|个?钟头|个?班次?|(?<=[每一])(?:晚上?|夜))"
)
_IN_ZH = r"(?:(?:之|以)?内|里|中)?(?:的话)?"
_ME_ZH = r"(?:给我|跟我|向我|我|我们|一下)?"
_NOTE_ZH = r"(?:消息|短信|警报|告警|报警|通知|提醒|提示|警告|播报)?"
_ENOUGH_ZH = r"(?:就(?:行|好|够|可以|成)了?|即可|足够|够了?|封顶|为限|为上限)"
_EACH_ZH = rf"(?:每隔?|一|在)?{_PERIOD_ZH}{_IN_ZH}"
_HEAD_ZH = rf"(?:同一\S{{1,3}})?(?:{_TELL_ZH}(?:次数|频率|数量)?(?:的)?)?"
_ZH = (
    # 每天晚上报一次: once in a day, and the evening is when it watches
    rf"每[天日]?(?P<kept>晚上|夜里|夜间|白天|早上|上午|下午)(?:里|内)?{_ME_ZH}{_MOST_ZH}?{_TELL_ZH}{_ME_ZH}{_N_ZH}{_NOTE_ZH}",
    rf"{_HEAD_ZH}{_EACH_ZH}{_ME_ZH}{_TELL_ZH}?(?:次数)?{_ME_ZH}{_MOST_ZH}{_ME_ZH}{_TELL_ZH}?{_ME_ZH}{_N_ZH}"
    rf"{_NOTE_ZH}{_ENOUGH_ZH}?",
    rf"{_HEAD_ZH}{_MOST_ZH}{_ME_ZH}{_TELL_ZH}?{_EACH_ZH}{_ME_ZH}{_TELL_ZH}?{_ME_ZH}{_N_ZH}{_NOTE_ZH}{_ENOUGH_ZH}?",
    rf"{_HEAD_ZH}{_EACH_ZH}{_ME_ZH}{_TELL_ZH}{_ME_ZH}{_N_ZH}{_NOTE_ZH}{_ENOUGH_ZH}?",
    rf"{_EACH_ZH}{_N_ZH}{_NOTE_ZH}(?:以内)?{_ENOUGH_ZH}",
    rf"{_TELL_ZH}(?:频率|次数)?(?:为|是|:)?{_ME_ZH}{_EACH_ZH}{_N_ZH}{_ENOUGH_ZH}?",
    rf"(?:{_MOST_ZH}|(?:报警|告警|通知|提醒)(?:频率|上限|限制|次数)?[:为是]?){_N_ZH}\s*(?:/|每){_PERIOD_ZH}",
)
_PERIODS_ZH = {
    "": 86400.0,
    "小时": 3600.0,
    "钟头": 3600.0,
    "分钟": 60.0,
    "天": 86400.0,
    "日": 86400.0,
    "晚": 86400.0,
    "晚上": 86400.0,
    "夜": 86400.0,
    "周": 604800.0,
    "星期": 604800.0,
    "礼拜": 604800.0,
    "班": 28800.0,
    "班次": 28800.0,
}


def take_limit(text: str, lang: Lang) -> tuple[float | None, str]:
    """The first that is found counts; a limit of one alert is cooldown.py's as well, and is the same number here."""
    if not may_name_period(text, lang) or not (_COUNTS_EN if lang == "en" else _COUNTS_ZH).search(text):
        return None, text
    for pattern in _EN if lang == "en" else _ZH:
        match = patterns.search(pattern, text, patterns.IGNORECASE)
        seconds = _between(match, lang) if match else None
        if match and seconds:
            kept = match.groupdict().get("kept")
            return seconds, cut(
                f"{text[: match.start()]}{kept or ''}{text[match.end() :]}", match.start(), match.start(), lang
            )
    return None, text


def _between(match: re.Match[str], lang: Lang) -> float | None:
    found = match.groupdict()
    written = (found.get("word") or found.get("n") or "").lower()
    times = _WORDS_EN.get(written) or number(written, lang)
    period = (found.get("period") or found.get("ly") or "").strip().lower()
    words = _PERIODS_EN if lang == "en" else _PERIODS_ZH
    seconds = words.get(period) or words.get(period.removeprefix("个")) or seconds_of(period, lang)
    seconds = seconds or words.get(period.split(" ")[-1])
    return seconds / times if seconds and times else None
