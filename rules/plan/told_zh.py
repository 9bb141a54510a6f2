"""A plan told in Chinese, in one sentence.

Takes: a plan that is not refused.
Gives: the sentence; its parts, of which a better wording is made.
Knows nothing about: English, how the plan was made."""

from collections.abc import Sequence
from itertools import groupby

from contracts.plan import WEEK, Count, Day, RulePlan, Temporal, Window
from rules.incidents.logic import Node, parse_logic
from rules.incidents.thresholds import ABSENT_S, FOLLOW_S, LINGER_S
from rules.plan.statement import stated
from rules.plan.told_en import missed, one_stretch, runs
from rules.when.days import WEEKDAYS, WEEKEND
from rules.words import patterns

SIGNS = {">": "多于", ">=": "至少", "<": "少于", "<=": "最多", "==": "正好是"}
SEVERITIES = {"critical": "紧急", "high": "高", "medium": "中等", "low": "低", "info": "提示"}
_DAYS = dict(zip(WEEK, "一二三四五六日", strict=True))
_CANNOT = {
    "audio": "我听不到声音",
    "identity": "我认不出某个人是谁",
    "intent": "我看不出人的意图",
    "past": "我看不到过去",
    "nonvisual": "我感觉不到气味和温度，也看不到设备状态",
    "vague": "没有可见特征的情况我看不了",
    "speed": "我从单张画面量不出速度、距离、重量或高度",
    "contradiction": "规则自相矛盾",
}
_ALL_DAY = ("00:00", "24:00")
_UNITS = ((86400, "天"), (3600, "小时"), (60, "分钟"))
_FULL_WIDTH = str.maketrans(",:;?!()", "，：；？！（）")


def tell(plan: RulePlan) -> str:
    """What is looked for, where, when, and when somebody is told; what cannot be seen."""
    logic = parse_logic(plan.logic)
    parts = [f"我会留意{_sought(plan, logic)}"]
    if plan.cameras:
        parts.append("摄像头：" + "、".join(plan.cameras))
    if plan.zones:
        parts.append("区域：" + "、".join(plan.zones))
    if plan.count:
        parts.append("数量" + counted(plan.count))
    if plan.window:
        parts.append("时间：" + "，".join(windows(plan.window)))
    parts.append(_when(plan, logic))
    if plan.cooldown_s:
        parts.append(f"{every(plan.cooldown_s)}最多一次")
    if plan.severity:
        parts.append(f"级别：{SEVERITIES[plan.severity]}")
    cannot = [_CANNOT[lint.code] for lint in plan.lint if lint.level == "error" and lint.code in _CANNOT]
    return "；".join(["，".join(parts), *cannot]) + "。"


def unsure(plan: RulePlan) -> str:
    """Which words are left for the questions."""
    return f"这句话可能有一部分我没有理解，留在问题里的是{'、'.join(_quoted(each.text) for each in plan.questions)}。"


def full_width(words: str) -> str:
    """Punctuation beside Chinese characters; the colon of 22:00 stays as it is."""
    beside = r"(?<=[\u4e00-\u9fff])[,:;?!()]|[,:;?!()](?=[\u4e00-\u9fff])"
    return patterns.sub(beside, lambda mark: mark[0].translate(_FULL_WIDTH), words)


def _quoted(question: str) -> str:
    return f"“{full_width(stated(question, 'zh'))}”"


def counted(count: Count) -> str:
    """多于3."""
    return f"{SIGNS[count.op]}{count.n}"


def _sought(plan: RulePlan, logic: Node) -> str:
    named = {each.id: _quoted(each.text) for each in plan.questions}
    if logic.op == "not":
        return _said(logic.parts[0], named)
    if plan.temporal.kind != "sequence" or logic.op != "and":
        return _said(logic, named)
    first, *then = (_said(part, named, inside=True) for part in logic.parts)
    return first if missed(logic) else f"先{first}后{''.join(then)}"


