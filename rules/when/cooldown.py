"""How often to tell: a duration that belongs to the alert, not to the condition.

Takes: a sentence.
Gives: seconds between two alerts, and the sentence without them.
Knows nothing about: how long a condition must hold (hold.py)."""

from rules.when.duration import DURATION_EN, DURATION_ZH, may_name_period, seconds_of
from rules.when.limit import take_limit
from rules.words import patterns
from rules.words.language import Lang, cut

_PERIOD_EN = rf"(?P<period>{DURATION_EN}|second|minute|hour|day|week|shift)"
_TELL_EN = (
    r"(?:alerts?|notifications?|notify|notifying|messages?|reminders?|remind|tell|telling|warn|warning|ping"
    r"|alarms?|repeat|repeats|send|report)"
)
_ONE_EN = r"(?:one|1|once|a single)"
_PATTERNS_EN = (
    (
        rf"(?:\b(?:and|but|then|please)\s+)?\b(?:do not|don't|no need to|never)\s+(?!\w+(?: (?:me|us))?,? (?:unless"
        rf"|until|except)\b)"
        rf"(?:repeat|{_TELL_EN}|bother"
        r"|disturb)\b[^,.;]*?(?:more (?:often|than once|than one)[^,.;]*?|again[^,.;]*?|for\s+|within\s+"
        rf"|it\s+)?\b(?:every|per|in|within|for|an?|each|than)\s+(?:the next\s+)?{_PERIOD_EN}"
    ),
    (
        r"\b(?:no|without)\s+(?:repeats?|repeat alerts?|repetition|more alerts|further alerts?)\s+(?:for"
        rf"|within|in)\s+(?:the next\s+)?(?:an?\s+)?{_PERIOD_EN}"
    ),
    (
        r"(?:\b(?:and|but|with)\s+)?(?:\b(?:alert|notify|tell|remind|ping|warn)(?: me"
        r"| us)?\s+)?(?:\b(?:at most|at the most|max(?:imum)?(?: of)?|no more than|not more than"
        rf"|not more often than|only|up to|limit(?:ed)? to|but)\s+)+{_ONE_EN}(?:\s+{_TELL_EN}| time)?\s*(?:/"
        rf"|\b(?:per|every|an?|each|in|within|in any)\b)\s*{_PERIOD_EN}"
    ),
    (
        rf"\b{_ONE_EN}\s*(?:{_TELL_EN}\s+)?(?:per|every|an|a|each)\s+{_PERIOD_EN}(?:\s+(?:at most|max(?:imum)?"
        r"|tops|only|is enough))?"
    ),
    (
        r"\b(?:remind|repeat|re-?alert|alert again|notify again|tell me again|send again)(?:\s+(?:me|us|it"
        rf"|the alert|alerts?|again))*\s+(?:only\s+)?(?:every|after|each|once every|once per)\s+{_PERIOD_EN}"
    ),
    (
        r"\b(?:at most |max(?:imum)? )?(?:alerts?|notifications?|reminders?)\s+(?:at most\s+)?(?:every"
        rf"|once every|once per|each)\s+{_PERIOD_EN}"
    ),
    rf"(?:\b(?:{_TELL_EN})(?:\s+(?:me|us))?\s+)?\b(?:at (?:the )?most|max(?:imum)?|no more than)"
    rf"\s+(?:once\s+)?every\s+{_PERIOD_EN}",
    rf"\bevery\s+{_PERIOD_EN}\s+(?:at (?:the )?most|max(?:imum)?|tops|only)\b"
    rf"|[,;.]\s*(?:only\s+)?every\s+(?P<again>{DURATION_EN})"
    r"(?=\s*(?:[,.;!]|$))",
    rf"\b(?:with\s+)?(?:an?\s+)?cool[- ]?down(?:\s+(?:period|time))?\s*(?:of|is|=|:|for)?\s*{_PERIOD_EN}",
    rf"\b(?:with\s+)?(?:an?\s+)?(?P<period>{DURATION_EN})\s+cool[- ]?down\b",
    (
        r"(?:\b(?:then|and)\s+)*\b(?:wait|stay quiet|be quiet|keep quiet|stay silent|mute(?: it)?"
        rf"|silence(?: it)?|snooze(?: it)?|pause)\s+(?:for\s+)?(?:at least\s+)?(?P<period>{DURATION_EN})(?:\s+"
        r"(?:before|between|until|after)\b[^,.;]*)?"
    ),
    rf"\b(?:at least\s+)?(?P<period>{DURATION_EN})\s+between\s+{_TELL_EN}",
    r"\b(?:at most\s+|max(?:imum)?\s+)?(?P<period>hourly)(?:\s+(?:at most|max(?:imum)?|reminders?|alerts?))?\b",
)
_WORD_SECONDS_EN = {
    "second": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "hourly": 3600.0,
    "day": 86400.0,
    "week": 604800.0,
    "shift": 28800.0,
}

