"""How many of the looked-at frames must agree: "3 out of 5 checks", 连续三帧.

Takes: a sentence.
Gives: k of the last n frames, or k times within a period, and the sentence without it.
Knows nothing about: counts of things."""

import re

from contracts.plan import Temporal
from rules.when.duration import DURATION_EN, DURATION_ZH, seconds_of
from rules.when.occurrences import take_occurrences
from rules.words import patterns
from rules.words.language import Lang
from rules.words.numbers import NUMBER_EN, NUMBER_ZH, number

_LOOK_EN = (
    r"(?:checks?|frames?|images?|pictures?|snapshots?|keyframes?|samples?|shots?|looks?|analyses|readings?|scans?)"
)
_IF_SEEN_EN = (
    r"(?:(?:,\s*)?\b(?:but\s+)?(?:i|we)\s+(?:only\s+|just\s+)?(?:want|need|care)(?: it| to know"
    r"| about it)?\s+(?=if|when|in))?"
    r"(?:(?:,\s*)?\b(?:but\s+)?(?:wait|hold off)(?: for| until| till)?\s+)?"
    r"(?:\b(?:if|when|only if|only when)\s+(?:you\s+)?(?:see|saw|seen|spot|detect|find|catch|caught)\s+(?:it|this"
    r"|them)\s+)?(?:\b(?:seen|visible|detected|present|confirmed|true|shown)\s+)?"
)
#: without one of these there is no cadence, and no need to try
_COUNTS_EN = re.compile(rf"\b(?:{_LOOK_EN}|times|twice|thrice)\b", re.IGNORECASE)
_K_EN = rf"(?P<k>{NUMBER_EN})"
_N_EN = rf"(?P<n>{NUMBER_EN})"
_PATTERNS_EN = (
    (
        rf"{_IF_SEEN_EN}(?:\b(?:in|on|for|by)\s+)?(?:at least\s+)?{_K_EN}\s+(?:out\s+)?of\s+(?:the\s+|every\s+"
        rf"|any\s+)?(?:last\s+|past\s+|latest\s+)?{_N_EN}\s+(?:consecutive\s+)?{_LOOK_EN}"
        r"(?:\s+(?:(?:must|should|have to|need to)\s+)?(?:show|contain|confirm|have|agree)s?\b(?:\s+(?:it|this"
        r"|that)\b)?)?"
    ),
    (
        rf"{_IF_SEEN_EN}(?:\b(?:in|on|for|over)\s+)?(?:at least\s+)?{_K_EN}\s+(?:consecutive|successive"
        rf"|straight)\s+{_LOOK_EN}"
    ),
    (
        rf"{_IF_SEEN_EN}(?:\b(?:in|on|for|over)\s+)?(?:at least\s+)?{_K_EN}\s+{_LOOK_EN}\s+(?:in a row|running"
        r"|in succession|back to back)"
    ),
    (
        rf"(?:at least\s+|(?P<more>more than|over)\s+)?(?P<k>{NUMBER_EN}\s+times|twice"
        rf"|thrice)(?:\s+or more)?\s+(?:within|in|during|over"
        rf"|inside)\s+(?:the (?:last|space of)\s+)?(?:any\s+)?(?P<period>{DURATION_EN})"
    ),
    rf"{_IF_SEEN_EN}(?P<k>{NUMBER_EN}\s+times|twice)\s+in a row",
)
_LOOK_ZH = r"(?:帧|张(?:图片|画面|图)?|幅(?:画面)?|个画面|次检查|次检测|次抽帧|次)"
_K_ZH = rf"(?P<k>{NUMBER_ZH})"
_PATTERNS_ZH = (
    (
        rf"(?:最近|过去|每|在)?(?:的)?(?P<n>{NUMBER_ZH}){_LOOK_ZH}(?:检查|检测|画面|图像)?(?:里面|里|中|内"
        rf"|当中)?(?:有|至少|出现|看到|检测到|满足)*{_K_ZH}{_LOOK_ZH}(?:以上)?(?:都)?(?:看到|检测到|出现|是"
        r"|有)?"
    ),
    rf"(?:连续|连着|接连|一连)(?:的)?{_K_ZH}{_LOOK_ZH}(?:检查|检测|画面|图像)?(?:都|均)?(?:看到|检测到|出现|发现|拍到)?(?:了)?",
    (
        rf"(?P<period>{DURATION_ZH})(?:之内|以内|内|里)(?P<between>[^,.;]*?)(?:出现|达到|至少|(?P<more>超过|多于)|满"
        rf"|经过)*{_K_ZH}(?:次|回|趟)(?:以上)?"
    ),
)


def take_cadence(text: str, lang: Lang) -> tuple[Temporal | None, str]:
    """None where the sentence does not count frames or occurrences."""
    if lang == "en" and not _COUNTS_EN.search(text):
        return take_occurrences(text, lang)
    for pattern in _PATTERNS_EN if lang == "en" else _PATTERNS_ZH:
        match = patterns.search(pattern, text, patterns.IGNORECASE)
        found = _read(match, lang) if match else None
        if match and found:
            between = match.groupdict().get("between") or ""
            return found, text[: match.start()] + (" " if lang == "en" else "") + between + text[match.end() :]
    return take_occurrences(text, lang)


def _read(match: re.Match[str], lang: Lang) -> Temporal | None:
    parts = match.groupdict()
    times = patterns.sub(r"\s*times$", "", parts["k"].lower())
    k = {"twice": 2.0, "thrice": 3.0}.get(times) or number(times, lang)
    if not k or k < 1:
        return None
    if parts.get("period"):
        return Temporal("k_of_n", k=int(k) + bool(parts.get("more")), within_s=seconds_of(parts["period"], lang))
    n = (number(parts["n"], lang) if parts.get("n") else None) or k
    return Temporal("k_of_n", k=int(k), n=int(n)) if n >= k else None
