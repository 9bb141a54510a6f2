"""A plan in one readable sentence, in the rule's language, so that a person can check what was understood.

Takes: a plan without its summary.
Gives: the sentence, with what is left out and a better wording.
Knows nothing about: how the plan was made."""

from contracts.plan import WEEK, Count, RulePlan, Temporal, Window
from rules.incidents.thresholds import FOLLOW_S, LINGER_S
from rules.when.days import WEEKDAYS, WEEKEND
from rules.words import patterns

_SIGNS_EN = {">": "more than", ">=": "at least", "<": "fewer than", "<=": "at most", "==": "exactly"}
_SIGNS_ZH = {">": "多于", ">=": "至少", "<": "少于", "<=": "最多", "==": "正好"}
_SEVERITY_ZH = {"critical": "紧急", "high": "高", "medium": "中等", "low": "低", "info": "提示"}
_DAY_ZH = dict(zip(WEEK, "一二三四五六日", strict=True))
_CANNOT_EN = {
    "audio": "I cannot hear",
    "identity": "I cannot tell who somebody is",
    "intent": "I cannot see what somebody intends",
    "past": "I cannot look into the past",
    "nonvisual": "I cannot smell, feel, or see the state of a device",
    "vague": "I cannot look for what has no visible sign",
    "speed": "I cannot measure speed, distance, weight or height in one picture",
    "contradiction": "the rule contradicts itself",
}
_CANNOT_ZH = {
    "audio": "我听不到声音",
    "identity": "我认不出某个人是谁",
    "intent": "我看不出人的意图",
    "past": "我看不到过去",
    "nonvisual": "我感觉不到气味和温度,也看不到设备状态",
    "vague": "没有可见特征的情况我看不了",
    "speed": "我从单张画面量不出速度、距离、重量或高度",
    "contradiction": "规则自相矛盾",
}
_ALL_DAY = ("00:00", "24:00")
_FROM_MODEL = {
    "en": "A language model read this sentence: check that it is what you mean.",
    "zh": "这句话由语言模型解读,请核对是否是您的意思。",
}


def summarise(plan: RulePlan, notes: tuple[str, ...] = ()) -> str:
    """`notes`: words that the edge engine reads more broadly than they were meant."""
    if plan.status == "refused":
        return _refusal(plan)
    said = _english(plan) if plan.lang == "en" else _chinese(plan)
    origin = [_FROM_MODEL[plan.lang]] if plan.origin == "model" else []
    return (" " if plan.lang == "en" else "").join([said, *_better(plan), *notes, *origin])


def stated(question: str, lang: str) -> str:
    """The statement in a question: "Is a person in the yard?" is about "a person in the yard"."""
    text = question.rstrip("?")
    if lang == "zh":
        text = patterns.sub(r"^画面中(?:能否看到|是否(?=有|出现))", "", text)
        return text.replace("是否", "", 1)
    for pattern in (r"^Does the picture show (.+)$", r"^(?:Is|Are) (.+?) visible$", r"^(?:Is|Are|Has|Have) (.+)$"):
        found = patterns.match(pattern, text)
        if found:
            return patterns.sub(r"\bbeen ", "", found[1])
    return text


def _refusal(plan: RulePlan) -> str:
    gap = " " if plan.lang == "en" else ""
    told = gap.join(lint.message + gap + (lint.suggestion or "") for lint in plan.lint if lint.level == "error")
    return f"I cannot watch for this: {told}" if plan.lang == "en" else f"这条规则我看不了:{told}"


def _cannot(plan: RulePlan) -> list[str]:
    known = _CANNOT_EN if plan.lang == "en" else _CANNOT_ZH
    return [known[lint.code] for lint in plan.lint if lint.level == "error" and lint.code in known]


def _better(plan: RulePlan) -> list[str]:
    """What is left of the sentence is the wording that says the same without the rest."""
    if plan.status != "needs_rewording" or len(plan.questions) != 1:
        return []
    left = stated(plan.questions[0].text, plan.lang)
    return [f"Better: “{left}”."] if plan.lang == "en" else [f"建议写成:“{left}”。"]


def _english(plan: RulePlan) -> str:
    said = f"I will look for {_sought(plan)}"
    if plan.cameras:
        said += " on " + ", ".join(plan.cameras)
    if plan.zones:
        said += f" ({'zones' if len(plan.zones) > 1 else 'zone'} " + ", ".join(f"'{zone}'" for zone in plan.zones) + ")"
    if plan.count:
        said += f" (count: {_count(plan.count, _SIGNS_EN)})"
    parts = [said]
    if plan.window:
        parts.append("; ".join(_window_en(window) for window in plan.window))
    parts.append(f"and tell you {_when_en(plan)}")
    if plan.cooldown_s:
        parts.append(f"at most once {_every_en(plan.cooldown_s)}")
    if plan.severity:
        parts.append(f"with severity {plan.severity}")
    return "; ".join([", ".join(parts), *_cannot(plan)]) + "."


