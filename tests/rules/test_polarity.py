"""Yes and no: exceptions, bans, what is missing, and of whom it is said."""

import pytest

from contracts.plan import RulePlan
from rules.plan.compile import compile_rule

WORKDAYS = ("mon", "tue", "wed", "thu", "fri")


def compiled(text: str) -> RulePlan:
    return compile_rule(text, zones=["server room", "ramp", "pool", "kitchen", "机房", "仓库", "泳池"])


def codes(plan: RulePlan) -> set[str]:
    return {lint.code for lint in plan.lint}


def asked(plan: RulePlan) -> str:
    return " ".join(question.text for question in plan.questions)


@pytest.mark.parametrize(
    ("text", "days", "hours"),
    [
        ("car parked longer than 5 min unless it is Sunday", (*WORKDAYS, "sat"), ("00:00", "24:00")),
        ("a person in the kitchen, but not on weekends", WORKDAYS, ("00:00", "24:00")),
        ("a person in the kitchen unless it is between 09:00 and 17:00", (*WORKDAYS, "sat", "sun"), ("17:00", "09:00")),
        ("车停超过5分钟,周日除外", (*WORKDAYS, "sat"), ("00:00", "24:00")),
        ("有人进入机房就报警,除非是周末", WORKDAYS, ("00:00", "24:00")),
        ("如果不是周末，有人进入机房就报警", WORKDAYS, ("00:00", "24:00")),
        ("非工作日有人进入仓库", ("sat", "sun"), ("00:00", "24:00")),
    ],
)
def test_an_excepted_time_is_when_the_rule_does_not_watch(
    text: str, days: tuple[str, ...], hours: tuple[str, str]
) -> None:
    plan = compiled(text)

    assert [(window.days, window.start, window.end) for window in plan.window] == [(days, *hours)]
    assert (plan.logic, plan.negated) == ("q1", False)


def test_an_exception_that_leaves_no_time_contradicts_the_rule() -> None:
    plan = compiled("a person in the kitchen on Sunday unless it is Sunday")

    assert "contradiction" in codes(plan)
    assert plan.window == ()


@pytest.mark.parametrize(
    "text",
    [
        "a child is in the pool unless an adult is next to it",
        "a child in the pool unless accompanied by an adult",
        "a truck at the ramp, except when a guard is present",
        "unless a guard is present, alert me when a person enters the server room",
        "泳池里有孩子,除非旁边有大人",
        "除非有保安在场,否则有人进入机房就报警",
        "禁止攀爬,除非系了安全绳",
    ],
)
def test_an_exception_that_is_seen_lifts_the_rule(text: str) -> None:
    plan = compiled(text)

    assert (plan.status, plan.logic, plan.negated) == ("ok", "q1 and not q2", True)
    assert "unless" not in asked(plan) and "除非" not in asked(plan)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("only guards may enter the server room", "guards"),
        ("nobody except nurses may enter the kitchen", "nurses"),
        ("the server room is for technicians only", "technicians"),
        ("only forklifts may use the ramp", "forklifts"),
        ("anyone but the guard on the ramp", "guard"),
        ("只有保安可以进入机房", "保安"),
        ("机房只允许技术员进入", "技术员"),
        ("除了保安,任何人不得进入机房", "保安"),
        ("仓库仅限叉车通行", "叉车"),
        ("不是保安的人坐在泳池边", "保安"),
    ],
)
def test_where_only_some_may_be_the_rule_looks_for_the_others(text: str, who: str) -> None:
    plan = compiled(text)

    assert (plan.status, plan.logic, plan.negated) == ("ok", "q1 and not q2", True)
    assert who in plan.questions[1].text


def test_a_detector_is_not_asked_to_tell_a_guard_from_a_person() -> None:
    plan = compiled("只有保安可以进入机房")

    assert plan.questions[0].predicate is not None
    assert plan.questions[1].predicate is None


@pytest.mark.parametrize(
    "text",
    [
        "only authorised personnel are allowed in the server room",
        "未经允许进入仓库",
        "只有授权人员可以进入机房",
        "没登记的外来人员进入仓库",
    ],
)
def test_who_is_allowed_no_picture_shows(text: str) -> None:
    plan = compiled(text)

    assert (plan.status, plan.logic, plan.negated) == ("needs_rewording", "q1", False)
    assert codes(plan) == {"identity"}


@pytest.mark.parametrize(
    "text",
    [
        "a person without a helmet and without a vest",
        "neither helmet nor vest",
        "a worker who is not wearing a helmet and is not wearing a vest",
        "someone in the server room who is neither a guard nor a technician",
        "没戴安全帽也没穿反光衣",
        "厨师既没戴帽子也没戴口罩",
        "既没戴手套也没戴护目镜的工人在冲床边",
        "后厨人员不戴手套不戴口罩",
    ],
)
def test_each_of_two_missing_things_is_asked_for_by_itself(text: str) -> None:
    assert compiled(text).logic == "q1 and not q2 and not q3"