_PERIOD_ZH = rf"(?P<period>{DURATION_ZH}|个?小时|分钟|天|个?钟头)"
_TELL_ZH = r"(?:报警|告警|报告|通知|提醒|推送|提示|发送|发|报|播报|警报)"
_MOST_ZH = r"(?:最多|至多|顶多|只能|只要|只|仅|不超过|不要超过|别超过|不多于)"
_ONCE_ZH = r"(?:[一1]\s*(?:次|遍|条|回)|一下)"
_MUTE_ZH = r"(?:就)?(?:不要|不用|不必|不再|不许|不得|请勿|勿|别|不)(?:再)?(?:次)?"
_PATTERNS_ZH = (
    (
        rf"(?:同一\S{{1,3}})?(?:每隔?|一|在)?{_PERIOD_ZH}(?:之?内|里|以内)?(?:的话)?{_MOST_ZH}?(?:给我"
        rf"|跟我)?{_TELL_ZH}?(?:我)?{_MOST_ZH}?{_ONCE_ZH}(?:{_TELL_ZH})?(?:就行|即可|就够了?|就好|就成|就中|好了"
        rf"|得了|足够了?)?"
    ),
    rf"{_MOST_ZH}(?:每隔?){_PERIOD_ZH}(?:{_TELL_ZH})?(?:我)?{_ONCE_ZH}?",
    (
        rf"(?:同一\S{{1,3}})?(?:(?:发现|报警|告警|报|通知|提醒)[过完了]?(?:之|以)?后)?(?:每|在)?{_PERIOD_ZH}(?:之?内"
        rf"|里|以内){_MUTE_ZH}(?:重复|重报|{_TELL_ZH}|打扰"
        rf"|吵)(?:我)?(?:{_TELL_ZH})?"
    ),
    (
        rf"{_MUTE_ZH}(?:重复|频繁)(?:{_TELL_ZH})?[,\s]*(?:间隔|每隔?"
        rf"|至少)*{_PERIOD_ZH}(?:{_MOST_ZH}?{_TELL_ZH}?{_ONCE_ZH})?"
    ),
    rf"(?:报警|告警|提醒|通知)?(?:冷却|静默|免打扰)(?:时间|期)?(?:为|是|设为|:|=)?{_PERIOD_ZH}",
    rf"{_PERIOD_ZH}(?:的)?(?:冷却|静默)(?:时间|期)?",
    rf"(?:重复)?(?:{_TELL_ZH})?(?:的)?间隔(?:时间)?(?:至少|不少于|不低于|为|是)?{_PERIOD_ZH}",
    rf"(?:之后|然后|再|并)?每隔?{_PERIOD_ZH}(?:再)?(?:重复|提醒)(?:{_TELL_ZH})?(?:我)?(?:{_ONCE_ZH})?",
)
_WORD_SECONDS_ZH = {"小时": 3600.0, "个小时": 3600.0, "钟头": 3600.0, "个钟头": 3600.0, "分钟": 60.0, "天": 86400.0}


def take_cooldown(text: str, lang: Lang) -> tuple[float | None, str]:
    """The first that is found counts; so many alerts in a period are limit.py's."""
    limit, text = take_limit(text, lang)
    if limit:
        # "no more than one alert a shift, i.e. once a day": the first is meant
        return limit, _take(text, lang)[1]
    return _take(text, lang)


def _take(text: str, lang: Lang) -> tuple[float | None, str]:
    if not may_name_period(text, lang):
        return None, text
    words = _WORD_SECONDS_EN if lang == "en" else _WORD_SECONDS_ZH
    for pattern in _PATTERNS_EN if lang == "en" else _PATTERNS_ZH:
        match = patterns.search(pattern, text, patterns.IGNORECASE)
        if match:
            period = (match["period"] or match["again"]).strip().lower()
            seconds = words.get(period) or seconds_of(period, lang)
            if seconds:
                return seconds, cut(text, match.start(), match.end(), lang)
    return None, text