def _said(node: Node, named: dict[str, str], *, inside: bool = False) -> str:
    """The logic with statements for ids."""
    match node.op:
        case "ask":
            return named.get(node.question, node.question)
        case "not":
            return f"没有{_said(node.parts[0], named, inside=True)}"
        case "or":
            text = "或者".join(_said(part, named, inside=True) for part in node.parts)
        case "and":
            text = _both(node, named)
    return f"（{text}）" if inside else text


def _both(node: Node, named: dict[str, str]) -> str:
    """有A、但没有B: a denial after something that is there is told as one."""
    text = _said(node.parts[0], named, inside=True)
    for before, part in zip(node.parts, node.parts[1:], strict=False):
        denied = part.op == "not"
        text += ("也" if before.op == "not" else "但") if denied else "并且"
        text += _said(part, named, inside=True)
    return text


def _when(plan: RulePlan, logic: Node) -> str:
    temporal, missing = plan.temporal, logic.op == "not"
    match temporal.kind:
        case "sustained":
            held = length(temporal.seconds) if temporal.seconds else f"一段时间（按{LINGER_S:g}秒算）"
            return f"持续{held}{'不是这样' if missing else ''}就通知您"
        case "absent" if temporal.seconds:
            return f"连续{length(temporal.seconds)}看不到就通知您"
        case "absent":
            # The machine waits, and asks nobody whether it was ever there.
            return f"连续一段时间（按{ABSENT_S:g}秒算）看不到就通知您，从没出现过也一样"
        case "sequence":
            within = f"{length(temporal.within_s or FOLLOW_S)}内{'' if temporal.within_s else '（我假定的）'}"
            if not missed(logic):
                return f"在{within}先后出现就通知您"
            named = {each.id: _quoted(each.text) for each in plan.questions}
            return f"之后{within}{_said(logic.parts[1], named)}就通知您"
        case "k_of_n":
            return f"{often(temporal, missing=missing)}就通知您"
    several = "出现这种情况" if logic.op != "ask" or plan.count else "看到"
    return f"一旦{'不是这样' if missing else several}就通知您"


def often(temporal: Temporal, *, missing: bool = False) -> str:
    """k of n frames, or k times within a period."""
    seen = "不是这样" if missing else "看到"
    if temporal.n and temporal.k == temporal.n:
        return f"连续{temporal.n}帧{seen}"
    if temporal.n:
        return f"{temporal.n}帧中有{temporal.k}帧{seen}"
    within = f"{length(temporal.within_s)}内" if temporal.within_s else ""
    return f"{within}{f'有{temporal.k}次不是这样' if missing else f'出现{temporal.k}次'}"


def length(seconds: float) -> str:
    """1小时30分钟."""
    parts = []
    for scale, name in _UNITS:
        amount, seconds = int(seconds // scale), seconds % scale
        parts += [f"{amount}{name}"] if amount else []
    if seconds or not parts:
        parts.append(f"{seconds:g}秒")
    return "".join(parts)


def every(seconds: float) -> str:
    """每小时, 每10分钟: one of a unit is not counted."""
    single: dict[float, str] = {86400: "每天", 3600: "每小时", 60: "每分钟", 1: "每秒"}
    return single.get(seconds) or f"每{length(seconds)}"


def windows(given: Sequence[Window]) -> list[str]:
    """One phrase for all hours of the same days, or for one stretch over several."""
    stretch = one_stretch(given)
    if stretch:
        first, start, last, end = stretch
        return [f"周{_DAYS[first]}{start}至周{_DAYS[last]}{end}"]
    told = []
    for days, same in groupby(given, key=lambda window: window.days):
        hours = "和".join(_hours(each) for each in same)
        told.append(f"{_named(days)}{hours}")
    return told


def _hours(window: Window) -> str:
    if (window.start, window.end) == _ALL_DAY:
        return "全天"
    return f"{window.start}至{'次日' if window.end < window.start else ''}{window.end}"


def _named(days: tuple[Day, ...]) -> str:
    whole = {WEEK: "每天", WEEKDAYS: "周一至周五", WEEKEND: "周末"}.get(days)
    if whole:
        return whole
    return "、".join(f"周{_DAYS[run[0]]}" + (f"至周{_DAYS[run[-1]]}" if len(run) > 1 else "") for run in runs(days))
