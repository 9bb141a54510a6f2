"""What must be and what must not be: "no dogs allowed in the pool" is a rule for a dog in the pool.

Takes: a sentence from which times and the request to be told are gone.
Gives: the same as what to look for: a ban as the banned thing itself, a duty as "make sure that …".
Knows nothing about: how "make sure" is turned round; see polarity.py."""

from rules.words import patterns
from rules.words.language import Lang
from rules.words.verbs import base_of, is_plural, is_verb

_MAY_EN = r"(?:should|must|may|can|could|shall|is to|are to|ought to)"
_LET_EN = r"(?:allowed|permitted|supposed|meant|welcome|let)"
#: "someone who is not allowed in" says who it is, and is for words/identity.py
_WHO_EN = r"(?P<who>(?!(?:i|you|we|it|this|that|what|which|who)\b)(?:(?!\b(?:who|that|which|when|if)\b)[^,;.]){1,60}?)"
_DOES_EN = r"(?P<does>\s+.+|)"
_ACTS_EN = (
    r"(?:smoking|running|swimming|diving|climbing|loitering|fishing|cycling|skating|skateboarding|eating|drinking"
    r"|entering|trespassing|littering|sleeping|overtaking|stopping|jumping|riding|fighting|pushing|dumping|camping"
    r"|unloading|loading|playing|parking)"
)
_BANS_EN = (
    rf"^(?P<none>nobody|no[- ]one)\s+(?:(?:is|are)\s+(?:ever\s+)?{_LET_EN}(?:\s+to)?|{_MAY_EN}(?:\s+ever)?){_DOES_EN}$",
    rf"^no\s+(?!(?:more|fewer|less|one)\b){_WHO_EN}\s+(?:(?:is|are)\s+)?(?:{_MAY_EN}|{_LET_EN}(?:\s+to)?){_DOES_EN}$",
    rf"^{_WHO_EN}\s+(?:(?:should|must|may|can|shall)\s*(?:never|not|n't)|(?:is|are)\s+(?:never|not)\s+to)(?:\s+ever)?"
    rf"{_DOES_EN}$",
    rf"^{_WHO_EN}\s+(?:(?:is|are)n't\s+{_LET_EN}|(?:is|are)\s+(?:strictly\s+)?(?:not\s+{_LET_EN}|forbidden|prohibited))"
    rf"(?:\s+(?:to|from))?{_DOES_EN}$",
    rf"^(?:strictly\s+|absolutely\s+)?no\s+{_WHO_EN}(?<=ing){_DOES_EN}$",
)
_DUTY_EN = (
    r"(?:must|should|shall|has to|have to|needs to|need to|ought to|(?:is|are) to"
    r"|(?:is|are) (?:required|supposed|meant) to)"
)
_DUTIES_EN = rf"^{_WHO_EN}(?<!\ba)\s+{_DUTY_EN}(?:\s+(?:always|at least))?\s+(?P<be>be\s+)?(?P<does>.+)$"
_LIMIT_EN = (
    r"^(?P<limit>(?:no more than|not more than|at most|(?:a )?max(?:imum)?(?: of)?|up to"
    r"|only)\s+(?!(?:when|if|in|on)\b).+?)"
    rf"\s+(?:(?:is|are)\s+{_LET_EN}(?:\s+to be)?|(?:may|can|should|must)\s+be|{_LET_EN})\s+(?P<where>.+)$"
)
#: "inform us should a child climb": the first verb takes its usual form
_SHOULD_EN = (
    r"^should\s+(?P<who>(?:(?:an?|any|the|some|my|our)\s+[\w-]+|some\w+|any\w+|people)(?:\s+[\w-]+){0,3}?)\s+(?P<ver"
    r"b>[a-z]+)\b(?P<rest>.*)$"
)
#: words of the request, which a duty may be said of as well: "the alert should be short"
_TOLD_EN = r"\b(?:alerts?|alarms?|notifications?|messages?|camera|system|rule)\b"


def as_looked_for(text: str, lang: Lang) -> str:
    """The sentence as it was where it holds neither a ban nor a duty."""
    if lang == "en":
        return _english(text)
    lifted = patterns.search(r",(?:除非|[^,;]{1,12}(?:除外|例外)$)", text)
    return _chinese(text[: lifted.start()]) + text[lifted.start() :] if lifted else _chinese(text)


