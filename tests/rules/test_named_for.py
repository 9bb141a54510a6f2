import pytest

from rules.plan.compile import compile_rule


@pytest.mark.parametrize(
    "text",
    [
        "消防通道停电动车",
        "楼道里停电瓶车",
        "门口停电车就报警",
        "断电线掉在地上",
        "声光报警器被遮挡",
        "煤气瓶倒了",
        "有人靠近燃气表",
        "温度计掉在地上",
        "网络机柜门开着",
        "漏电保护器盖子打开",
        "听诊器忘在桌上",
        "噪音屏障破损",
        "车辆360度掉头",
        "一米线外有人",
        "门外人太多",
        "学生人数超过30",
        "a car hits the sound barrier",
        "someone touches the fire alarm panel",
        "someone covers the smoke alarm",
        "a person near the loudspeaker",
        "someone opens the temperature sensor box",
        "somebody opens the network cabinet",
        "someone smokes beside the gas meter",
        "a smoking battery on the bench",
        "a high speed train at the platform",
        "a dog in the shady spot",
        "someone climbs the electricity pylon",
    ],
)
def test_a_thing_named_for_what_is_not_seen_is_seen(text: str) -> None:
    plan = compile_rule(text)

    assert (plan.status, plan.lint) == ("ok", ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("仓库停电了", "nonvisual"),
        ("电动车没电", "nonvisual"),
        ("煤气泄漏", "nonvisual"),
        ("温度超过40", "nonvisual"),
        ("Wi-Fi断了", "nonvisual"),
        ("噪音很大", "audio"),
        ("外人进入", "identity"),
        ("the temperature sensor reads over 40", "nonvisual"),
        ("the smoke alarm is going off", "audio"),
        ("fire alarm sounds", "audio"),
        ("gas leak in the kitchen", "nonvisual"),
        ("camera battery below 20%", "nonvisual"),
        ("the internet is down", "nonvisual"),
        ("a car goes at high speed", "speed"),
    ],
)
def test_what_it_reads_or_sounds_stays_unseen(text: str, code: str) -> None:
    assert [found.code for found in compile_rule(text).lint] == [code]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("watch the door", "refused"),
        ("monitor the loading bay", "refused"),
        ("keep an eye on the stairs please", "refused"),
        ("帮我盯着点后院", "refused"),
        ("仓库那边不对劲就报", "refused"),
        ("watch my car", "needs_rewording"),
        ("帮我看好孩子", "needs_rewording"),
    ],
)
def test_to_watch_a_place_or_a_thing_says_nothing_of_what_may_happen(text: str, status: str) -> None:
    plan = compile_rule(text)

    assert (plan.status, [found.code for found in plan.lint]) == (status, ["vague"])


@pytest.mark.parametrize("text", ["keep an eye out for foxes", "watch for foxes", "look out for foxes"])
def test_to_watch_out_for_something_asks_for_it(text: str) -> None:
    plan = compile_rule(text)

    assert (plan.status, plan.questions[0].text) == ("ok", "Does the picture show foxes?")
