"""Chinese that denies an attribute or a side condition: 没戴安全帽, 旁边没有大人.

Takes: what to look for, in which nothing is absent as a whole.
Gives: affirmative clauses, and which of them must not hold.
Knows nothing about: absence as the trigger, 确保; see polarity.py."""

import re

from rules.what.absence import ACT_ZH, WORN_ZH, absent_zh
from rules.what.condition import Clause, Condition, listed
from rules.what.whose_zh import without
from rules.words import patterns
from rules.words.language import tidy
from rules.words.places import ZONE
from rules.words.scope import has_core

_NOT_ZH = re.compile(
    r"(?:还|仍|并|都)?(?:没有|没|未(?!成年|知|来)|不(?!锈钢|干胶|停|断|见|同|少|多|动|明|良|久|倒翁|管|得"
    r"|超过|到|足|足够|准|止|仅|但|过|要)|无(?!人|纺|线|关|数|论|缝|烟|花果|障碍|影|轨|菌|名|法)|缺少|忘记"
    r"|忘了|缺(?!口|陷|席|氧|水|货|角|失|勤|人|少|岗|位|页|损)|少(?=戴|穿|系))"
)
#: 没戴安全帽也没穿反光衣, 不戴手套不戴口罩: neither
_ALSO_NOT_ZH = re.compile(
    r"(?:而且|并且|同时|也|又|还|且|并|而)?(?:都)?(?:没有?|未|不)(?=佩?戴|穿|系|带(?!走)|挂|绑|牵|拴)|(?:也|又|还|并且|而且|且|并)(?:都)?(?:没有?|未|不|无)"
)
#: 停了没有标志的车: the vehicle is there, its sign is not
_LACKING_ZH = (
    r"(?P<there>[^,;]{0,14}?(?:停着?了?|停放着?了?|有|出现了?|进入?了?|进来了?|来了|驶入了?|开进了?))(?:一?[辆个名位台])?"
    r"(?:没有|无|未|没)(?P<lacks>(?![戴穿系带佩绑])[^,;的]{1,8})的(?P<thing>[^,;的]{0,5}?(?:车辆?|人员?|员工|工人|狗|船))"
)


