import re
from pathlib import Path

import msgspec
import pytest
from score_sentences import labelled

from contracts.plan import RulePlan, plan_to_json
from rules.plan.compile import compile_rule
from rules.plan.rewording import better_wording, same_rule
from rules.plan.statement import stated
from rules.plan.summary import summarise
from rules.plan.told_zh import full_width

SENTENCES = Path(__file__).parent / "sentences"
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
            "I will look for “people” on camera 'Dock 2' (more than 3), Monday to Friday between 22:00 and 06:00, and"
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
        ("make sure the gate is closed", "I will look for “the gate closed”, and tell you as soon as that is not so."),
        (
            "a van stops, then someone gets out within 2 minutes",
            "I will look for “a van stopping” and then “someone getting"
            " out”, and tell you when that happens within 2 minutes.",
        ),
        ("smoke in 3 of 5 frames", "I will look for “smoke”, and tell you when I see it in 3 of 5 frames."),
        ("smoke in three frames in a row", "I will look for “smoke”, and tell you when I see it in 3 frames in a row."),
        (
            "a truck tips its load and nobody picks it up within 20 minutes",
            "I will look for “a truck tipping its load”, and tell you when “someone picking it up” does not follow"
            " within 20 minutes.",
        ),
        (
            "no forklift in the yard",
            "I will look for “a forklift in the yard” (zone 'yard'), and tell you when I have not seen it for a while"
            " (I take 10 seconds), even if it was never there.",
        ),
        (
            "超过3个人在仓库停留10秒以上，高优先级",
            "我会留意“有人在仓库停留”，区域：仓库，数量多于3，持续10秒就通知您，级别：高。",
        ),
        (
            "晚上10点到早上6点大门口没有人，每小时最多报一次",
            "我会留意“有人”，摄像头：大门口，时间：每天22:00至次日06:00，连续一段时间（按10秒算）看不到就通知您，从没出现过也一样，"
            "每小时最多一次。",
        ),
        ("工人没戴安全帽", "我会留意“工人”但没有“工人戴安全帽”，一旦出现这种情况就通知您。"),
        ("连续三帧看到明火才报", "我会留意“明火”，连续3帧看到就通知您。"),
        ("仓库门没关好持续5分钟", "我会留意“仓库门已关好”，区域：仓库，持续5分钟不是这样就通知您。"),
        ("货车进场后五分钟内仓库没有人", "我会留意“货车进场”，区域：仓库，之后5分钟内没有“仓库有人”就通知您。"),
        ("有人进门后10秒内有人摔倒", "我会留意先“有人进门”后“有人摔倒”，在10秒内先后出现就通知您。"),
        ("老鼠、蟑螂或者苍蝇", "我会留意“老鼠，蟑螂或者苍蝇”，一旦看到就通知您。"),
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
        ("狗叫或者有人翻墙", "我听不到声音", "建议写成：“有人翻墙”。"),
        ("陌生人进仓库", "我认不出某个人是谁", "建议写成：“有人进仓库”。"),
        ("叉车速度超过10公里", "我从单张画面量不出速度", "建议写成：“叉车”。"),
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
        "这条规则我看不了：画面里没有声音。指的是“听到有人吵架”。请改成看得见的情况，例如“窗户破了”。"
    )


@pytest.mark.parametrize(
    ("text", "told_as"),
    [
        ("着火，每15分钟最多提醒一次", "每15分钟最多一次"),
        ("着火，每10分钟最多提醒一次", "每10分钟最多一次"),
        ("着火，每12小时最多提醒一次", "每12小时最多一次"),
        ("着火，每1分钟最多提醒一次", "每分钟最多一次"),
        ("着火，每1小时30分最多提醒一次", "每1小时30分钟最多一次"),
        ("着火，一天最多提醒一次", "每天最多一次"),
        ("smoke, at most once every 15 minutes", "at most once every 15 minutes"),
        ("smoke, at most once every 1 minutes", "at most once a minute"),
        ("smoke, at most once every 90 minutes", "at most once every 1 hour 30 minutes"),
        ("smoke, at most once every 12 hours", "at most once every 12 hours"),
    ],
)
def test_a_cooldown_is_told_back_with_all_its_digits(text: str, told_as: str) -> None:
    assert told_as in told(text)


@pytest.mark.parametrize(
    ("text", "told_as"),
    [
        ("a dog from Tuesday to Saturday, 08:00-18:00", "Tuesday to Saturday between 08:00 and 18:00"),
        ("a dog on Mondays and Thursdays", "on Monday and Thursday, all day"),
        ("a dog at lunchtime and in the evening", "every day between 12:00 and 14:00 and between 18:00 and 22:00"),
        ("周二到周六晚上10点到早上6点有狗", "时间：周二至周六22:00至次日06:00"),
        ("a dog from Friday 18:00 to Monday 06:00", ", from Friday 18:00 to Monday 06:00, and"),
        ("a dog at weekends", "at weekends, all day"),
        ("周五18:00至周一06:00有狗", "时间：周五18:00至周一06:00，"),
        ("a dog on every day except Wednesday at 10:00-12:00", "on Monday, Tuesday and Thursday to Sunday between"),
        ("除周三外每天22:00到次日6:00有狗", "时间：周一、周二、周四至周日22:00至次日06:00"),
        ("周二、周四有狗", "时间：周二、周四全天"),
    ],
)
def test_hours_are_told_as_people_say_them(text: str, told_as: str) -> None:
    assert told_as in told(text)


