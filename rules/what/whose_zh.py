"""Of whom a Chinese negation is said: 没有车牌的车 of the car, 门没关 of the door.

Takes: what stands before the negator and what stands after it.
Gives: who or what is there, and what does not hold of it.
Knows nothing about: how a sentence is split at its negators; see denied_zh.py."""

from dataclasses import dataclass

from rules.what.absence import WORN_ZH
from rules.what.condition import Clause
from rules.words import patterns
from rules.words.places import ZONE
from rules.words.vocabulary import ANIMALS, VEHICLES, WORDS_ZH, labels_zh

_PERSON_ZH = (
    r"(?:人员|工人|员工|司机|骑手|厨师|小孩子?|孩子?们?|学生|顾客|老人|病人|患者|护士|医生|保安|保洁|师傅|乘客|行人|男子|女子|宝宝|婴儿"
    r"|儿童|幼儿|[驾驶操作收银保洁救生外卖快递安全服务售货教管理检]{1,3}员|[焊电木瓦钳]工|者|人)"
)
#: one who does something; what belongs to somebody is a thing
_SOMEBODY_ZH = rf"^(?P<who>[^,;]{{0,10}}?{_PERSON_ZH})(?P<act>(?![的机员工]).*)$"
_PLACED_ZH = r"^(?:都|均|全都|全部|仍|还)?$|^在?[^,;]*[上里内中旁边前后下处时]$|^在"
_BUILT_IN_ZH = (
    r"(?:门|窗户?|窗子|灯|盖子?|阀门?|龙头|栏杆|垃圾桶|柜子?|闸|屏幕?|带|机|机器|设备|梯|火|灶|路|通道|出口"
    r"|区域?|地面?|锁|箱子?|护栏|围栏|画面|锅|孔|坑|洞)$"
)
_SHUT_ZH = r"(?:关|锁|盖|合|闭|熄|亮|灭|拧|扣|封|拉下来?|拉上|放下来?)(?:好|上|紧|严|下|着|了|住|掉|牢|死)?$"
_WEARS_ZH = r"(?:佩?戴|穿|系|带|绑|挂|拴|牵)"
#: 没戴安全帽进入车间, 没放提示牌就拖地: what is done besides
_BESIDES_ZH = (
    rf"^(?P<what>{_WEARS_ZH}[^,;的]{{0,6}}?{WORN_ZH}|[^,;的]{{2,10}}?(?=就|便|直接)|有人[牵扶抱]着?)(?:就|便|而|直接)?"
    r"(?P<more>(?:进|在|去|来|走|站|上|下|操作|开|骑|驾|抓|经过|通过|靠近|爬|攀|作业|施工|焊|切|修|搬|拖|坐|躺|拿|使用|用|抽|打|跑).*)$"
)
_OWNER_ZH = (
    r"^(?P<what>[^的]{1,10})的(?P<who>[^的]{0,5}?(?:人员?|员工?|手|司机|孩子|学生|师傅|者|客|工人|车辆?|船"
    r"|马|牛|羊|狗|猫|鸟|动物))(?P<does>[^的]*)$"
)
_WORK_ZH = (
    r"^(?P<what>[^的]{1,8})的(?P<who>[^的]{0,6}(?:作业|施工|操作|焊接|切割|现场|工地|通道|楼梯|平台|基坑"
    r"|设备|机器))(?P<does>)$"
)


@dataclass(frozen=True, slots=True)
class Somebody:
    """`who` does `act`, or is at a place; then `whole` names one."""

    who: str
    whole: str


def somebody(subject: str) -> Somebody | None:
    """None where the subject is a thing."""
    found = patterns.match(_SOMEBODY_ZH, subject)
    if found is None:
        return None
    placed = patterns.search(_PLACED_ZH, found["act"])
    who = subject if placed else patterns.sub(r"^有(?=[^,;]{2,})(?!人)", "", found["who"])
    return Somebody(who, subject)