@pytest.mark.parametrize("text", ["a person without a helmet or a vest", "有人没戴安全帽或者没穿反光衣"])
def test_one_missing_thing_is_enough_where_the_sentence_says_or(text: str) -> None:
    assert compiled(text).logic == "(q1 and not q2) or (q1 and not q3)"


@pytest.mark.parametrize(
    "text", ["a bird or a squirrel but no cat", "either a van or a truck, but not a bus, at the ramp"]
)
def test_what_must_not_be_there_holds_for_every_alternative(text: str) -> None:
    assert compiled(text).logic == "(q1 and not q2) or (q3 and not q2)"


@pytest.mark.parametrize(
    "text",
    [
        "there are no people and a forklift is moving for 10 seconds",
        "nobody is at the desk and the safe is open",
        "a bag nobody is standing next to",
        "仓库没人而且门开着",
        "没有人的时候叉车在移动",
        "机器运转时没有人看着",
        "孩子过马路没有大人牵手",
        "没有灭火器的动火作业",
    ],
)
def test_nobody_beside_what_happens_is_no_absence(text: str) -> None:
    plan = compiled(text)

    assert plan.temporal.kind != "absent"
    assert (plan.status, plan.logic) == ("ok", "q1 and not q2")


@pytest.mark.parametrize(
    "text",
    ["neither a guard nor a dog at the ramp", "仓库里既没有保安也没有狗", "alert me unless a guard is at the ramp"],
)
def test_two_who_are_both_gone_are_absent(text: str) -> None:
    plan = compiled(text)

    assert (plan.temporal.kind, plan.logic, plan.negated) == ("absent", "q1", False)


@pytest.mark.parametrize(
    ("text", "there", "missing"),
    [
        ("老人摔倒了超过10秒没站起来", "老人摔倒", "老人站起来"),
        ("外卖员进门没关门", "外卖员进门", "外卖员关门"),
        ("没有车牌的车停在仓库", "车停在仓库", "车有车牌"),
        ("不在围栏里面的马", "马", "马在围栏里面"),
        ("有人没戴安全帽进入仓库", "有人进入仓库", "人戴安全帽"),
        ("工人缺反光背心", "工人", "穿反光背心"),
        ("a delivery driver does not lock the van", "a delivery driver", "locking the van"),
        ("the patient fell and has not got up for 20 seconds", "patient fell", "Has the patient got up"),
        ("pallets not wrapped in plastic", "pallets", "wrapped in plastic"),
    ],
)
def test_a_denied_act_is_asked_of_one_who_is_there(text: str, there: str, missing: str) -> None:
    plan = compiled(text)

    assert plan.logic == "q1 and not q2"
    assert there in plan.questions[0].text and missing in plan.questions[1].text


@pytest.mark.parametrize("text", ["the gate isn't shut", "冷柜门没关", "the conveyor is not moving", "井盖没盖好"])
def test_what_is_built_in_is_always_there(text: str) -> None:
    assert compiled(text).logic == "not q1"


@pytest.mark.parametrize(
    "text",
    [
        "don't bother me about spills unless there is liquid on the floor",
        "unless someone falls, don't disturb me",
        "除非有人摔倒，否则别打扰我",
    ],
)
def test_to_be_left_alone_unless_something_happens_is_a_rule_for_it(text: str) -> None:
    plan = compiled(text)

    assert (plan.status, plan.logic, plan.negated, codes(plan)) == ("ok", "q1", False, set())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("keep an eye on the ramp", "vague"),
        ("帮我盯着点后院", "vague"),
        ("仓库那边不对劲就报", "vague"),
        ("要是果园那边情况不正常，打电话给我", "vague"),
        ("冷柜断电了，立刻通知值班经理", "nonvisual"),
        ("Wi-Fi断了、摄像头离线了提醒我一下呗", "nonvisual"),
    ],
)
def test_a_place_and_whom_to_tell_are_nothing_to_look_for(text: str, code: str) -> None:
    plan = compiled(text)

    assert (plan.status, codes(plan)) == ("refused", {code})


@pytest.mark.parametrize(
    "text", ["学生在操场", "快递放在门口", "keep an eye out for dogs", "smoking battery in the kitchen", "通道被堵"]
)
def test_a_thing_at_a_place_is_looked_for(text: str) -> None:
    assert compiled(text).status == "ok"


@pytest.mark.parametrize(
    "text",
    [
        "Would you kindly let me know, if it is not too much trouble, whenever a dog is on the ramp?",
        "有狗在泳池边，请立既通知",
        "狗在泳池边,统统要报",
    ],
)
def test_politeness_and_slips_of_the_request_are_no_question(text: str) -> None:
    plan = compiled(text)

    assert (plan.status, plan.logic, codes(plan)) == ("ok", "q1", set())
