"""Chinese that denies an attribute or a side condition: 没戴安全帽, 旁边没有大人.

Takes: what to look for, in which nothing is absent as a whole.
Gives: affirmative clauses, and which of them must not hold.
Knows nothing about: absence as the trigger, 确保; see polarity.py."""

import re

from rules import patterns
from rules.absence import absent_zh
from rules.condition import Clause, Condition, listed
from rules.language import tidy
from rules.scope import has_core
from rules.vocabulary import ANIMALS, VEHICLES, WORDS_ZH, labels_zh

_NOT_ZH = re.compile(
    r"(?:还|仍|并|都)?(?:没有|没|未(?!成年|知|来)|不(?!锈钢|干胶|停|断|见|同|少|多|动|明|良|久|倒翁|管|得"
    r"|超过|到|足|足够|准|止|仅|但|过|要)|无(?!人|纺|线|关|数|论|缝|烟|花果|障碍|影|轨|菌|名|法)|缺少|忘记"
    r"|忘了)"
)
_PERSON_END_ZH = re.compile(
    r"(?:人|工人|人员|员工|司机|骑手|厨师|店员|保安|孩子|小孩|学生|乘客|师傅|者|驾驶员|驾驶人|操作工|焊工"
    r"|电工|客|们|老人|儿童|护士|女|男|员)(?:在\S{0,8}?)?(?:的)?(?:时|上|中|里|内)?$"
)


def denied_zh(text: str) -> Condition:
    text = text.replace("有没有", "有")
    if not _NOT_ZH.search(text):
        return listed(text, r"以及|还有|和|与")
    text = patterns.sub(r"[,;]?(?:但是|但|却|可是|而且|并且|然而|而|且|同时)(?=[^,;]{0,6}(?:没|未|不|无))", ",", text)
    groups: list[tuple[Clause, ...]] = []
    subject = ""
    for part in (each for each in patterns.split(r"[,;]|或者|或是|或", text) if each.strip()):
        negator = _NOT_ZH.search(part)
        if not negator:
            who = patterns.match(r"有?\S{0,4}?(?:人员?|工人|员工|司机|骑手|厨师|孩子?|学生|顾客)", part)
            subject = subject or (who[0] if who else "")
            groups.append(
                (Clause(part if not subject or "人" in part or part.startswith(subject) else subject + part),)
            )
            continue
        left, right = part[: negator.start()].strip(), tidy(part[negator.end() :], "zh")
        subject = left or subject
        groups.append(_without(subject, right))
    merged = _side_condition(groups)
    return Condition(merged or ((Clause(text),),))


def _without(subject: str, right: str) -> tuple[Clause, ...]:
    worn = patterns.match(r"(?:佩?戴|穿|系|带|绑)", right)
    owner = patterns.match(
        r"^(?P<what>.+?)的(?P<who>\S*?(?:人员?|员工?|手|司机|孩子|学生|师傅|者|客))(?P<does>.*)$", right
    )
    if owner and worn:
        does = f"{subject}有{owner['who']}{owner['does']}"
        return (Clause(does), Clause(owner["who"] + owner["what"], negated=True))
    if not subject and worn:
        return (Clause("有人"), Clause(f"人{right}", negated=True))
    if subject and _PERSON_END_ZH.search(subject):
        return (Clause(subject), Clause(subject + right, negated=True))
    thing = next((word for word in WORDS_ZH if subject.endswith(word)), "")
    if thing and (set(labels_zh(thing)) & {*VEHICLES, *ANIMALS, "bicycle"}):
        # 狗没拴绳: without a dog in the picture there is nothing to tell.
        return (Clause(subject), Clause(subject + right, negated=True))
    done = f"已{right}" if len(right) <= 2 and subject else right
    return (Clause(subject + done if subject else right, negated=True),)


_BUT_ZH = re.compile(
    r"\s*[,;]\s*(?:(?:而且?|但是?|同时|并且?|且|却|可是?|然而)\s*)?|(?:而且|但是?|同时|并且|且|却|可是|然而|而)"
)


def and_nobody_zh(text: str) -> Condition | None:
    """ "着火了,而且没有人在场": something is there, and nobody beside it."""
    parts = [part for part in _BUT_ZH.split(text) if part]
    if len(parts) != 2 or _NOT_ZH.search(parts[0]) or not has_core(parts[0], "zh"):
        return None
    missing = absent_zh(parts[1])
    if missing is None or absent_zh(parts[0]) is not None:
        return None
    return Condition(((Clause(parts[0]), Clause(tidy(missing, "zh"), negated=True)),))


def _side_condition(groups: list[tuple[Clause, ...]]) -> tuple[tuple[Clause, ...], ...]:
    """ "孩子在泳池,旁边没有大人": a positive part and then a negated one belong together."""
    if (
        len(groups) == 2
        and not groups[0][0].negated
        and len(groups[0]) == 1
        and any(clause.negated for clause in groups[1])
    ):
        return ((groups[0][0], *(clause for clause in groups[1] if clause.negated)),)
    return tuple(groups)