def _english(text: str) -> str:
    if patterns.search(_TOLD_EN, text, patterns.IGNORECASE):
        return text
    turned = patterns.match(_SHOULD_EN, text, patterns.IGNORECASE)
    if turned and (is_verb(turned["verb"]) or turned["verb"] == "be"):
        verb = "is" if turned["verb"] == "be" else turned["verb"]
        return f"{turned['who']} {verb if is_plural(turned['who']) or verb == 'is' else _third(verb)}{turned['rest']}"
    limit = patterns.match(_LIMIT_EN, text, patterns.IGNORECASE)
    if limit:
        most = patterns.sub(r"^only\b", "no more than", limit["limit"], patterns.IGNORECASE)
        return f"make sure {most} {limit['where']}"
    for pattern in _BANS_EN:
        ban = patterns.match(pattern, text, patterns.IGNORECASE)
        if ban:
            return _banned(ban.groupdict().get("who") or "a person", ban["does"].strip()) or text
    duty = patterns.match(_DUTIES_EN, text, patterns.IGNORECASE)
    return _due(duty["who"], duty["does"], be=bool(duty["be"])) if duty else text


def _banned(who: str, does: str) -> str:
    """The thing itself: "running on the deck", "dogs in the pool"; empty where it is no ban."""
    act = patterns.fullmatch(_ACTS_EN, who, patterns.IGNORECASE)
    if act and patterns.match(r"(?:signs?|areas?|zones?|boards?|bans?|lanes?)\b", does):
        return ""
    if act:
        doer = "a vehicle parked" if who.lower() == "parking" else f"a person {who.lower()}"
        return f"{doer} {does}".strip()
    if patterns.match(r"\w+ing$", who, patterns.IGNORECASE) and " " not in who:
        return ""
    done = patterns.sub(r"^(?:be|to be)\s+(?:left\s+)?(?=\w)", "", does, patterns.IGNORECASE)
    first, _, rest = done.partition(" ")
    if done == does and is_verb(first) and not first.endswith("ing") and not is_plural(who):
        done = f"{_third(first)} {rest}".strip()
    return f"{who} {done}".strip()


def _third(verb: str) -> str:
    if base_of(verb):
        return verb
    if patterns.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ies"
    return verb + ("es" if patterns.search(r"(?:s|sh|ch|x|o)$", verb) else "s")


def _due(who: str, does: str, *, be: bool) -> str:
    """ "workers must wear vests", "vests must be worn", "the gate must be shut": what is checked for each."""
    worn = patterns.match(r"worn\b(?P<where>.*)$", does) if be else None
    if worn:
        return f"make sure everyone{worn['where']} wears {who}"
    wears = not be and patterns.match(r"(?:wear|have|put on|carry|use)\b", does)
    if wears and is_plural(who) and not patterns.match(r"(?:all|every\w*|each)\b", who, patterns.IGNORECASE):
        who = "everyone" if who.lower() == "people" else f"all {who}"
    joint = "are " if be and (is_plural(who) or who.lower() == "there") else "is " if be else ""
    return f"make sure {who} {joint}{does}"


_BAN_ZH = (
    r"(?:严禁|禁止(?!区)|不准|不许|不允许|不得|切勿|请勿|勿|不应该?|(?:不能|不可以?)(?=有|进|停|站|堆|放|吸|抽|带|坐|跑|跳|爬|翻|游|靠近"
    r"|躺|睡|出现|用手|玩|骑|随地|摆|占|单独))"
    r"(?!超过|多于|少于|低于|超出|大于|的|[^,;]{0,8}(?:标志|标识|标牌|牌子?|告示))"
)
_DUTY_ZH = (
    r"(?:必须(?:要)?|务必|应当|应该|一定要|需要?(?=佩?戴|穿|系|关|锁|有[人两至]|保持)|(?<=[\u4e00-\u9fff])须)(?!确保"
    r"|保证|检查|确认|提醒|通知|报)(?:一直|始终|时刻|都|得)*"
)
_ANYONE_ZH = r"^(?:任何|所有|一切)?(?:人员|人)(?:都|均|一律)?$"
_PERSON_ZH = r"(?:人|人员|工人|员工|司机|保安|学生|师傅|者|工|客|们|护士|医生|厨师)(?:都|均|一律)?$"


def _chinese(text: str) -> str:
    ban = patterns.match(rf"^(?P<who>[^,;]{{0,12}}?)(?:都|均|一律|绝对|坚决)?{_BAN_ZH}(?P<does>[^,;]+)$", text)
    if ban:
        who = patterns.sub(r"^(?:任何|所有|一切)(?=\S)", "", ban["who"])
        return f"{'有人' if patterns.match(_ANYONE_ZH, ban['who']) else who}{ban['does']}"
    duty = patterns.match(rf"^(?P<who>[^,;]{{0,14}}?){_DUTY_ZH}(?P<does>[^,;]+)$", text)
    if not duty:
        return text
    who, does = duty["who"], duty["does"]
    wears = patterns.match(r"(?:佩?戴|穿|系)", does)
    if wears and not patterns.search(_PERSON_ZH, who):
        who = f"{who}的人" if who else "人"
    return f"确保{who}{'都' if wears else ''}{does}"
