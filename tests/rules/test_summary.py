import pytest

from rules.plan.compile import compile_rule

CAMERAS, ZONES = ("Dock 2", "大门口"), ("yard", "仓库")


def told(text: str) -> str:
    return compile_rule(text, cameras=CAMERAS, zones=ZONES).summary


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        (
            "somebody stands in the yard for 10 seconds, at most one alert every 10 minutes, high priority",
            "I will look for “somebody standing in the yard” (zone 'yard'), and tell you when it lasts 10 seconds, at"
            " most once every 10 minutes, with severity high.",
        ),
        (
            "more than 3 people on Dock 2 on weekdays between 22:00 and 06:00",
            "I will look for “people” on Dock 2 (count: more than 3), Monday to Friday between 22:00 and 06:00, and"
            " tell you as soon as that holds.",
        ),
        (
            "in the yard, someone without a helmet",
            "I will look for “someone in the yard” and not “someone wearing a helmet” (zone 'yard'), and tell you as"
            " soon as that holds.",
        ),
        (
            "nobody in the yard for 5 minutes",
            "I will look for “a person in the yard” (zone 'yard'), and tell you when I have not seen it for 5 minutes.",
        ),
        ("make sure the gate is closed", "I will look for “the gate closed”, and tell you as soon as it is not so."),
        (
            "a van stops, then someone gets out within 2 minutes",
            "I will look for “a van stopping” and then “someone getting"
            " out”, and tell you when that happens within 2 minutes.",
        ),
        ("smoke in 3 of 5 frames", "I will look for “smoke”, and tell you when I see it in 3 of 5 frames."),
        (
            "超过3个人在仓库停留10秒以上,高优先级",
            "我会留意“有人在仓库停留”,区域:仓库,数量多于3,持续10秒就通知您,级别:高。",
        ),
        (
            "晚上10点到早上6点大门口没有人,每小时最多报一次",
            "我会留意“有人”,摄像头:大门口,时间:每天22:00-06:00,一旦看不到就通知您,每小时最多一次。",
        ),
        ("工人没戴安全帽", "我会留意“工人”并且没有“工人戴安全帽”,一旦成立就通知您。"),
        ("连续三帧看到明火才报", "我会留意“明火”,3帧中有3帧看到就通知您。"),
    ],
)
def test_a_rule_is_told_back_as_a_sentence_in_its_own_language(text: str, summary: str) -> None:
    assert told(text) == summary


@pytest.mark.parametrize(
    ("text", "cannot", "better"),
    [
        ("siren or a flashing light in the yard", "I cannot hear", "Better: “a flashing light in the yard”."),
        ("a stranger in the yard", "I cannot tell who somebody is", "Better: “a person in the yard”."),
        (
            "a man is planning to break into the yard",
            "I cannot see what somebody intends",
            "Better: “a man near the yard”.",
        ),
        (
            "forklift going faster than 10 km/h in the yard",
            "I cannot measure speed",
            "Better: “a forklift in the yard”.",
        ),
        ("never alert me when a car is in the yard", "the rule contradicts itself", "Better: “a car in the yard”."),
        ("狗叫或者有人翻墙", "我听不到声音", "建议写成:“有人翻墙”。"),
        ("陌生人进仓库", "我认不出某个人是谁", "建议写成:“有人进仓库”。"),
        ("叉车速度超过10公里", "我从单张画面量不出速度", "建议写成:“叉车”。"),
    ],
)
def test_what_no_picture_shows_is_said_with_a_wording_that_leaves_it_out(text: str, cannot: str, better: str) -> None:
    summary = told(text)

    assert cannot in summary
    assert better in summary
    assert compile_rule(better.split("“")[1].split("”")[0], cameras=CAMERAS, zones=ZONES).status == "ok"


def test_a_refusal_names_the_words_it_is_about_and_says_what_to_write_instead() -> None:
    assert told("when the doorbell rings") == (
        "I cannot watch for this: A picture has no sound. It is about “the doorbell rings”. "
        "Say what can be seen instead, such as 'a window is broken'."
    )
    assert told("听到有人吵架就通知我") == (
        "这条规则我看不了:画面里没有声音。指的是“听到有人吵架”。请改成看得见的情况,例如“窗户破了”。"
    )
