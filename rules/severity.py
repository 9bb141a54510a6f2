"""How much the alert matters, where the sentence says so about the alert ("emergency ladder" says nothing).

Takes: a sentence.
Gives: the severity, and the sentence without the words that said it.
Knows nothing about: what is looked for."""

import re

from contracts.plan import Severity
from rules.language import Lang, cut

_LEVELS_EN: dict[str, Severity] = {
    "critical": "critical",
    "emergency": "critical",
    "high": "high",
    "urgent": "high",
    "urgently": "high",
    "important": "high",
    "medium": "medium",
    "moderate": "medium",
    "low": "low",
    "minor": "low",
    "info": "info",
    "fyi": "info",
    "informational": "info",
}
_LEVELS_ZH: dict[str, Severity] = {
    "最高级别": "critical",
    "最高级": "critical",
    "最高": "critical",
    "一级": "critical",
    "紧急": "critical",
    "高": "high",
    "重要": "high",
    "中等": "medium",
    "中": "medium",
    "一般": "medium",
    "低": "low",
    "次要": "low",
    "提示": "info",
}
_WORD_EN = "(?P<word>" + "|".join(sorted(_LEVELS_EN, key=len, reverse=True)) + ")"
_WORD_ZH = "(?P<word>" + "|".join(sorted(_LEVELS_ZH, key=len, reverse=True)) + ")"
_KIND_EN = r"(?:priority|severity|level|importance|prio)"

_PATTERNS_EN = (
    (
        r"(?:\bplease\s+)?\b(?:just|only)\s+(?:log|record|note)\s+(?:it|this|that)\b(?:\s+only)?"
        r"|\blog\s+(?:it\s+)?only\b|\bfor (?:your )?information(?: only)?\b"
    ),
    (
        r"\b(?:mark(?:ed)?|treat(?:ed)?|flag(?:ged)?|send|log(?:ged)?)?\s*(?:it|this|that)?\s*(?:\b(?:as|with"
        rf"|at)\s+)?(?:an?\s+)?\b{_WORD_EN}[- ]{_KIND_EN}(?:\s+(?:alert|alarm|warning|notification))?\b"
    ),
    rf"\b{_KIND_EN}\s*(?:is|=|:|to)?\s*{_WORD_EN}\b",
    rf"\b(?:mark|treat|flag|log|send)(?:ed)?\s+(?:it|this|that)?\s*as\s+(?:an?\s+)?{_WORD_EN}(?:\s+(?:alert|alarm))?\b",
    rf"\b(?:this|that|it)(?:'s|\s+is)\s+(?:an?\s+)?(?:very\s+)?{_WORD_EN}\b(?=\s*(?:[,.;:!?)]|$))",
    (
        rf"\b(?:raise|send|give|trigger|create|fire|make|need|want)?\s*(?:me\s+)?(?:an?\s+)?{_WORD_EN}\s+"
        r"(?:alert|alarm|warning|notification)\b"
    ),
    rf"(?:^|(?<=[,.;:!?(\-]))\s*(?:an?\s+)?{_WORD_EN}\s*(?=[,.;:!?)\-]|$)(?!-\w)",
    r"\b(?P<word>urgently|fyi)\b",
)
_KIND_ZH = r"(?:优先级|级别|等级|严重程度|严重性|重要性)"
_PATTERNS_ZH = (
    r"(?:只|仅|就)(?:做|作)?记录(?:一下)?(?:即可|就行|就好)?|记录一下(?:即可|就行|就好)?|记录即可",
    rf"{_KIND_ZH}(?:[:=是为设]|设为|设成)?\s*{_WORD_ZH}",
    (
        rf"(?:按|属于|设为|标为|作为)?{_WORD_ZH}(?:{_KIND_ZH}|级(?!台|楼|电|别))(?:别)?(?:的)?(?:告警|报警|警报"
        r"|通知|提醒|事件)?"
    ),
    r"(?P<word>紧急|重要|一般|次要)(?:告警|报警|警报|通知|提醒|事件)",
    rf"(?:^|(?<=[,.;:!?(\-]))\s*{_WORD_ZH}\s*(?=[,.;:!?)\-]|$)",
)


def take_severity(text: str, lang: Lang) -> tuple[Severity | None, str]:
    """The first that is found counts."""
    levels = _LEVELS_EN if lang == "en" else _LEVELS_ZH
    for pattern in _PATTERNS_EN if lang == "en" else _PATTERNS_ZH:
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            word = match.groupdict().get("word")
            return (levels[word.lower()] if word else "info"), cut(text, match.start(), match.end(), lang)
    return None, text
