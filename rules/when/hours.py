"""Hours of the day in a sentence: ranges, open ends, and words that only hint at hours.

Takes: a sentence.
Gives: every expression of hours with its place in the sentence and the remarks it calls for.
Knows nothing about: days of the week."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rules.when.clock_reading import MIDNIGHT, TIME_EN, TIME_ZH, is_explicit, read_range, read_time
from rules.words import patterns
from rules.words.language import Lang

_EVENING_FROM, _MORNING_END = 17 * 60, 6 * 60
WHOLE_DAY = (0, MIDNIGHT)


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` to `end` minutes; `remarks` are lint codes; `hint`: only a word, which explicit hours overrule."""

    at: int
    upto: int
    start: int
    end: int
    remarks: tuple[str, ...] = ()
    hint: bool = False


#: after a bare number: nothing that could be counted or measured
_BARE_OK = (
    r"(?=\s*(?:$|[,.;:!?)-]|\b(?:on|in|at|every|each|when|if|and|or|during|week|mon|tue|wed|thu|fri|sat|sun"
    r"|o'clock|there|alert|notify|tell|let|warn|high|low|critical|urgent|please|only|except)))"
)
_RANGE_EN = re.compile(
    (
        r"(?P<out>\boutside(?:\s+of)?\s+|\b(?:but\s+)?(?:not|except|excluding)\s+(?=(?:between"
        r"|from)\b))?(?P<lead>(?:\b(?:between|from|during"
        rf"|at)\s+){{0,3}})(?P<a>{TIME_EN})\s*(?P<sep>-|\bto\b(?:\s+clos(?:e|ing)(?:\s+time)?\s+at)?|\buntil\b"
        rf"|\btill\b|\btil\b|\band\b"
        rf"|\bthrough\b)\s*(?P<b>{TIME_EN})(?P<h>\s*h(?:rs?|ours)?\b)?(?P<bare>{_BARE_OK})?"
    ),
    re.IGNORECASE,
)
_OPEN_EN = re.compile(
    (
        r"\b(?P<way>after|past|from|since|starting (?:at|from)|before|until|till"
        rf"|prior to)\s+(?P<a>{TIME_EN})(?P<bare>{_BARE_OK})?(?P<on>\s+on(?:wards?)?\b(?!\s+(?:the|a|an|mon|tue"
        r"|wed|thu|fri|sat|sun|week|work|school|business|every|each|any|all|my|our|[\ue000-\uefff])))?"
    ),
    re.IGNORECASE,
)
_RANGE_ZH = re.compile(
    rf"(?P<out>(?:不在|除了?)(?=.*(?:外|以外|时间)))?(?:从|在)?(?P<a>{TIME_ZH}|{TIME_ZH[:-1]}"
    rf"|\d{{1,2}})(?=\D))\s*(?:直?到|至|-)\s*(?:次日|第二天)?的?(?P<b>{TIME_ZH})(?:之间|期间|以?内"
    r"|这段时间)?(?P<out2>(?:之外|以外)(?:的)?(?:时间|时段)?)?"
)
_OPEN_ZH = re.compile(rf"(?P<a>{TIME_ZH})(?P<way>以后|之后|过后|后|开始|起|以前|之前|前)")

