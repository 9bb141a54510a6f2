"""A better wording of a sentence that asks for more than a picture shows: the same rule without that part.

Takes: a plan that needs rewording, and how sentences are read.
Gives: a sentence that is read as the same plan and is accepted; "" where none was found.
Knows nothing about: the sentence that was written.

A wording is offered only where it holds what was understood: whoever copies it makes the rule that was shown."""

from collections.abc import Callable, Iterator

from contracts.plan import RulePlan
from rules.incidents.logic import Node, parse_logic
from rules.plan import told_en, told_zh
from rules.plan.statement import stated
from rules.words import patterns

Reader = Callable[[str], RulePlan]
_ARTICLE = r"^(?:an?|the|any|some)\s+"
_SOMEBODY = r"^(?:a person|someone|somebody|anyone|anybody)\b"
_COUNTS_ZH = {">": "超过{}", ">=": "至少{}", "<": "少于{}", "<=": "最多{}", "==": "只有{}"}
#: of one, and of all that are tried: a longer wording helps nobody, and each takes as long as a sentence does
_LONGEST = 250
_MOST_CHARACTERS = 600


def better_wording(plan: RulePlan, read: Reader) -> str:
    """The first that is read as the same plan; "" where none was found soon."""
    read_so_far = 0
    for wording in dict.fromkeys(_wordings(plan)):
        read_so_far += len(wording)
        if len(wording) > _LONGEST or read_so_far > _MOST_CHARACTERS:
            return ""
        if same_rule(plan, read(wording)):
            return wording
    return ""


def same_rule(plan: RulePlan, other: RulePlan) -> bool:
    """Whether the other, which is accepted, watches for the same in the same way."""
    return other.status == "ok" and not other.unsure and _rule(plan) == _rule(other)


def _rule(plan: RulePlan) -> tuple[object, ...]:
    asked = [(each.id, _plain(stated(each.text, plan.lang)), each.predicate, each.frames) for each in plan.questions]
    named = (frozenset(plan.zones), frozenset(plan.cameras))
    when = (plan.temporal, plan.window, plan.cooldown_s, plan.severity)
    return plan.lang, asked, plan.logic, plan.negated, plan.count, named, when


def _plain(statement: str) -> str:
    """One person and several are asked for alike: how many there must be is no part of the question."""
    return patterns.sub(_ARTICLE, "", patterns.sub(r"\b(?:people|persons)\b", "person", statement.casefold()))


def _wordings(plan: RulePlan) -> Iterator[str]:
    logic = parse_logic(plan.logic)
    said = {each.id: stated(each.text, plan.lang) for each in plan.questions}
    if plan.lang == "en":
        after = _after_en(plan)
        return (f"{core}{after}" for core in _cores_en(plan, logic, said))
    return (_whole_zh(plan, core) for core in _cores_zh(plan, logic, said))


def _cores_en(plan: RulePlan, logic: Node, said: dict[str, str]) -> Iterator[str]:
    for core in _said_en(plan, logic, said):
        if plan.count:
            some = patterns.sub(_SOMEBODY, "people", core) if plan.count.n != 1 else core
            yield f"{told_en.counted(plan.count)} {patterns.sub(_ARTICLE, '', some)}"
            yield f"{told_en.counted(plan.count)} {patterns.sub(_ARTICLE, '', core)}"
        elif plan.temporal.kind == "absent":
            yield patterns.sub(_SOMEBODY, "nobody", core)
            yield f"no {patterns.sub(_ARTICLE, '', core)}"
            yield f"{core} is missing"
        else:
            yield core
            # "a ship coming in", where the act is read only as one that somebody does
            yield patterns.sub(r"^((?:an?|the|any|some) [\w-]+) (?=\w+ing\b)", r"\1 is ", core)