def denied_zh(text: str) -> Condition:
    text = text.replace("有没有", "有")
    bare = patterns.fullmatch(_LACKING_ZH, text)
    if bare:
        there, thing = f"{bare['there']}{bare['thing']}", bare["thing"]
        return Condition(((Clause(there), Clause(f"{thing}有{bare['lacks']}", negated=True)),))
    if not _NOT_ZH.search(text):
        return listed(text, r"以及|还有|和|与")
    text = patterns.sub(rf"(?<=[没未不无])(?P<worn>[^,;]{{1,8}}{WORN_ZH})者", r"\g<worn>的人", text)
    # 既没戴帽子,也没戴口罩: one who lacks both
    text = patterns.sub(r"既(?=没|未|不|无)", "", text)
    text = (
        patterns.sub(r",?(?=(?:也|又|还|并且|而且|且|并)(?:都)?(?:没|未|不|无))", "", text)
        if _NOT_ZH.search(text[: len(text) // 2])
        else text
    )
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
        left = patterns.sub(r"(?:要是|如果|还|仍然?|一直|依然)$", "", part[: negator.start()].strip())
        subject = left or subject
        groups.append(_all_denied(subject, part[negator.end() :]))
    merged = _side_condition(groups)
    return Condition(merged or ((Clause(text),),))


def _all_denied(subject: str, text: str) -> tuple[Clause, ...]:
    """Of 没戴手套也没戴护目镜的工人 the worker is the one who lacks the gloves as well."""
    *rights, last = [tidy(right, "zh") for right in _ALSO_NOT_ZH.split(text)]
    of_last = without(subject, last)
    there = next((clause.text for clause in of_last if not clause.negated), subject)
    whose = there if not subject and len(of_last) > 1 else subject
    clauses = [*(clause for right in rights for clause in without(whose, right)), *of_last]
    return tuple(sorted(dict.fromkeys(clauses), key=lambda clause: clause.negated))


_BUT_ZH = re.compile(
    r"\s*[,;]\s*(?:(?:而且?|但是?|同时|并且?|且|却|可是?|然而)\s*)?|(?:而且|但是?|同时|并且|且|却|可是|然而|而)"
)


_WHILE_NOBODY_ZH = (
    r"在?(?P<where>[^,;]{0,10}?)(?:没有|没|无)(?P<who>[^,;的]{1,6}?)(?:在场|在|看着|看)?(?:的时候|时候|的情况下|(?<!小)时)"
    r"[,]?(?P<what>.+)"
)


#: 动火作业旁边没有灭火器: what is done is seen, and nothing beside it
_BESIDE_NOTHING_ZH = (
    r"(?P<what>[^,;没无不]{0,10}(?:作业|施工|焊接|切割|操作|装卸|卸货|维修|检修|充电|儿童|孩子?|婴儿|宝宝|老人|病人|患者|狗)(?:人员|的人)?)"
    r"(?P<near>的?(?:旁边?|附近|身边|边上?|周围|现场))(?:都|也)?(?:没有?|无|缺少?)(?P<thing>[^,;]{1,8}?)(?:在场?|看护|陪同|照看|看管|监护|陪着)?"
)
#: 羊以外的动物, 斑马线以外的行人
_BUT_FOR_ZH = (
    r"(?P<head>[^,;]{0,8}?有)?(?:除了?)?(?P<one>[^,;有]{1,8}?)(?:以外|之外)的(?:其他"
    r"|别的|其它)?(?P<all>[^,;在]{1,8})(?P<where>在?[^,;]*)"
)


def _beside_nothing(text: str) -> Condition | None:
    found = patterns.fullmatch(_BESIDE_NOTHING_ZH, text)
    if found is None or patterns.match(ACT_ZH, found["thing"]):
        return None
    there = Clause(f"{found['what']}{found['near']}有{found['thing']}", negated=True)
    return Condition(((Clause(found["what"]), there),))


def _but_for(text: str) -> Condition | None:
    found = patterns.fullmatch(_BUT_FOR_ZH, text)
    if found is None or _NOT_ZH.search(found["all"] + found["where"]):
        return None
    head, one, thing, where = found["head"] or "", found["one"], found["all"], found["where"]
    if patterns.search(rf"{ZONE}|[线区道路内里场]$", one):
        return Condition(((Clause(f"{head}{thing}{where}"), Clause(f"{thing}在{one}", negated=True)),))
    return Condition(((Clause(f"{head}{thing}{where}"), Clause(f"{head}{one}{where}", negated=True)),))


#: 救生台上没人但是有人在游泳: the second half is what is looked for
_BESIDE_ZH = re.compile(
    r"但是?|却|可是|然而|同时|而且|并且|且|而|,(?=[^,;]*(?:着|正在|在动|移动|运转|开动|亮|冒|进入|打开|开了))"
)
#: 机器运转时没有人看着: what runs is seen, and nobody beside it
_RUNS_ALONE_ZH = (
    r"(?P<what>[^,;没无不]{0,10}(?:运转|运行|作业|施工|焊接|切割|充电|加热|烧水|开着|亮着|游泳|装卸|卸货|移动|行驶|倒车|起吊|吊装))"
    r"(?:时|的时候|期间|过程中)[,]?(?P<where>[^,;没无]{0,6}?)(?:都|也|却)?(?:没有|没|无)(?P<who>人|大人|监护人|指挥|[\u4e00-\u9fff]{1,3}[员工])(?P<does>[^,;]*)"
)


def and_nobody_zh(text: str) -> Condition | None:
    """ "着火了,而且没有人在场", "没人的时候窗户开着": something is there, and nobody beside it."""
    apart = _beside_nothing(text) or _but_for(text)
    if apart:
        return apart
    alone = patterns.fullmatch(_WHILE_NOBODY_ZH, text)
    if alone and has_core(alone["what"], "zh") and not _NOT_ZH.search(alone["what"]):
        return Condition(((Clause(alone["what"]), Clause(f"{alone['where']}有{alone['who']}", negated=True)),))
    runs = patterns.fullmatch(_RUNS_ALONE_ZH, text)
    if runs:
        near = f"{runs['where']}有{runs['who']}{runs['does']}"
        return Condition(((Clause(runs["what"]), Clause(near, negated=True)),))
    parts = [part for part in _BUT_ZH.split(text) if part]
    if len(parts) != 2 or not has_core(parts[0], "zh"):
        return None
    missing, first = absent_zh(parts[1]), absent_zh(parts[0])
    if first is not None and missing is None and _BESIDE_ZH.search(text):
        return Condition(((Clause(parts[1]), Clause(tidy(first, "zh"), negated=True)),))
    if missing is None or first is not None:
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
