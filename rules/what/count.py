"""How many: "more than 3 people", 三个人以上, "alone".

Takes: a sentence from which names, durations and hours are gone.
Gives: the count, whether its bounds exclude each other, those that a plan has no room for, the sentence without them.
Knows nothing about: what is counted."""

import re
from dataclasses import dataclass, field

from contracts.plan import Count, CountOp
from rules.words import patterns
from rules.words.language import Lang
from rules.words.numbers import NUMBER_EN, NUMBER_ZH, number

_N_EN = (
    rf"(?P<n>{NUMBER_EN})(?!\s*(?:%|°|percent|degrees?|km|kph|mph|m/s|metres?|meters?|m\b|cm|feet|foot|ft|kg"
    r"|kilos?|pounds?|lbs?|tons?|tonnes?|volts?|amps?|ppm|db|bar|times))(?!\d|[:.]\d)"
)
#: "three people at most"
_MOST_AFTER_EN = rf"\b{_N_EN}(?=(?:\s+[a-z][\w-]*){{1,3}},? (?:at (?:the )?most|tops)\b)"
_LEAST_AFTER_EN = rf"\b{_N_EN}(?=(?:\s+[a-z][\w-]*){{1,3}},? at (?:the )?least\b(?! (?:\d|a|one|two|three|half)))"
_EN: tuple[tuple[str, CountOp], ...] = (
    (rf"\b(?:(?:no|not) (?:more|greater) than|at most|maximum(?: of)?|max(?: of)?|up to) {_N_EN}", "<="),
    (rf"<=\s*{_N_EN}", "<="),
    (rf"\b(?:(?:no|not) (?:fewer|less) than|at least|minimum(?: of)?|min(?: of)?) {_N_EN}(?: or more\b)?", ">="),
    (rf">=\s*{_N_EN}", ">="),
    (rf"\b{_N_EN}(?:\s*\+(?!\s*(?:s|m|h|sec|min|hour))| or more\b(?! than)| and (?:more|over|up)\b(?! than))", ">="),
    (
        rf"\b(?:more than|over|above|(?:greater|longer|larger|bigger) than|exceeds?|exceeding|beyond"
        rf"|upwards of) {_N_EN}",
        ">",
    ),
    (rf">\s*{_N_EN}", ">"),
    (rf"\b(?:fewer than|less than|under|below) {_N_EN}", "<"),
    (rf"<\s*{_N_EN}", "<"),
    (rf"\b(?:exactly|only|just|precisely) {_N_EN}(?=\s)", "=="),
    (rf"\b{_N_EN}(?=(?:\s+[a-z][\w-]*){{1,3}},? or (?:fewer|less)\b(?! than))", "<="),
    (rf"\b{_N_EN}(?=(?:\s+[a-z][\w-]*){{1,3}},? or more\b(?! than))", ">="),
    (_MOST_AFTER_EN, "<="),
    (_LEAST_AFTER_EN, ">="),
)
# "A bag is left alone" says that nobody is with it, not how many bags there are.
_ALONE_EN = r"\b(?<!left )(?:all\s+)?(?:alone|on (?:his|her|their|its) own|by (?:him|her|it)self|by themselves)\b"
_BARE_EN = (
    rf"(?<![\w.#-])(?<!number )(?<!flat )(?<!unit )(?<!room )(?P<n>{NUMBER_EN})"
    r"(?=\s+(?:[a-z-]+\s+)?[a-z]+)(?!\s*(?:%|°|percent|degrees?|km|kph|mph|m/s"
    r"|met(?:re|er)s?|cm|feet|foot|ft|kg|kilos?|times|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?"
    r"|st\b|nd\b|rd\b|th\b|wheel|way|storey|story))"
)
_MW = r"(?:个|名|位|辆|台|只|条|匹|头|把|件|架|艘|人|部|箱|包|袋|桶)"
_N_ZH = rf"(?P<n>{NUMBER_ZH})(?!\s*(?:度|公里|千米|米|公斤|千克|厘米|码|km|%|点|号|楼|层|次|帧|轮|级|秒|分|小?时|天))"
_ZH: tuple[tuple[str, CountOp], ...] = (
    # 二十来个, 十几个
    (rf"{_N_ZH}[来多余几](?={_MW})", ">="),
    (rf"(?:最多|至多|不超过|不多于|不大于|<=)(?:有)?{_N_ZH}", "<="),
    (rf"(?:至少|不少于|不低于|不小于|起码|>=)(?:有)?{_N_ZH}", ">="),
    (rf"(?:超过|多于|大于|超出|高于|>)(?:了)?{_N_ZH}", ">"),
    (rf"(?:不到|不足|少于|小于|低于|<)(?:了)?{_N_ZH}", "<"),
    (rf"(?:只有|仅有|正好|恰好|刚好|[只仅就]剩下?(?:了)?|仅)(?:有)?{_N_ZH}", "=="),
)
_MOST_BOUNDS = 4
_RANGE_EN = (
    rf"(?<![\w.#-])(?:\b(?P<lead>between|from)\s+)?{_N_EN}\s*(?P<joint>-|\bto\b|\bor\b|(?(lead)\band\b|(?!)))\s*"
    rf"(?P<high>{NUMBER_EN})(?=\s+(?!(?:more|fewer|less|times|metres?|meters?|km|percent)\b)[a-z])"
)
_RANGE_ZH = (
    rf"(?<![第\d零一二三四五六七八九十百年月周]){_N_ZH}\s*{_MW}?(?P<joint>到|至|-"
    rf"|或)\s*(?P<high>{NUMBER_ZH})(?=\s*{_MW})"
)
_UP_ZH = rf"{_N_ZH}(?P<unit>{_MW}?(?:人|车)?)(?:及|或)?(?:以上|或更多|或以上)"
_UP_FAR_ZH = rf"{_N_ZH}(?P<unit>{_MW}[^,.;]{{1,4}}?)(?:及|或)?以上"
_ALONE_ZH = (
    r"(?:独自|单独|孤身)(?:[一1]个?人)?|(?<=[子孩婴童娃人员工生客友士宝狗她他])[一1]个人"
    r"|(?<=只)[一1]个人|(?<=有)[一1]个人(?=在(?:里面|那里|场)|值班|待|呆|独)"
)
_BARE_ZH = rf"(?<![第\d零一二三四五六七八九十百年月周]){_N_ZH}(?=\s*{_MW})"