def _said_en(plan: RulePlan, node: Node, said: dict[str, str]) -> Iterator[str]:
    """In several ways: a verb follows what was said of it, or a comma does."""
    if node.op == "ask":
        yield said[node.question]
        return
    parts = [next(_said_en(plan, part, said)) for part in node.parts]
    if node.op == "not":
        yield f"make sure {parts[0]}"
        yield f"no {patterns.sub(_ARTICLE, '', parts[0])}"
    elif plan.temporal.kind == "sequence":
        yield ", then ".join(parts)
    elif node.op == "and" and len(parts) > 1 and node.parts[-1].op == "not":
        denied = next(_said_en(plan, node.parts[-1].parts[0], said))
        first = " and ".join(parts[:-1])
        yield f"{first} without {patterns.sub(r'^.*?(?:wearing|with) ', '', denied)}"
        yield f"{first} and no {patterns.sub(_ARTICLE, '', denied)}"
        yield f"{first} and not {denied}"
    else:
        # What comes along with a thing ("a man with a rucksack") is asked for by itself, and said already.
        yield parts[0]
        yield f" {node.op} ".join(parts)
        yield f", {node.op} ".join(parts)


def _after_en(plan: RulePlan) -> str:
    temporal = plan.temporal
    said = "".join(f" {'and' if at else 'on camera'} {camera}" for at, camera in enumerate(plan.cameras))
    if temporal.kind in {"sustained", "absent"}:
        lingers = any(word in each.text for each in plan.questions for word in ("loiter", "linger", "hang"))
        openly = " for a while" if temporal.kind == "sustained" and not lingers else ""
        said += f" for {told_en.length(temporal.seconds)}" if temporal.seconds else openly
    elif temporal.kind == "sequence" and temporal.within_s:
        said += f" within {told_en.length(temporal.within_s)}"
    elif temporal.kind == "k_of_n":
        said += f" {told_en.often(temporal)}"
    parts = [said]
    if plan.window:
        parts.append("; ".join(told_en.windows(plan.window)))
    if plan.cooldown_s:
        parts.append(f"at most once {told_en.every(plan.cooldown_s)}")
    if plan.severity:
        parts.append(f"{plan.severity} priority")
    return ", ".join(parts)


def _cores_zh(plan: RulePlan, logic: Node, said: dict[str, str]) -> Iterator[str]:
    for core in _said_zh(plan, logic, said):
        if plan.count:
            number = _COUNTS_ZH[plan.count.op].format(f"{plan.count.n}个")
            yield patterns.sub("有", f"有{number}", core) if core.count("有") == 1 else f"{number}{core}"
            yield f"{number}{core}"
            yield f"{core}，数量{number.removesuffix('个')}"
        elif plan.temporal.kind == "absent":
            yield patterns.sub("有", "没有", core) if core.count("有") == 1 else f"没有{core}"
            yield f"没有{core}"
        else:
            yield core


def _said_zh(plan: RulePlan, node: Node, said: dict[str, str]) -> Iterator[str]:
    if node.op == "ask":
        yield said[node.question]
        return
    parts = [next(_said_zh(plan, part, said)) for part in node.parts]
    if node.op == "not":
        yield f"确保{parts[0]}"
        yield f"没有{parts[0].removeprefix('有')}"
    elif plan.temporal.kind == "sequence":
        within = f"{told_zh.length(plan.temporal.within_s)}内" if plan.temporal.within_s else ""
        yield f"{parts[0]}后{within}{parts[-1]}"
    elif node.op == "and" and len(parts) > 1 and node.parts[-1].op == "not":
        denied = next(_said_zh(plan, node.parts[-1].parts[0], said))
        first = "并且".join(parts[:-1])
        yield f"{first}没{denied.removeprefix(first)}"
        yield f"{first}，并且没有{denied.removeprefix('有')}"
    else:
        yield parts[0]
        yield ("并且" if node.op == "and" else "或者").join(parts)


def _whole_zh(plan: RulePlan, core: str) -> str:
    temporal = plan.temporal
    said = "，".join(told_zh.windows(plan.window)) + "和".join(plan.cameras) + core
    if temporal.kind in {"sustained", "absent"} and temporal.seconds:
        said += f"超过{told_zh.length(temporal.seconds)}"
    elif temporal.kind == "k_of_n":
        said = f"{told_zh.often(temporal)}{said}"
    parts = [said]
    if plan.cooldown_s:
        parts.append(f"{told_zh.every(plan.cooldown_s)}最多报一次")
    if plan.severity:
        parts.append(f"{told_zh.SEVERITIES[plan.severity]}优先级")
    return "，".join(parts)
