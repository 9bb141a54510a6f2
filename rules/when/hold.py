"""How long a condition must hold: "for more than half an hour", 超过两分钟, loitering.

Takes: a sentence from which cadence, cooldown and window are gone.
Gives: whether it must hold, the seconds where a number is named, and the sentence without them.
Knows nothing about: whether presence or absence is what holds."""

import re
from dataclasses import dataclass

from rules.when.duration import DURATION_EN, DURATION_ZH, may_name_period, seconds_of
from rules.words import patterns
from rules.words.language import Lang, cut


@dataclass(frozen=True, slots=True)
class Hold:
    """`seconds` is None where the sentence only says "for a while"."""

    seconds: float | None


_MORE_EN = (
    r"(?:more than|longer than|over|at least|a minimum of|minimum|exceeding|upwards of|greater than"
    r"|no less than|not less than|>=?|about|around|a full|a good|a solid|roughly|the last|the past)"
)
_NAMED_EN = (
    (
        r"(?:\b(?:that\s+)?(?:lasts?|lasting|persists?|continues)\s+)?\b(?:for|longer than|more than|over"
        rf"|at least|exceeding|lasts?|lasting)\s+(?:{_MORE_EN}\s+){{0,3}}(?P<length>{DURATION_EN})(?:\s+(?:or (?:more"
        r"|longer)|straight|in a row|continuously|non-?stop|at a time|at least|or so))?"
    ),
    rf"(?:{_MORE_EN}\s+)?(?P<length>{DURATION_EN})\s+(?:or (?:more|longer)|straight|in a row|continuously|long\b)",
    rf"(?:,\s*|^)(?:{_MORE_EN}\s+){{0,3}}(?P<length>{DURATION_EN})(?=\s*(?:[,.;:!?]|$))",
    rf">=?\s*(?P<length>{DURATION_EN})",
    rf"\b(?P<length>{DURATION_EN})\+?(?=\s*(?:[,.;:!?]|$))",
)
_OPEN_EN = r"\bfor (?:a (?:long |little |good )?(?:while|time)|too long|long|some time|ages|a bit)\b|\btoo long\b"
_LINGER_EN = (
    r"\b(?:loiter(?:s|ing|ed)?|linger(?:s|ing|ed)?|hang(?:s|ing)? (?:a?round|about|out)|dwell(?:s|ing)?"
    r"|stand(?:s|ing)? a?round|lurk(?:s|ing)?)\b"
)
_NAMED_ZH = (
    (
        r"(?:不得|不能|不可以?|不许|不准|不应该?)?(?:持续|停留|逗留|保持|已经|已|时间|达到|达|连续|长达){0,3}(?:时间)?(?:了)?(?:超过了?|超出|大于|多于"
        rf"|至少|不少于|不低于|满|达到|达|持续|>=?){{1,2}}(?:了)?(?P<length>{DURATION_ZH})(?:以上|及以上|不动)?"
    ),
    rf"(?:连续|持续)?(?P<length>{DURATION_ZH})(?:以上|及以上|之久|[之以]内|内(?![部侧墙院])|还|都|不|仍)?",
)
_KEEPS_ZH = r"(停留|逗留|停放|滞留)"
_OPEN_ZH = r"(?:很|好|太|挺)久|长时间(?:地)?|很长时间|一直(?!到)|半天(?!内)|好一会儿?|一会儿"
_LINGER_ZH = r"徘徊|逗留|滞留|转悠|溜达|晃悠"


def take_hold(text: str, lang: Lang) -> tuple[Hold | None, str]:
    """A named number wins over "for a while"."""
    named = (_NAMED_EN if lang == "en" else _NAMED_ZH) if may_name_period(text, lang) else ()
    for pattern in named:
        match = patterns.search(pattern, text, patterns.IGNORECASE)
        seconds = seconds_of(match["length"], lang) if match else None
        if match and seconds:
            return Hold(seconds), cut(text, match.start(), match.end(), lang) if lang == "en" else _keep_verb(
                text, match
            )
    openly = patterns.search(_OPEN_EN if lang == "en" else _OPEN_ZH, text, patterns.IGNORECASE)
    if openly:
        return Hold(None), cut(text, openly.start(), openly.end(), lang)
    if patterns.search(_LINGER_EN if lang == "en" else _LINGER_ZH, text, patterns.IGNORECASE):
        return Hold(None), text
    return None, text


def _keep_verb(text: str, match: re.Match[str]) -> str:
    """停留 says what is seen; only the length goes."""
    verb = patterns.match(_KEEPS_ZH, match[0])
    return text[: match.start()] + (verb[1] if verb else "") + text[match.end() :]