def wears(right: str) -> str:
    """ "缺反光背心" does not wear one: 穿反光背心."""
    if not patterns.fullmatch(rf"[^,;的]{{0,4}}?{WORN_ZH}", right) or patterns.match(rf"{_WEARS_ZH}|车|牌|盖", right):
        return right
    return (
        "穿" if patterns.search(r"[衣服鞋裤心]$", right) else "系" if patterns.search(r"[带绳]$", right) else "戴"
    ) + right


def without(subject: str, right: str) -> tuple[Clause, ...]:
    """Who is there, and what does not hold of him; a door is always there."""
    right = f"有{right}" if patterns.match(r"人(?!员)", right) else wears(right)
    owned = _owned(subject, right)
    if owned:
        return owned
    besides = patterns.match(_BESIDES_ZH, right)
    worn = patterns.match(_WEARS_ZH, right)
    if not subject:
        if not worn:
            return (Clause(right, negated=True),)
        more = besides["more"] if besides else ""
        return (Clause(f"有人{more}"), Clause(f"人{besides['what'] if besides else right}", negated=True))
    one = somebody(subject)
    if one and besides:
        return (Clause(one.whole + besides["more"]), Clause(one.who + besides["what"], negated=True))
    if one and patterns.match(rf"(?:一个)?(?:大人|成年?人|监护人|家长|教练|老师|指挥|{_PERSON_ZH})", right):
        # 孩子过马路没有大人牵手: it is another who is missing.
        return (Clause(subject), Clause(f"有{right}", negated=True))
    if one:
        # 有人闯入且不是保安: no guard is there
        return (Clause(subject), Clause(right[1:] if right.startswith("是") else one.who + right, negated=True))
    return _of_thing(subject, right, besides["what"] if besides else "", besides["more"] if besides else "")


def _owned(subject: str, right: str) -> tuple[Clause, ...]:
    owner = patterns.match(_OWNER_ZH, right) or (None if subject else patterns.match(_WORK_ZH, right))
    if not owner:
        return ()
    what, who, does = owner["what"], owner["who"], owner["does"]
    if patterns.match(_WEARS_ZH, what) or patterns.match(r"在", what):
        there = f"{subject}有{who}{does}" if patterns.match(_WEARS_ZH, what) else f"{subject}{who}{does}"
        return (Clause(there), Clause(who + what, negated=True))
    if subject and not patterns.search(r"[上里内中旁边前后下处\ue000-\uf8ff]$", subject):
        return ()
    if what.startswith("是"):
        kind = f"{what[1:]}的{who}" if patterns.search(r"[色型式]$", what) else what[1:]
        return (Clause(f"{subject}{who}{does}"), Clause(f"{subject}{kind}{does}", negated=True))
    if patterns.match(r"[\u4e00-\u9fff]{0,6}(?:着|过|了|完|好)", what):
        return ()
    return (Clause(f"{subject}{who}{does}"), Clause(f"{who}有{what}", negated=True))


def _of_thing(subject: str, right: str, what: str, more: str) -> tuple[Clause, ...]:
    parked = patterns.match(r"(?P<where>.*[停放])的$", subject)
    if parked and right.startswith("是"):
        # 充电车位停的不是电动车: something is parked there.
        return (Clause(f"{parked['where']}着车"), Clause(f"{parked['where']}着{right[1:]}", negated=True))
    if what and more:
        return (Clause(subject + more), Clause(subject + what, negated=True))
    done = f"已{right}" if len(right) <= 2 and not patterns.match(_WEARS_ZH, right) else right
    denied = Clause(subject + done, negated=True)
    thing = next((word for word in WORDS_ZH if subject.endswith(word)), "")
    moves = bool(thing and set(labels_zh(thing)) & {*VEHICLES, *ANIMALS, "bicycle", "boat"})
    if moves or not (patterns.search(rf"{_BUILT_IN_ZH}|^{ZONE}$", subject) or patterns.match(_SHUT_ZH, right)):
        # 狗没拴绳: without a dog in the picture there is nothing to tell.
        return (Clause(subject), denied)
    return (denied,)