@dataclass(frozen=True, slots=True)
class Counted:
    """A plan has one count; `left_out`: the other bounds. `excluded`: they exclude each other, so there is no count."""

    text: str
    count: Count | None = None
    excluded: bool = False
    left_out: tuple[Count, ...] = ()


@dataclass(slots=True)
class _Bounds:
    """In the order in which they are found; each with its place in the sentence and the word for what is counted."""

    found: list[tuple[int, str, Count]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, at: int, thing: str, count: Count) -> None:
        self.found.append((at, thing, count))

    def counted(self, text: str, *, either: bool) -> Counted:
        """`either`: joined by "or", they exclude nothing; nor do bounds on different things."""
        bounds = [count for _, _, count in sorted(self.found, key=lambda each: each[0])]
        things = {thing for _, thing, _ in self.found if thing}
        if not either and len(things) < 2 and not _possible(bounds):
            return Counted(text, excluded=True)
        others = tuple(dict.fromkeys(bound for bound in bounds[1:] if bound != bounds[0]))
        return Counted(text, bounds[0], left_out=others)


def take_count(text: str, lang: Lang) -> Counted:
    """The first bound is the plan's count; the others are said to be left out."""
    bounds = _Bounds()
    either = bool(patterns.search(r"\bor\b(?! (?:more|fewer|less|over)\b(?! than))|或(?!以上|更多|更少)", text))
    text = _take_range(text, lang, bounds)
    for pattern, op in _EN if lang == "en" else ():
        text = _take_bound(text, pattern, op, lang, bounds)
    if lang == "zh":
        text = _take_chinese(text, bounds)
    elif len(bounds.found) > 1:
        # "more than 8 but less than 15 people": nothing is left for "but" to join
        text = patterns.sub(r"\s{3,}(?:but|and|or|yet)\s{3,}", "  ", text, patterns.IGNORECASE)
    if bounds:
        # "a crowd of 10+ at the gate"
        text = patterns.sub(r"\b(crowd|group|queue|gang|line) of\s{3,}(?=(?:at|in|on|by|near|outside)\b"
        r"|$)", r"\1 ", text)
        return bounds.counted(text, either=either)
    alone = patterns.search(_ALONE_EN if lang == "en" else _ALONE_ZH, text, patterns.IGNORECASE)
    if alone:
        # 孩子独自在家: the child is named; 独自一人 names nobody else.
        named = lang == "en" or patterns.search(r"[人子孩童娃员工生客友士宝狗]$", text[: alone.start()])
        kept = " " if lang == "en" else "" if named else "有人"
        return Counted(text[: alone.start()] + kept + text[alone.end() :], Count("==", 1))
    return _bare(text, lang)


def _take_range(text: str, lang: Lang, bounds: _Bounds) -> str:
    """ "between 3 and 5 people", 三到五个人: at least the first, at most the second."""
    match = patterns.search(_RANGE_EN if lang == "en" else _RANGE_ZH, text, patterns.IGNORECASE)
    low, high = (number(match["n"], lang), number(match["high"], lang)) if match else (None, None)
    if match is None or low is None or high is None or not low < high or low != int(low) or high != int(high):
        return text
    # "one or two people" is no count, as "a person" is none.
    if low > 1:
        bounds.add(match.start(), "", Count(">=", int(low)))
    if match["joint"] not in {"or", "或"}:
        bounds.add(match.start(), "", Count("<=", int(high)))
    return _without(text, match, lang)


