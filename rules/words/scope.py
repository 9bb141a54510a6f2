"""What a picture cannot show: sounds, names, intentions, history, smells, speeds, and words without a criterion.

Takes: the part of a sentence that says what to look for.
Gives: the codes of what had to be dropped, and what remains of the sentence.
Knows nothing about: messages (plan/lint.py), times, counts."""

import re

from rules.words import patterns
from rules.words.language import Lang, cut
from rules.words.named_for import HANDLED_EN
from rules.words.unseen import (
    ASKS_FUTURE_EN,
    ASKS_FUTURE_ZH,
    ASKS_PAST_EN,
    ASKS_PAST_ZH,
    ATTRIBUTES_EN,
    ATTRIBUTES_ZH,
    PARTS_EN,
    PARTS_ZH,
    PAST_EN,
    PAST_ZH,
    WHOLE_EN,
    WHOLE_ZH,
)

_SPLIT_EN = re.compile(r"(\s*(?:,\s*(?:or|and|but)\b|,|;|\bor\b|\band\b|\bbut\b|\.\s)\s*)", re.IGNORECASE)
_SPLIT_ZH = re.compile(r"([,;.]|或者|或是|或|以及|并且|而且|同时|还有)")


def asks_future(text: str, lang: Lang) -> bool:
    """A question about what will be: nothing that a picture shows."""
    pattern = ASKS_FUTURE_EN if lang == "en" else ASKS_FUTURE_ZH
    return bool(patterns.search(pattern, text, patterns.IGNORECASE))


def asks_past(text: str, lang: Lang) -> bool:
    """A question about what was: no rule, whatever else it holds."""
    if lang == "en":
        return bool(patterns.search(ASKS_PAST_EN, text, patterns.IGNORECASE))
    return bool(patterns.search(ASKS_PAST_ZH, text))


def drop_past(text: str, lang: Lang) -> tuple[tuple[str, ...], str]:
    """Before times of day are read: "this morning" is no window."""
    kept = patterns.sub(
        PAST_EN if lang == "en" else PAST_ZH.replace("|之前|以前", ""),
        " " if lang == "en" else "",
        text,
        flags=patterns.IGNORECASE,
    )
    return (("past",), kept) if kept != text else ((), text)


def drop_unseen(text: str, lang: Lang) -> tuple[dict[str, str], str]:
    """The codes in the order in which they were found, each with the words that it is about."""
    codes: dict[str, str] = {}
    for code, pattern in (ATTRIBUTES_EN if lang == "en" else ATTRIBUTES_ZH).items():
        found = patterns.search(pattern, text, patterns.IGNORECASE)
        if found:
            codes[code], text = found[0].strip(), cut(text, found.start(), found.end(), lang)
    parts = (_SPLIT_EN if lang == "en" else _SPLIT_ZH).split(text)
    kept_parts: list[str] = []
    subject = ""
    for i in range(0, len(parts), 2):
        whole = _whole(parts[i], lang)
        if whole:
            codes.setdefault(whole[0], parts[i].strip())
            subject = _subject(parts[i], whole[1], lang)
            continue
        kept_parts += [*([parts[i - 1]] if i and kept_parts else []), _with_subject(subject, parts[i], lang)]
    text = "".join(kept_parts)
    for code, pattern, instead in PARTS_EN if lang == "en" else PARTS_ZH:
        found = patterns.search(pattern, text, patterns.IGNORECASE)
        if found and found[0]:
            codes.setdefault(code, found[0].strip())
            text = patterns.sub(pattern, instead, text, patterns.IGNORECASE)
    # "an unauthorised person" without the word is a person.
    return codes, patterns.sub(r"\b([Aa])n(?=\s+[bcdfghj-np-tv-z])", r"\1", text) if codes and lang == "en" else text


def _whole(part: str, lang: Lang) -> tuple[str, int] | None:
    """The code and where its word begins."""
    if lang == "en":
        part = patterns.sub(HANDLED_EN, lambda match: "_" * len(match[0]), part, patterns.IGNORECASE)
    for code, pattern in (WHOLE_EN if lang == "en" else WHOLE_ZH).items():
        match = patterns.search(pattern, part, patterns.IGNORECASE)
        if match:
            return code, match.start()
    return None


