"""Who alone may: "only guards may enter the server room" is a rule for a person there who is no guard.

Takes: a sentence from which times are gone, before the request to be told is.
Gives: the same as what to look for: "a person entering the server room except guards", 有人进入机房,保安除外.
Knows nothing about: how "except" is read; see denied_en.py and exception.py.

Who is authorised, staff or a member no picture shows: there the rule says "unauthorised person", as
words/identity.py knows it."""

from rules.words import patterns
from rules.words.language import Lang
from rules.words.verbs import gerund, is_verb
from rules.words.vocabulary import ANIMALS, labels_en, labels_zh

_MAY_EN = (
    r"(?:(?:may|can|should|shall|must|are to|is to|might)(?:\s+(?:ever|be))?"
    r"|(?:(?:may|can|should|must)\s+be\s+|(?:is|are)\s+)?(?:allowed|permitted|supposed|meant|welcome|let)(?:\s+to(?:\s+be)?)?)"
)
_WHO_EN = (
    r"(?P<who>(?!(?:when|if|in|on|at|one|two|three|\d)\b)(?:(?!\b(?:who|that|which|when|if|may|can)\b)[^,;.]){2,40}?)"
)
_ONLY_EN = (
    rf"^(?P<head>[^,;]*?[,:]\s*|.{{0,40}}?\b(?:rule|that)\s+)?\b(?:only|just)\s+{_WHO_EN}\s+{_MAY_EN}\s+(?P<does>[^,;]+)",
    r"^(?P<head>[^,;]*?[,:]\s*)?\b(?:nobody|no[- ]?one|no (?:person|people|vehicles?|animals?))\s+"
    rf"(?:but|except(?:\s+for)?|other than|apart from|besides)\s+{_WHO_EN}\s+{_MAY_EN}\s+(?P<does>[^,;]+)",
    rf"^(?P<head>)(?P<place>[^,;.]{{2,40}}?)\s+(?:is|are)\s+(?:reserved\s+|meant\s+)?(?:only\s+)?for\s+(?:the\s+)?{_WHO_EN}"
    r"(?:(?<=only)|\s+(?:only|exclusively|alone))(?=\s*(?:[,;.]|$))",
    rf"^(?P<head>)(?P<place>[^,;.]{{2,40}}?)\s+(?:is|are)\s+(?:only for|reserved for"
    rf"|exclusively for)\s+{_WHO_EN}(?=\s*(?:[,;.]|$))",
)
_UNTOLD_EN = (
    r"\b(?:authori[sz]ed|permitted|registered|approved|invited|known|named|cleared|certified|licensed|qualified|trained"
    r"|staff|employees?|personnel|members?|residents?|tenants?|owners?|family|friends?|key ?holders?|permit holders?"
    r"|guests?|we|i|you|me|my|our)\b"
)
_VEHICLE_EN = (
    r"\b(?:vehicles?|cars?|vans?|trucks?|lorr(?:y|ies)|fork-?lifts?|bus(?:es)?|coaches|bikes?|bicycles?|motor(?:bikes?|cycles?)"
    r"|taxis?|ambulances?|fire engines?|tractors?|scooters?|trailers?|excavators?|cranes?|carts?|trams?)$"
)