def better_of(plan: RulePlan) -> str:
    found = re.search(r"(?:Better: |建议写成：)“(.+)”", plan.summary)
    return found[1] if found else ""


@pytest.mark.parametrize(
    "text",
    [
        "a stranger in the yard at night, at most once an hour, urgent",
        "more than 3 strangers in the yard for 10 minutes on weekdays",
        "a stranger in the yard without a helmet, urgent",
        "a stranger stops, then someone gets out within 2 minutes at night",
        "a suspicious man with a rucksack in the yard in 3 of 5 frames",
        "no authorised person in the yard for 10 minutes",
        "可疑的人在仓库没戴安全帽，紧急",
        "夜里三个陌生人在仓库停留10分钟以上，每15分钟最多提醒一次",
        "大门口连续三帧看到陌生人",
    ],
)
def test_the_better_wording_keeps_all_that_was_understood(text: str) -> None:
    plan = compile_rule(text, cameras=CAMERAS, zones=ZONES)

    assert plan.status == "needs_rewording"
    assert same_rule(plan, compile_rule(better_of(plan), cameras=CAMERAS, zones=ZONES)), plan.summary


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_whoever_copies_a_better_wording_makes_the_rule_that_was_shown(lang: str) -> None:
    rows = [row for file in sorted(SENTENCES.glob("*.jsonl")) for row in labelled(file) if row["lang"] == lang]
    offered = 0

    for row in rows:
        site = row["site"]
        names = {"cameras": site["cameras"], "zones": site["zones"]}  # type: ignore[index]
        plan = compile_rule(str(row["text"]), **names)
        wording = better_of(plan)
        assert not (wording and plan.status != "needs_rewording")
        if wording:
            again = compile_rule(wording, **names)
            assert again.status == "ok" and same_rule(plan, again), (row["text"], plan.summary)
            offered += 1

    assert offered >= 40


def test_a_wording_is_not_sought_for_long() -> None:
    tried: list[str] = []
    plan = compile_rule("a stranger and " + "a red car near the gate and " * 18 + "a dog")

    def read(text: str) -> RulePlan:
        tried.append(text)
        return compile_rule("a car")

    assert plan.status == "needs_rewording"
    assert better_wording(plan, read) == ""
    assert sum(len(text) for text in tried) <= 600


def test_where_no_wording_says_the_same_none_is_offered() -> None:
    plan = compile_rule("two guards chatting and one screaming in the yard", zones=ZONES)

    assert plan.status == "needs_rewording"
    assert not better_of(plan)


def test_chinese_is_told_with_full_width_punctuation_only() -> None:
    rows = [row for file in sorted(SENTENCES.glob("*.jsonl")) for row in labelled(file) if row["lang"] == "zh"]

    for row in rows:
        site = row["site"]
        plan = compile_rule(str(row["text"]), cameras=site["cameras"], zones=site["zones"])  # type: ignore[index]
        said = [plan.summary, *(each.message + (each.suggestion or "") for each in plan.lint)]
        said += [each.reason or "" for each in plan.answerable]
        assert not [text for text in said if re.search(r"(?<=[\u4e00-\u9fff])[,:;?!]|[,:;?!](?=[\u4e00-\u9fff])", text)]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("the dog's on the couch", "Is the dog on the couch?"),
        ("the back door's been left open", "Has the back door been left open?"),
        ("CAR DRIVES OFF WITH THE NOZZLE IN THE TANK", "Is a car driving off with the nozzle in the tank?"),
        ("a gate left open, just FYI", "Does the picture show a gate left open?"),
        ("the operator's hand in the press", "Does the picture show the operator's hand in the press?"),
        ("Heads up whenever a dog shows up", "Is a dog showing up?"),
        ("非授权人员进入大门口", "画面中是否有人进入画面?"),
        ("排队超过5人", "画面中能否看到排队的人?"),
    ],
)
def test_a_question_reads_as_somebody_would_ask_it(text: str, asked: str) -> None:
    assert [each.text for each in compile_rule(text, cameras=CAMERAS, zones=ZONES).questions] == [asked]


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        (
            "every now and again smoke",
            "I may not have understood every part of this sentence: the words that I ask about are “",
        ),
        ("仓库有人时不时抽烟", "这句话可能有一部分我没有理解，留在问题里的是“"),
    ],
)
def test_what_may_not_have_been_understood_is_said_with_the_words_that_are_left(text: str, doubt: str) -> None:
    plan = compile_rule(text, zones=ZONES)
    unsure = msgspec.structs.replace(plan, unsure=True)

    summary = summarise(unsure)

    assert doubt + full_width(stated(plan.questions[0].text, plan.lang)) in summary
    assert doubt not in summarise(msgspec.structs.replace(plan, unsure=False))
    assert plan_to_json(unsure)["unsure"] is True and "unsure" not in plan_to_json(compile_rule("a car"))


def test_no_wording_is_offered_that_is_not_surely_understood() -> None:
    plan = compile_rule("a stranger in the yard", zones=ZONES)
    better = compile_rule("a person in the yard", zones=ZONES)

    assert same_rule(plan, better)
    assert not same_rule(plan, msgspec.structs.replace(better, unsure=True))