def _chinese(plan: RulePlan) -> str:
    parts = [f"我会留意{_sought(plan)}"]
    if plan.cameras:
        parts.append("摄像头:" + "、".join(plan.cameras))
    if plan.zones:
        parts.append("区域:" + "、".join(plan.zones))
    if plan.count:
        parts.append("数量" + _count(plan.count, _SIGNS_ZH))
    if plan.window:
        parts.append("时间:" + "、".join(_window_zh(window) for window in plan.window))
    parts.append(_when_zh(plan))
    if plan.cooldown_s:
        parts.append(f"每{_length_zh(plan.cooldown_s).removeprefix('1')}最多一次")
    if plan.severity:
        parts.append(f"级别:{_SEVERITY_ZH[plan.severity]}")
    return ";".join([",".join(parts), *_cannot(plan)]) + "。"


def _sought(plan: RulePlan) -> str:
    """The logic with statements for ids."""
    named = {each.id: f"“{stated(each.text, plan.lang)}”" for each in plan.questions}
    words = {"and": "并且", "or": "或者", "not": "没有"} if plan.lang == "zh" else {}
    if plan.temporal.kind == "sequence":
        words |= {"and": "and then"} if plan.lang == "en" else {"and": "之后"}
    pieces = patterns.split(r"(\w+)", "q1" if plan.logic == "not q1" else plan.logic)
    said = "".join(named.get(piece, words.get(piece, piece)) for piece in pieces)
    return said if plan.lang == "en" else said.replace(" ", "") if len(plan.questions) == 1 else _close_up(said)


def _close_up(said: str) -> str:
    return patterns.sub(r"(?<=[”)并且或者没有后(]) | (?=[“(并或没之])", "", said)


def _count(count: Count, signs: dict[str, str]) -> str:
    return f"{signs[count.op]} {count.n}" if signs is _SIGNS_EN else f"{signs[count.op]}{count.n}"


def _when_en(plan: RulePlan) -> str:
    temporal = plan.temporal
    held = _length_en(temporal.seconds) if temporal.seconds else f"a while (I take {LINGER_S:g} seconds)"
    missing = plan.logic == "not q1"
    match temporal.kind:
        case "sustained":
            return f"when it {'is not so for' if missing else 'lasts'} {held}"
        case "absent":
            return f"when I have not seen it for {held}" if temporal.seconds else "as soon as I no longer see it"
        case "sequence":
            assumed = "" if temporal.within_s else " (my assumption)"
            within = f" within {_length_en(temporal.within_s or FOLLOW_S)}{assumed}"
            return f"when that happens{within}"
        case "k_of_n":
            return f"when I {'do not see' if missing else 'see'} it {_often_en(temporal)}"
    several = "as soon as that holds" if len(plan.questions) > 1 or plan.count else "as soon as I see it"
    return "as soon as it is not so" if missing else several


def _often_en(temporal: Temporal) -> str:
    if temporal.n:
        return f"in {temporal.k} of {temporal.n} frames"
    return f"{temporal.k} times" + (f" within {_length_en(temporal.within_s)}" if temporal.within_s else "")


def _when_zh(plan: RulePlan) -> str:
    temporal = plan.temporal
    held = _length_zh(temporal.seconds) if temporal.seconds else f"一段时间(按{LINGER_S:g}秒算)"
    missing = "不是这样" if plan.logic == "not q1" else ""
    match temporal.kind:
        case "sustained":
            return f"{missing}持续{held}就通知您"
        case "absent":
            return f"连续{held}看不到就通知您" if temporal.seconds else "一旦看不到就通知您"
        case "sequence":
            assumed = "" if temporal.within_s else "(我假定的)"
            return f"在{_length_zh(temporal.within_s or FOLLOW_S)}内{assumed}发生就通知您"
        case "k_of_n":
            return f"{missing}{_often_zh(temporal)}就通知您"
    several = "成立" if len(plan.questions) > 1 or plan.count else "看到"
    return f"一旦{missing or several}就通知您"


def _often_zh(temporal: Temporal) -> str:
    if temporal.n:
        return f"{temporal.n}帧中有{temporal.k}帧看到"
    return f"{f'{_length_zh(temporal.within_s)}内' if temporal.within_s else ''}出现{temporal.k}次"


def _length_en(seconds: float) -> str:
    for scale, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= scale and seconds % scale == 0:
            amount = int(seconds // scale)
            return f"{amount} {name}{'s' if amount > 1 else ''}"
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def _every_en(seconds: float) -> str:
    length = _length_en(seconds)
    single = {"1 hour": "an hour", "1 minute": "a minute", "1 day": "a day"}.get(length)
    return single or f"every {length}"


def _length_zh(seconds: float) -> str:
    for scale, name in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= scale and seconds % scale == 0:
            return f"{int(seconds // scale)}{name}"
    return f"{seconds:g}秒"


def _window_en(window: Window) -> str:
    days = {WEEK: "every day", WEEKDAYS: "Monday to Friday", WEEKEND: "at weekends"}.get(window.days)
    named = days or "on " + ", ".join(day.capitalize() for day in window.days)
    if (window.start, window.end) == _ALL_DAY:
        return f"{named}, all day"
    return f"{named} between {window.start} and {window.end}"


def _window_zh(window: Window) -> str:
    days = {WEEK: "每天", WEEKDAYS: "周一至周五", WEEKEND: "周末"}.get(window.days)
    hours = "全天" if (window.start, window.end) == _ALL_DAY else f"{window.start}-{window.end}"
    return f"{days or '周' + '、'.join(_DAY_ZH[day] for day in window.days)}{hours}"