_HINTS_EN = (
    (
        (
            r"(?:outside(?:\s+of)?|not during|not in)\s+(?:the\s+|our\s+)?(?:business|opening|office|working"
            r"|work|store|shop) hours"
        ),
        1080,
        540,
    ),
    (
        (
            r"(?:after|out of)[- ]hours|(?:after|outside) (?:business |opening |office |working |work )?hours"
            r"|after (?:closing|close|closing time|work|lock(?:ing)?[- ]?up|we(?:'ve| have)? (?:lock(?:ed)?(?: up)?"
            r"|close(?:d)?(?: up)?|shut(?: up(?: shop)?)?)|the (?:shop|store|office) closes)"
        ),
        1080,
        540,
    ),
    (
        r"(?:during |in |within )?(?:the |our )?(?:business|opening|office|working|work|store|shop|trading) hours",
        540,
        1080,
    ),
    (r"(?:in |during )?(?:the )?(?:early hours|small hours)(?: of the (?:morning|night|day))?", 0, 360),
    (
        (
            r"(?:at|by|during the|in the|through the|every|each|all) ?nights?(?:time)?\b|overnight|tonight|night-?time"
            r"|nights\b|after dark|in the dark hours|in the middle of the night|\bnight\b(?= (?:only"
            r"|shift))(?: shift)?"
        ),
        1320,
        360,
    ),
    (r"(?:in the |during the |every |each |this )?mornings?\b", 360, 720),
    (r"(?:at |during |in |over )?(?:the )?lunch(?:[- ]?time|[- ]?break|[- ]?hour)s?", 720, 840),
    (r"(?:in the |during the |every |each |this )?afternoons?\b", 720, 1080),
    (r"(?:in the |during the |every |each |this )?evenings?\b", 1080, 1320),
    (
        r"(?:during |in |at )?(?:the )?day-?time|during the day|by day|in (?:the )?daylight|during daylight(?: hours)?",
        360,
        1080,
    ),
)
_HINTS_ZH = (
    (
        (
            r"(?:非|不在)(?:上班|营业|工作|办公)(?:时间|时段)|(?:上班|营业|工作|办公)(?:时间|时段)(?:以外"
            r"|之外)|下班(?:以|之)?后|打烊(?:以|之)?后|关门(?:以|之)?后"
        ),
        1080,
        540,
    ),
    (r"(?:在)?(?:上班|营业|工作|办公)(?:时间|时段|期间)(?:里|内)?", 540, 1080),
    (r"凌晨", 0, 360),
    (r"(?:每天|每)?(?:在)?(?:大?晚上|[每当今]晚|夜间|夜里|半夜|深夜|夜晚|大半夜|三更半夜)(?:里|时段?)?", 1320, 360),
    (r"早上|上午|早晨|清晨", 360, 720),
    (r"中午|午休(?:时间|时段|期间)?", 720, 840),
    (r"下午", 720, 1080),
    (r"傍晚", 1080, 1320),
    (r"白天", 360, 1080),
)
#: "visiting hours 2-4pm": a name for the hours that follow
NAMED_HOURS_EN = (
    r"(?:\b(?:during|in|within)\s+)?(?:\b(?:the|our)\s+)?\b[a-z]+[- ](?:hours?|time|shift|period|session)\s*[,:(]?\s*$"
)
NAMED_HOURS_ZH = r"在?[\u4e00-\u9fff]{2}(?:时间|时段|期间)[内里]?[,:(]?(?:为|是)?$"
#: "parked for 24 hours", 停了超过24小时: how long, and not around the clock
_HOW_LONG = re.compile(
    r"(?:\b(?:for|than|over|least|within|in|last|past|after|every|per|next|about|full)\s"
    r"|[过了满达到续少于足每近去隔留])$",
    re.IGNORECASE,
)
_ALWAYS_EN = (
    r"\b(?:24\s*/\s*7(?:/365)?|24\s*[x*×-]\s*7|7\s*[x*×/]\s*24|(?:on )?(?:every|all|each|any) shifts?"
    r"|(?:at )?any hour(?: of (?:the )?(?:day|night"
    r"|day or night))?|(?:by )?day or night|night (?:or|and) day|24 hours a day"
    r"|(?P<span>24 hours|24h)|around the clock|round the clock"
    r"|all day(?: long)?|day and night|at all times?|(?:at )?any ?time(?: of (?:the )?day(?: or night)?)?"
    r"|all the time)\b"
)
_ALWAYS_ZH = (
    r"(?P<span>(?:24|二十四)个?小时)(?![以之]|内|后|没|不(?!间|停)|未|还|都没|无人|了|只|最多|一次)"
    r"|全天候?|一天到晚|全时段|任何时候|任何时间|随时|7\s*[x*×]\s*24(?:小时)?|24\s*[x*×/]\s*7|昼夜|不分昼夜"
)


