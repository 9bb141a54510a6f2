"""How much the alert matters, where the sentence says so about the alert ("emergency ladder" says nothing).

Takes: a sentence.
Gives: the severity, and the sentence without the words that said it.
Knows nothing about: what is looked for."""

from contracts.plan import Severity
from rules.words import patterns
from rules.words.language import Lang, cut

_LEVELS_EN: dict[str, Severity] = {
    "critical": "critical",
    "emergency": "critical",
    "highest": "critical",
    "top": "critical",
    "maximum": "critical",
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
    "特急": "critical",
    "高级": "high",
    "高": "high",
    "重要": "high",
    "中级": "medium",
    "中等": "medium",
    "中": "medium",
    "一般": "medium",
    "低级": "low",
    "低": "low",
    "次要": "low",
    "提示": "info",
    "仅供参考": "info",
}
#: these are levels only beside "priority" ("the top shelf", "the maximum load")
_ONLY_BESIDE = {"highest", "top", "maximum"}
_WORD_EN = "(?P<word>" + "|".join(sorted(_LEVELS_EN.keys() - _ONLY_BESIDE, key=len, reverse=True)) + ")"
_RANK_EN = "(?P<word>" + "|".join(sorted(_LEVELS_EN, key=len, reverse=True)) + ")"
_WORD_ZH = "(?P<word>" + "|".join(sorted(_LEVELS_ZH, key=len, reverse=True)) + ")"
_KIND_EN = r"(?:priority|severity|level|importance|prio|urgency)"
_POLITE_EN = r"(?:\s*,?\s*(?:please|pls|plz|thanks|thank you|thx|only|ok|asap|one|stuff))*"

_PATTERNS_EN = (
    (
        r"(?:\bplease\s+)?\b(?:just|only|simply)\s+(?:log|record|note)(?:\s+(?:it|this|that))?\b(?:\s+only)?"
        r"(?:\s+please)?|\blog\s+(?:it\s+)?only\b|\bfor (?:your )?information(?: only)?\b|\bfor the (?:log|record)\b"
    ),
    (
        r"\b(?:mark(?:ed)?|treat(?:ed)?|flag(?:ged)?|send|log(?:ged)?)?\s*(?:it|this|that)?\s*(?:\b(?:as|with"
        rf"|at|of)\s+)?(?:an?\s+|the\s+)?\b{_RANK_EN}[- ]{_KIND_EN}(?:\s+(?:alert|alarm|warning|notification))?\b"
    ),
    rf"\b(?:with\s+)?(?:the\s+)?{_KIND_EN}\s*(?:is|=|:|to|level)?\s*{_RANK_EN}\b",
    rf"\b(?:mark|treat|flag|log|send|class|rate)(?:ed)?\s+(?:it|this|that)?\s*as\s+(?:an?\s+)?{_WORD_EN}"
    r"(?:\s+(?:alert|alarm))?\b",
    rf"\b(?:this|that|it)(?:'s|\s+is)\s+(?:an?\s+)?(?:very\s+"
    rf"|really\s+)?{_WORD_EN}\b{_POLITE_EN}(?=\s*(?:[,.;:!?)]|$))",
    (
        rf"\b(?:raise|send|give|trigger|create|fire|make|need|want)?\s*(?:me\s+)?(?:an?\s+)?{_WORD_EN}\s+"
        r"(?:alert|alarm|warning|notification)\b"
    ),
    rf"(?:^|(?<=[,.;:!?(=\-]))\s*(?:an?\s+|very\s+)?{_WORD_EN}{_POLITE_EN}\s*(?=[,.;:!?)\-]|$)(?!-\w)",
    r"\b(?P<word>urgently|fyi)\b(?:\s+only\b)?",
)
_KIND_ZH = r"(?:优先级|级别|等级|严重程度|严重性|重要性)"
_PATTERNS_ZH = (
    r"(?:只|仅|就)(?:需要?|做|作|要)?(?:个)?记录(?:一下)?(?:即可|就行|就好|就可以)?|记录一下(?:即可|就行"
    r"|就好|就可以)?|记录(?:即可|就行|就好)"
    r"|(?:给我|帮我)?记(?:下来?|一笔|个数)(?:即可|就行|就好)?(?=$|[,.;])|记个?日志(?:即可|就行)?",
    rf"{_KIND_ZH}(?:[:=是为设]|设为|设成)?\s*{_WORD_ZH}",
    (
        rf"(?:按|属于|设为|标为|作为)?{_WORD_ZH}(?:{_KIND_ZH}|级(?!台|楼|电|别))(?:别)?(?:的)?(?:告警|报警|警报"
        r"|通知|提醒|事件)?"
    ),
    rf"(?:^|(?<=[\s,.;:!?(\-]))(?P<english>critical|urgent|high|medium|low|info|fyi)(?:[ -]{_KIND_EN})?"
    rf"\s*(?=[,.;:!?)\-]|$)",
    r"(?P<word>最高级|紧急|特急|重要|一般|次要|一级|高级|中级|低级|提示)(?:性)?(?:告警|报警|警报|通知|提醒"
    r"|事件|处理|信息)",
    rf"(?:^|(?<=[,.;:!?(\-]))\s*(?:很|非常|比较|属于)?{_WORD_ZH}(?:一下)?(?:即可|就行|就好|就可以"
    rf"|的)?\s*(?=[,.;:!?)\-]|$)",
)


def take_severity(text: str, lang: Lang) -> tuple[Severity | None, str]:
    """The first that is found counts."""
    levels = _LEVELS_EN if lang == "en" else _LEVELS_ZH
    for pattern in _PATTERNS_EN if lang == "en" else _PATTERNS_ZH:
        match = patterns.search(pattern, text, patterns.IGNORECASE)
        if match:
            said = match.groupdict()
            if said.get("english"):
                return _LEVELS_EN[match["english"].lower()], cut(text, match.start(), match.end(), lang)
            word = said.get("word")
            return (levels[word.lower()] if word else "info"), cut(text, match.start(), match.end(), lang)
    return None, text