def _subject(part: str, at: int, lang: Lang) -> str:
    """Who made the sound: in "a dog barking or digging" it is also who digs."""
    before = part[:at].strip()
    if lang == "zh":
        return before if patterns.fullmatch(r"\S{0,6}(?:人|孩子?|狗|猫|顾客|工人|学生)", before) else ""
    before = patterns.sub(r"\s+(?:is|are|was|being)$", "", before)
    who = patterns.fullmatch(r"(?:(?:an?|the|any|my|our|some)\s+)?(?:\w+\s+)?(?!you\b|i\b|we\b|and\b|or\b)\w+", before)
    return before if who else ""


def _with_subject(subject: str, part: str, lang: Lang) -> str:
    if not subject:
        return part
    if lang == "zh":
        return part if patterns.search(r"[有人孩狗猫车]", part[:4]) else subject + part
    return f"{subject} {part.lstrip()}" if patterns.match(r"\s*\w+ing\b", part) else part


_EMPTY_EN = re.compile(
    (
        r"\b(?:a|an|the|any|some|all|every|is|are|was|be|been|being|there|here|it|its|this|that|these|those"
        r"|anything|something|things?|everything|stuff|going|happening|happens|anywhere|around|at|in|on|of|for"
        r"|to|by|near|me|us|you|i|we|alert|alerts|notify|tell|when|if|only|just|and|or|but|not|no|please|ok"
        r"|hello|hi|hey|test|do|does|has|have|from|with|then|so|what|watch|look|see|check|camera|picture|gets?"
        r"|too|very|who|lol|thanks)\b"
    ),
    re.IGNORECASE,
)
_PLACE_EN = re.compile(
    (
        r"\b(?!on fire\b|in flames\b|in pieces\b)(?:at|in|on|near|by|behind|inside|outside|around|under|from"
        r"|within)\s+(?:the\s+|my\s+|our\s+"
        r"|a\s+)?(?:(?!(?:someone|somebody|person|people|man|woman)\b)[\w\ue000-\uefff]+)(?:\s+(?:of|room|area"
        r"|door|desk|yard|lot|park|side)\b)*\s*"
    ),
    re.IGNORECASE,
)
_EMPTY_ZH = re.compile(
    r"有点|有些|有|是|在|了|的|地|得|就|时|情况|东西|什么|任何|里|内|外|上|下|请|我|你|吗|呢|吧|啊|都|也|附近|旁边"
    r"|这里|那里|一点|画面|报警|通知|提醒|如果|太|很|把|和|或|，|到|处|边"
)


#: 仓库那边, 后院: a place and nobody in it
_PLACE_ZH = re.compile(
    r"在?(?:(?![\u4e00-\u9fff]*[人车狗猫火烟水开关停走跑跌摔在放有进到堆占堵排被坐躺站睡挡着了的生工员])[\u4e00-\u9fffA-Za-z0-9]{0,4}"
    r"(?:院子?|库房?|车?间|停?车?场|厅|室|区|楼|走廊|过道|通道|门口|园|站台?|厨房|机房|房间?|店里?|馆|草坪|层|家里?|楼梯|地下室|天台|屋顶|露台|阳台|工地|路口|码头|库|棚|仓|大堂|学校|公司)[东南西北]?|[\ue000-\uefff]"
    r")?(?:那边|这边|那儿|这儿|那里|这里|附近|周围|一带|里面?|外面?|门前)?(?:的?情况)?"
)


def is_place_zh(text: str) -> bool:
    """Whether nothing but a place is named."""
    return _PLACE_ZH.fullmatch(text.strip()) is not None


def has_core(text: str, lang: Lang) -> bool:
    """Whether anything visible is left: a thing, a person, an action; a place alone is none."""
    if lang == "zh":
        return bool(patterns.search(r"[\w]", patterns.sub("[\ue000-\uefff]", "", _EMPTY_ZH.sub("", text))))
    bare = _PLACE_EN.sub(" ", text)
    return bool(patterns.search(r"[A-Za-z\u00c0-\u024f\u0400-\u04ff\u4e00-\u9fff]{2,}", _EMPTY_EN.sub(" ", bare)))
