"""A plan told in English, in one sentence.

Takes: a plan that is not refused.
Gives: the sentence; its parts, of which a better wording is made.
Knows nothing about: Chinese, how the plan was made."""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from contracts.plan import WEEK, Count, Day, RulePlan, Temporal, Window
from rules.incidents.logic import Node, parse_logic
from rules.incidents.thresholds import ABSENT_S, FOLLOW_S, LINGER_S
from rules.plan.statement import stated
from rules.when.days import WEEKDAYS, WEEKEND

SIGNS = {">": "more than", ">=": "at least", "<": "fewer than", "<=": "at most", "==": "exactly"}
_DAYS = dict(zip(WEEK, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))
_CANNOT = {
    "audio": "I cannot hear",
    "identity": "I cannot tell who somebody is",
    "intent": "I cannot see what somebody intends",
    "past": "I cannot look into the past",
    "nonvisual": "I cannot smell, feel, or see the state of a device",
    "vague": "I cannot look for what has no visible sign",
    "speed": "I cannot measure speed, distance, weight or height in one picture",
    "contradiction": "the rule contradicts itself",
}
_ALL_DAY = ("00:00", "24:00")
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))
#: days in a row are told by the first and the last of them from so many on
RUN = 3


def tell(plan: RulePlan) -> str:
    """What is looked for, where, when, and when somebody is told; what cannot be seen."""
    logic = parse_logic(plan.logic)
    said = f"I will look for {_sought(plan, logic)}"
    if plan.cameras:
        said += f" on camera{'s' if len(plan.cameras) > 1 else ''} " + joined(f"'{name}'" for name in plan.cameras)
    aside = [counted(plan.count)] if plan.count else []
    if plan.zones:
        aside.append(f"{'zones' if len(plan.zones) > 1 else 'zone'} " + joined(f"'{zone}'" for zone in plan.zones))
    parts = [said + (f" ({'; '.join(aside)})" if aside else "")]
    if plan.window:
        parts.append("; ".join(windows(plan.window)))
    parts.append(f"and tell you {_when(plan, logic)}")
    if plan.cooldown_s:
        parts.append(f"at most once {every(plan.cooldown_s)}")
    if plan.severity:
        parts.append(f"with severity {plan.severity}")
    cannot = [_CANNOT[lint.code] for lint in plan.lint if lint.level == "error" and lint.code in _CANNOT]
    return "; ".join([", ".join(parts), *cannot]) + "."


def unsure(plan: RulePlan) -> str:
    """Which words are left for the questions."""
    left = joined(f"“{stated(each.text, 'en')}”" for each in plan.questions)
    return f"I may not have understood every part of this sentence: the words that I ask about are {left}."


