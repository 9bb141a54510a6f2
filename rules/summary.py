"""A plan in one readable sentence, in the rule's language, so that a person can check what was understood.

Takes: a plan without its summary.
Gives: the sentence.
Knows nothing about: how the plan was made."""

from contracts.plan import WEEK, Count, Lint, RulePlan, Temporal, Window
from rules.days import WEEKDAYS, WEEKEND

_SIGNS_EN = {">": "more than", ">=": "at least", "<": "fewer than", "<=": "at most", "==": "exactly"}
_SIGNS_ZH = {">": "多于", ">=": "至少", "<": "少于", "<=": "最多", "==": "正好"}
_SEVERITY_ZH = {"critical": "紧急", "high": "高", "medium": "中等", "low": "低", "info": "提示"}
_DAY_ZH = dict(zip(WEEK, "一二三四五六日", strict=True))


def summarise(plan: RulePlan, notes: tuple[str, ...] = ()) -> str:
    """`notes`: words that the edge engine reads more broadly than they were meant."""
    errors = [lint for lint in plan.lint if lint.level == "error"]
    if plan.status == "refused":
        return _refusal(plan.lang, errors)
    said = _english(plan) if plan.lang == "en" else _chinese(plan)
    dropped = _dropped(plan.lang, errors)
    return " ".join([said, *dropped, *notes]) if plan.lang == "en" else "".join([said, *dropped, *notes])


def _refusal(lang: str, errors: list[Lint]) -> str:
    told = " ".join(f"{lint.message} {lint.suggestion or ''}".strip() for lint in errors)
    return f"I cannot watch for this: {told}" if lang == "en" else f"这条规则我看不了:{told}"


def _dropped(lang: str, errors: list[Lint]) -> list[str]:
    told = " ".join(lint.message for lint in errors)
    if not told:
        return []
    return [f"Left out: {told}"] if lang == "en" else [f"已略去的部分:{told}"]


def _english(plan: RulePlan) -> str:
    parts = [f"I will ask {_asked(plan, ' ')}"]
    if plan.cameras:
        parts.append("on " + ", ".join(plan.cameras))
    if plan.zones:
        parts.append("inside " + ", ".join(f"'{zone}'" for zone in plan.zones))
    if plan.window:
        parts.append("; ".join(_window_en(window) for window in plan.window))
    if plan.count:
        parts.append(f"count {_count(plan.count, _SIGNS_EN)}")
    parts.append(f"and tell you {_when_en(plan.temporal, plan.logic, plan.negated)}")
    if plan.cooldown_s:
        parts.append(f"at most once per {_length_en(plan.cooldown_s)}")
    if plan.severity:
        parts.append(f"severity {plan.severity}")
    return ", ".join(parts) + "."


def _chinese(plan: RulePlan) -> str:
    parts = [f"我会看:{_asked(plan, '')}"]
    if plan.cameras:
        parts.append("摄像头:" + "、".join(plan.cameras))
    if plan.zones:
        parts.append("区域:" + "、".join(plan.zones))
    if plan.window:
        parts.append("时间:" + ";".join(_window_zh(window) for window in plan.window))
    if plan.count:
        parts.append("数量" + _count(plan.count, _SIGNS_ZH))
    parts.append(_when_zh(plan.temporal, plan.logic, plan.negated))
    if plan.cooldown_s:
        parts.append(f"每{_length_zh(plan.cooldown_s)}最多一次")
    if plan.severity:
        parts.append(f"级别:{_SEVERITY_ZH[plan.severity]}")
    return ",".join(parts) + "。"


def _asked(plan: RulePlan, gap: str) -> str:
    several = len(plan.questions) > 1
    return gap.join(f"{each.id}: “{each.text}”" if several else f"“{each.text}”" for each in plan.questions)


def _count(count: Count, signs: dict[str, str]) -> str:
    return f"{signs[count.op]} {count.n}"


def _when_en(temporal: Temporal, logic: str, negated: bool) -> str:
    held = _length_en(temporal.seconds) if temporal.seconds else "a while"
    within = f" within {_length_en(temporal.within_s)}" if temporal.within_s else ""
    what = "the answer is yes" if logic == "q1" else f"'{logic}' holds"
    match temporal.kind:
        case "sustained":
            return f"when {what} for {held}"
        case "absent":
            return f"when the answer is no for {held}"
        case "sequence":
            return f"when q1 is yes and q2 does {'not follow' if negated else 'follow'}{within}"
        case "k_of_n":
            frames = f" in {temporal.k} of {temporal.n} frames" if temporal.n else f" {temporal.k} times{within}"
            return f"when {what}{frames}"
    return f"as soon as {what}"


def _when_zh(temporal: Temporal, logic: str, negated: bool) -> str:
    held = _length_zh(temporal.seconds) if temporal.seconds else "一段时间"
    within = f"{_length_zh(temporal.within_s)}内" if temporal.within_s else ""
    what = "答案为“是”" if logic == "q1" else f"“{logic}”成立"
    match temporal.kind:
        case "sustained":
            return f"{what}持续{held}就通知您"
        case "absent":
            return f"答案为“否”持续{held}就通知您"
        case "sequence":
            return f"q1成立后{within}{'没有出现' if negated else '出现'}q2就通知您"
        case "k_of_n":
            frames = f"在{temporal.n}帧中有{temporal.k}帧" if temporal.n else f"{within}出现{temporal.k}次"
            return f"{what},{frames}就通知您"
    return f"一旦{what}就通知您"


def _length_en(seconds: float) -> str:
    for scale, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= scale and seconds % scale == 0:
            amount = int(seconds // scale)
            return f"{amount} {name}{'s' if amount > 1 else ''}"
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def _length_zh(seconds: float) -> str:
    for scale, name in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= scale and seconds % scale == 0:
            return f"{int(seconds // scale)}{name}"
    return f"{seconds:g}秒"


def _window_en(window: Window) -> str:
    days = {WEEK: "every day", WEEKDAYS: "Monday to Friday", WEEKEND: "at weekends"}.get(window.days)
    named = days or "on " + ", ".join(day.capitalize() for day in window.days)
    return f"{named} between {window.start} and {window.end}"


def _window_zh(window: Window) -> str:
    days = {WEEK: "每天", WEEKDAYS: "周一至周五", WEEKEND: "周末"}.get(window.days)
    return f"{days or '周' + '、'.join(_DAY_ZH[day] for day in window.days)}{window.start}-{window.end}"