def find_hours(text: str, lang: Lang) -> list[Hours]:
    """In the order of the sentence, without overlaps; an explicit range beats an open end beats a hint."""
    found: list[Hours] = []
    for piece in [*_ranges(text, lang), *_open_ends(text, lang), *_hints(text, lang), *_always(text, lang)]:
        if all(piece.upto <= other.at or piece.at >= other.upto for other in found):
            found.append(piece)
    return sorted(found, key=lambda piece: piece.at)


def _ranges(text: str, lang: Lang) -> Iterator[Hours]:
    for match in (_RANGE_EN if lang == "en" else _RANGE_ZH).finditer(text):
        if lang == "en" and not _is_clock_range(match):
            continue
        first, last = match["a"], match["b"]
        if lang == "zh" and patterns.fullmatch(r"\d{1,2}", first):
            first += "点"
        start, end = read_time(first, lang), read_time(last, lang)
        if start is None or end is None:
            continue
        begin, until, guessed = read_range(start, end)
        remarks = (
            ("contradiction",) if begin == until % MIDNIGHT and begin != 0 else ("ambiguous_time",) if guessed else ()
        )
        if begin == 0 and until == MIDNIGHT and _is_empty(first, last):
            remarks = ("contradiction",)
        outside = match["out"] or (lang == "zh" and match["out2"])
        yield Hours(
            match.start(), match.end(), *((until % MIDNIGHT, begin or MIDNIGHT) if outside else (begin, until)), remarks
        )


def _is_empty(first: str, last: str) -> bool:
    """Midnight to midnight is a whole day only where the end is written as 24."""
    return first.strip() == last.strip()


def _is_clock_range(match: re.Match[str]) -> bool:
    explicit = is_explicit(match["a"]) or is_explicit(match["b"])
    if match["h"] and not explicit:
        # "18-22 h" are hours of the day; "2 to 3 hours" is how long.
        return any(patterns.fullmatch(r"0\d|1[3-9]|2[0-4]", match[side].strip()) for side in "ab")
    led = bool(match["lead"].strip() or match["out"])
    if match["sep"].lower() == "and" and not led:
        return False
    return explicit or (match["bare"] is not None and (led or match["sep"] != "and"))


def _open_ends(text: str, lang: Lang) -> Iterator[Hours]:
    for match in (_OPEN_EN if lang == "en" else _OPEN_ZH).finditer(text):
        way, point = match["way"].lower(), read_time(match["a"], lang)
        if point is None or (lang == "en" and not _is_open_end(match)):
            continue
        bare = not (point.decided or point.day24 or point.two_digits)
        remarks = ("assumed_time", "ambiguous_time") if bare else ("assumed_time",)
        minutes = point.minutes % MIDNIGHT
        if way in {"before", "until", "till", "prior to", "以前", "之前", "前"}:
            yield Hours(match.start(), match.end(), 0, minutes or MIDNIGHT, remarks)
        else:
            end = _MORNING_END if minutes >= _EVENING_FROM or minutes == 0 else MIDNIGHT
            yield Hours(match.start(), match.end(), minutes, end, remarks)


def _is_open_end(match: re.Match[str]) -> bool:
    if is_explicit(match["a"]):
        return True
    return match["bare"] is not None and (match["way"].lower() not in {"past", "from", "since"} or bool(match["on"]))


def _hints(text: str, lang: Lang) -> Iterator[Hours]:
    for words, start, end in _HINTS_EN if lang == "en" else _HINTS_ZH:
        pattern = rf"(?<!\bgood )\b(?:{words})(?:\s+shifts?\b)?" if lang == "en" else words
        for match in patterns.finditer(pattern, text, patterns.IGNORECASE):
            yield Hours(match.start(), match.end(), start, end, ("assumed_time",), hint=True)


def _always(text: str, lang: Lang) -> Iterator[Hours]:
    for match in patterns.finditer(_ALWAYS_EN if lang == "en" else _ALWAYS_ZH, text, patterns.IGNORECASE):
        if not (match["span"] and _HOW_LONG.search(text[: match.start()])):
            yield Hours(match.start(), match.end(), *WHOLE_DAY)