_UNTOLD_ZH = (
    r"(?:授权|工作|许可|允许|登记|本|内部|相关|员工|职工|业主|住户|会员|家人|主人|有权限|持证|指定|专人"
    r"|我们?|自己|注册|熟人)"
)
_VEHICLE_ZH = r"(?:车|车辆|叉车|货车|卡车|救护车|消防车|拖拉机|吊车|挖掘机)$"
_ACT_ZH = (
    r"(?:进|出|使用|用|停|靠近|通[行过]|操作|打开|开|触碰|碰|动|上|下|在|坐|站|入|接近|驾驶|搬|拿|待|逗留"
    r"|停留|行驶|走|通)"
)
_MAY_ZH = r"(?:才)?(?:可以?|能够?|允许|准许?|许可?|被允许|得以?|有权|应该?)"
_NOT_ZH = r"(?:都|均|一律|统统)?(?:严禁|禁止|不准|不许|不允许|不得|切勿|请勿|勿|不应该?|不能|不可以?)"
_WHO_ZH = r"(?P<who>(?![\d一二两三四五六七八九十])[^,;.]{1,10}?)"
_OTHERS_ZH = (
    r"(?:任何人员?|其他人员?|其它人员?|其余人员?|所有人员?|谁|别人|旁人|无关人员|闲杂人等|他人|其他车辆?|任何车辆?)?"
)
_ONLY_ZH = (
    rf"^(?P<place>[^,;]{{0,10}}?)只有{_WHO_ZH}{_MAY_ZH}(?P<does>{_ACT_ZH}[^,;]*)",
    rf"^(?P<place>[^,;]{{0,10}}?)(?:只|仅)(?:被?允许|准许?|许|限|供|对|让|能由|可由|限于){_WHO_ZH}(?:开放|专用|{_MAY_ZH}?(?P<does>{_ACT_ZH}[^,;]*))?$",
    rf"^(?P<place>[^,;]{{0,10}}?)除了?{_WHO_ZH}(?:以外|之外|外)?[,]?{_OTHERS_ZH}{_NOT_ZH}(?P<does>{_ACT_ZH}[^,;]*)",
    rf"^(?P<place>[^,;]{{0,10}}?)非(?!机动|标)(?P<who>[^,;.]{{1,6}}?)(?:人员|者)?{_NOT_ZH}(?P<does>{_ACT_ZH}[^,;]*)",
)


def as_misuse(text: str, lang: Lang) -> str:
    """The sentence as it was where nobody has a right of his own."""
    return _english(text) if lang == "en" else _chinese(text)


#: "no dogs without a leash", "no entry without a helmet"
_LEAVE_EN = r"^no\s+(?P<who>[^,;]{2,30}?)\s+(?P<lacks>without\s+[^,;]+)"


def _english(text: str) -> str:
    leave = patterns.match(_LEAVE_EN, text, patterns.IGNORECASE)
    if leave:
        entry = patterns.fullmatch(r"entry|access|admission|admittance|entering|one", leave["who"], patterns.IGNORECASE)
        return f"{'a person' if entry else leave['who']} {leave['lacks']}{text[leave.end() :]}"
    for pattern in _ONLY_EN:
        found = patterns.match(pattern, text, patterns.IGNORECASE)
        if not found:
            continue
        parts = found.groupdict()
        does = _doing(parts["does"]) if "does" in parts else f"in {parts['place']}"
        if patterns.search(_UNTOLD_EN, parts["who"], patterns.IGNORECASE):
            return f"{parts['head'] or ''}an unauthorised person {does}{text[found.end() :]}"
        return f"{parts['head'] or ''}{_kind_en(parts['who'])} {does} except {parts['who']}{text[found.end() :]}"
    return text


def _doing(does: str) -> str:
    """ "enter the server room": entering it."""
    first, _, rest = does.strip().partition(" ")
    if first.lower() == "be":
        return rest
    return f"{gerund(first)} {rest}".strip() if is_verb(first) and not first.endswith("ing") else does.strip()


def _kind_en(who: str) -> str:
    """What those who have no right are: people keep people out, vehicles vehicles."""
    labels = labels_en(patterns.sub(r"^(?:the|an?)\s+", "", who))
    if {*labels} & {*ANIMALS}:
        return "an animal"
    return "a vehicle" if patterns.search(_VEHICLE_EN, who, patterns.IGNORECASE) else "a person"


def _chinese(text: str) -> str:
    for pattern in _ONLY_ZH:
        found = patterns.match(pattern, text)
        if not found:
            continue
        who, place, does = found["who"], found["place"], found.groupdict().get("does") or ""
        if patterns.search(_UNTOLD_ZH, who):
            kind = "未授权车辆" if patterns.search(_VEHICLE_ZH, who) else "未授权人员"
            return f"{kind}{_there(does, place)}{text[found.end() :]}"
        return f"有{_kind_zh(who)}{_there(does, place)},{who}除外{text[found.end() :]}"
    return text


def _there(does: str, place: str) -> str:
    """机房只允许技术员进入: the place is where one goes in."""
    if not does:
        return f"在{place}"
    return (
        does + place
        if patterns.fullmatch(r"进入?|使用|用|靠近|接近|通过|打开|操作|进出|出入", does)
        else f"在{place}{does}"
        if place
        else does
    )


def _kind_zh(who: str) -> str:
    if {*labels_zh(who)} & {*ANIMALS}:
        return "动物"
    return "车辆" if patterns.search(_VEHICLE_ZH, who) else "人"