def joined(names: Iterable[str]) -> str:
    """ "a, b and c"."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def counted(count: Count) -> str:
    """ "more than 3"."""
    return f"{SIGNS[count.op]} {count.n}"


def _sought(plan: RulePlan, logic: Node) -> str:
    named = {each.id: f"“{stated(each.text, 'en')}”" for each in plan.questions}
    if logic.op == "not":
        return _said(logic.parts[0], named)
    if plan.temporal.kind != "sequence":
        return _said(logic, named)
    first, *then = logic.parts or (logic,)
    if missed(logic):
        return _said(first, named, inside=True)
    return " and then ".join(_said(part, named, inside=True) for part in (first, *then))


def missed(logic: Node) -> bool:
    """Of a sequence: that B does not follow is what is told."""
    return logic.op == "and" and len(logic.parts) == 2 and logic.parts[1].op == "not"


def _said(node: Node, named: dict[str, str], *, inside: bool = False) -> str:
    """The logic with statements for ids."""
    if node.op == "ask":
        return named.get(node.question, node.question)
    if node.op == "not":
        return f"not {_said(node.parts[0], named, inside=True)}"
    text = f" {node.op} ".join(_said(part, named, inside=True) for part in node.parts)
    return f"({text})" if inside else text


def _when(plan: RulePlan, logic: Node) -> str:
    temporal, missing = plan.temporal, logic.op == "not"
    match temporal.kind:
        case "sustained":
            held = length(temporal.seconds) if temporal.seconds else f"a while (I take {LINGER_S:g} seconds)"
            return f"when {'that is not so for' if missing else 'it lasts'} {held}"
        case "absent" if temporal.seconds:
            return f"when I have not seen it for {length(temporal.seconds)}"
        case "absent":
            # The machine waits, and asks nobody whether it was ever there.
            return f"when I have not seen it for a while (I take {ABSENT_S:g} seconds), even if it was never there"
        case "sequence":
            assumed = "" if temporal.within_s else " (my assumption)"
            within = f"within {length(temporal.within_s or FOLLOW_S)}{assumed}"
            if not missed(logic):
                return f"when that happens {within}"
            named = {each.id: f"“{stated(each.text, 'en')}”" for each in plan.questions}
            return f"when {_said(logic.parts[1].parts[0], named, inside=True)} does not follow {within}"
        case "k_of_n":
            return f"when I {'do not see' if missing else 'see'} it {often(temporal)}"
    several = "as soon as that holds" if logic.op != "ask" or plan.count else "as soon as I see it"
    return "as soon as that is not so" if missing else several


def often(temporal: Temporal) -> str:
    """k of n frames, or k times within a period."""
    if temporal.n:
        return f"in {temporal.k} {'frames in a row' if temporal.k == temporal.n else f'of {temporal.n} frames'}"
    times = {1: "once", 2: "twice"}.get(temporal.k or 0, f"{temporal.k} times")
    return times + (f" within {length(temporal.within_s)}" if temporal.within_s else "")


def length(seconds: float) -> str:
    """ "1 hour 30 minutes"."""
    parts = []
    for scale, name in _UNITS:
        amount, seconds = int(seconds // scale), seconds % scale
        parts += [f"{amount} {name}{'' if amount == 1 else 's'}"] if amount else []
    if seconds or not parts:
        parts.append(f"{seconds:g} second{'' if seconds == 1 else 's'}")
    return " ".join(parts)


def every(seconds: float) -> str:
    """ "an hour", "every 10 minutes"."""
    single: dict[float, str] = {86400: "a day", 3600: "an hour", 60: "a minute", 1: "a second"}
    return single.get(seconds) or f"every {length(seconds)}"


def windows(given: Sequence[Window]) -> list[str]:
    """One phrase for all hours of the same days, or for one stretch over several."""
    stretch = one_stretch(given)
    if stretch:
        first, start, last, end = stretch
        return [f"from {_DAYS[first]} {start} to {_DAYS[last]} {end}"]
    told = []
    for days, same in groupby(given, key=lambda window: window.days):
        hours = [
            "all day" if (each.start, each.end) == _ALL_DAY else f"between {each.start} and {each.end}" for each in same
        ]
        told.append(_named(days) + (", all day" if hours == ["all day"] else f" {joined(hours)}"))
    return told


def _named(days: tuple[Day, ...]) -> str:
    whole = {WEEK: "every day", WEEKDAYS: "Monday to Friday", WEEKEND: "at weekends"}.get(days)
    if whole:
        return whole
    told = [_DAYS[run[0]] + (f" to {_DAYS[run[-1]]}" if len(run) > 1 else "") for run in runs(days)]
    return told[0] if len(told) == 1 and len(days) > 1 else "on " + joined(told)


def one_stretch(given: Sequence[Window]) -> tuple[Day, str, Day, str] | None:
    """From Friday evening to Monday morning, where the windows are the days of it."""
    days = [(WEEK.index(day), window.start, window.end) for window in given for day in window.days]
    numbers = [number for number, _, _ in days]
    follow = all((number + 1) % len(WEEK) == after for number, after in pairwise(numbers))
    joins = all(before == "24:00" and after == "00:00" for (_, _, before), (_, after, _) in pairwise(days))
    if not (1 < len(days) < len(WEEK) and follow and joins) or (days[0][1], days[-1][2]) == _ALL_DAY:
        return None
    return WEEK[numbers[0]], days[0][1], WEEK[numbers[-1]], days[-1][2]


def runs(days: Sequence[Day]) -> list[list[Day]]:
    """Days in a row together, where there are so many that the first and the last of them tell it."""
    found: list[list[Day]] = []
    for day in days:
        if found and WEEK.index(day) == WEEK.index(found[-1][-1]) + 1:
            found[-1].append(day)
        else:
            found.append([day])
    return [part for run in found for part in ([run] if len(run) >= RUN else [[day] for day in run])]