def _take_bound(text: str, pattern: str, op: CountOp, lang: Lang, bounds: _Bounds) -> str:
    for _ in range(_MOST_BOUNDS):
        match = patterns.search(pattern, text, patterns.IGNORECASE)
        n = number(match["n"], lang) if match else None
        if match is None or n is None or n != int(n):
            break
        bounds.add(match.start(), _thing_after(text[match.end() :], lang), Count(op, int(n)))
        rest = patterns.sub(r"(?<=\w),?\s+or (?:more|fewer|less)\b(?! than)", "", _without(text, match, lang))
        if pattern in {_MOST_AFTER_EN, _LEAST_AFTER_EN}:
            rest = patterns.sub(r",?\s+(?:at (?:the )?(?:most|least)|tops)\b", "", rest, patterns.IGNORECASE)
        there = "有" in match[0] and text[: match.start()].endswith(("里", "内", "中", "上", "处"))
        text = f"{rest[: match.start()]}有{rest[match.start() :]}" if there else rest
    return text


def _thing_after(text: str, lang: Lang) -> str:
    """What the number is of; empty where the next word only joins ("more than 5 and fewer than 3")."""
    if lang == "zh":
        found = patterns.match(rf"\s*{_MW}?(?P<thing>[^,.;且但并和及]{{1,2}})", text)
    else:
        found = patterns.match(r"\s*(?!(?:and|or|but|at|in|on|is|are)\b)(?P<thing>[a-z-]+)", text, patterns.IGNORECASE)
    return found["thing"].lower() if found else ""


def _take_chinese(text: str, bounds: _Bounds) -> str:
    # 不能超过四十个: the alert is when there are more
    limit = r"(?:绝对|一律)?(?:不能|不得|不可以?|不应该?|不准|不允许|禁止)(?=超过|多于|大于|少于|低于|超出)"
    text = patterns.sub(limit, "", text)
    # 限乘8人: the alert is when there are more
    text = patterns.sub(rf"(?:最多|仅|只)?限(?:乘|载|坐|停|员|容|定)?(?:为)?(?={_N_ZH}\s*(?:{_MW}|人))", "超过", text)
    text = patterns.sub(r"[,;](?:一旦|如果)?(?:超了|超过了?|超出|超员|多了|少了)(?:就|则)?$", "", text)
    for pattern in (_UP_ZH, _UP_FAR_ZH):
        match = patterns.search(pattern, text)
        n = number(match["n"], "zh") if match else None
        if match and n is not None and not bounds:
            bounds.add(match.start(), "", Count(">=", int(n)))
            text = (
                patterns.sub(r"(?:超过|至少|多于)$", "", text[: match.start()])
                + _thing(match["unit"])
                + patterns.sub(r"^的", "", text[match.end() :])
            )
    if bounds:
        return text
    for pattern, op in _ZH:
        text = _take_bound(text, pattern, op, "zh", bounds)
    if not bounds:
        return text
    if len(bounds.found) > 1:
        # 至少两只但不超过五只狗: both stood before the dogs
        text = patterns.sub(r"人(?:但是?|[而并]?且|或者?|同时|而)人", "人", text)
        text = patterns.sub(r"(^|[有,.;])(?:但是?|[而并]?且|或者?|同时)(?=[^,.;])", r"\1", text)
    # 学生人数超过30: the students are named
    text = patterns.sub(r"(?<=[生工客员众民])的?(?:总)?人数(?:量)?(?:为|是)?人?$", "", text)
    text = patterns.sub(r"(?<=[队集候])的?(?:总)?人数(?:量)?(?:为|是)?人?$", "的人", text)
    return patterns.sub(r"的?(?:总)?人数(?:量)?(?:为|是)?人?$", "有人", text)


def _thing(unit: str) -> str:
    return patterns.sub(r"^的", "", patterns.sub(rf"^(?!人){_MW}", "", unit))


def _possible(bounds: list[Count]) -> bool:
    low, high = 0, 10**9
    for bound in bounds:
        if bound.op in {">", ">=", "=="}:
            low = max(low, bound.n + (bound.op == ">"))
        if bound.op in {"<", "<=", "=="}:
            high = min(high, bound.n - (bound.op == "<"))
    return low <= high


def _bare(text: str, lang: Lang) -> Counted:
    match = patterns.search(_BARE_EN if lang == "en" else _BARE_ZH, text, patterns.IGNORECASE)
    n = number(match["n"], lang) if match else None
    if match is None or n is None or n != int(n) or n <= 1:
        return Counted(text)
    return Counted(_without(text, match, lang), Count(">=", int(n)))


def _without(text: str, match: re.Match[str], lang: Lang) -> str:
    """Chinese measure words go with their number: 三辆车 leaves 车."""
    if lang == "en":
        # As many spaces: what comes later keeps its place.
        return text[: match.start()] + " " * (match.end() - match.start()) + text[match.end() :]
    rest = text[match.end() :].lstrip()
    measure = rf"^{_MW}(?=[^,.;])|^(?:个|名|位|辆|台|只|条|匹|头|把|件|架|艘|部)(?=$|[,.;])"
    return text[: match.start()] + (rest if rest.startswith("人") else patterns.sub(measure, "", rest))
