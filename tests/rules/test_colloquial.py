"""Sentences as people speak them: dialect, signs, reasons, requests that sound like sounds."""

import pytest

from contracts.plan import RulePlan
from rules.plan.compile import compile_rule

CAMERAS, ZONES = ("收银台", "Gallery 4", "大门"), ("冷柜", "货架", "key box", "bar")


def compiled(text: str) -> RulePlan:
    return compile_rule(text, cameras=CAMERAS, zones=ZONES)


def asked(plan: RulePlan) -> str:
    return " ".join(question.text for question in plan.questions)


def codes(plan: RulePlan) -> set[str]:
    return {lint.code for lint in plan.lint}


@pytest.mark.parametrize(
    "text",
    (
        "boats tied up at the pier, gie me a shout",
        "gimme a holler when boats are tied up at the pier",
        "shout if boats are tied up at the pier",
        "boats tied up at the pier? just buzz me",
        "有人翻墙跟我讲一声",
        "有人翻墙赶紧吱声",
        "有人翻墙就喊我",
        "有人翻墙即叫我一声",
        "有人翻墙 → 说一声",
        "有人翻墙的话发个微信给我",
    ),
)
def test_a_word_for_shouting_that_asks_for_the_alert_is_no_sound(text: str) -> None:
    plan = compiled(text)

    assert plan.status == "ok"
    assert not codes(plan)
    assert not any(word in asked(plan) for word in ("shout", "holler", "buzz", "声", "喊", "叫", "微信"))


@pytest.mark.parametrize("text", ("听到有人喊就报警", "someone shouting in the yard", "有人一直喊"))
def test_shouting_that_is_looked_for_stays_a_sound(text: str) -> None:
    assert "audio" in codes(compiled(text))


@pytest.mark.parametrize(
    ("text", "kind"),
    (
        ("naebody behind the bar", "absent"),
        ("Not a soul behind the bar", "absent"),
        ("no sign of anyone behind the bar", "absent"),
        ("nowt in the feed trough", "absent"),
        ("大门莫得保安", "absent"),
        ("大门冇人", "absent"),
        ("货架上饭团没有了", "absent"),
        ("店员不在收银台", "absent"),
    ),
)
def test_nobody_is_nobody_in_any_dialect(text: str, kind: str) -> None:
    plan = compiled(text)

    assert plan.temporal.kind == kind
    assert not plan.negated


@pytest.mark.parametrize(
    ("text", "seconds"),
    (
        ("冷柜前停车超过半个钟", 1800),
        ("冷柜前停车俩小时", 7200),
        ("冷柜前停车≥3分钟 → 中等", 180),
        ("冷柜前停车一个半钟头", 5400),
        ("a van parked at the bar for half hour", 1800),
        ("a van parked at the bar >10min", 600),
    ),
)
def test_a_duration_may_be_said_in_any_way(text: str, seconds: int) -> None:
    plan = compiled(text)

    assert (plan.temporal.kind, plan.temporal.seconds) == ("sustained", seconds)


@pytest.mark.parametrize(
    "text", ("有人翻墙，7×24", "a person on the roof, any hour of the day", "a bull on the lane, day or night")
)
def test_any_hour_is_always(text: str) -> None:
    plan = compiled(text)

    assert plan.window == ()
    assert len(plan.questions) == 1
    assert not any(word in asked(plan) for word in ("24", "hour", "night"))


@pytest.mark.parametrize(
    ("text", "left_out"),
    (
        ("More than 4 people at the bar, critical!! It'll tip.", "tip"),
        ("A van at the bar. They're meant to clear off", "meant"),
        ("Fire lit in the grate, I've a pub to run", "pub"),
        ("羊进棉田了就喊我，省得老跑", "省得"),
    ),
)
def test_a_reason_is_nothing_to_look_for(text: str, left_out: str) -> None:
    plan = compiled(text)

    assert plan.status == "ok"
    assert len(plan.questions) == 1
    assert left_out not in asked(plan)


@pytest.mark.parametrize(
    "text",
    (
        "We're closed from Saturday 9pm thru Monday 7am. Any vehicle at the bar then",
        "周六晚9点起一直到周一早7点，有车停着就报",
    ),
)
def test_a_span_over_days_has_its_part_of_the_day_on_both_ends(text: str) -> None:
    hours = [(window.days, window.start, window.end) for window in compiled(text).window]

    assert hours == [(("sat",), "21:00", "24:00"), (("sun",), "00:00", "24:00"), (("mon",), "00:00", "07:00")]


def test_a_short_day_that_begins_a_sentence_is_a_day() -> None:
    [window] = compiled("Fri lates, 18:00-21:30: 150 or more people in the hall").window

    assert (window.days, window.start, window.end) == (("fri",), "18:00", "21:30")


@pytest.mark.parametrize(
    ("text", "code"),
    (
        ("Foghorn blaring for more than a minute", "audio"),
        ("呼叫铃一直响就叫我", "audio"),
        ("milk tank over 4 deg C", "nonvisual"),
        ("VOC气体浓度超标即通知EHS", "nonvisual"),
        ("any odd goings-on in Gallery 4 tonight", "vague"),
        ("货架那边有啥不对劲儿的就喊我", "vague"),
    ),
)
def test_what_no_picture_shows_is_refused_in_everyday_words_too(text: str, code: str) -> None:
    plan = compiled(text)

    assert plan.status == "refused"
    assert code in codes(plan)


@pytest.mark.parametrize(
    ("text", "code", "who"),
    (
        ("a man acting strange at the back", "vague", "man"),
        ("Man actin real strange by the key box", "vague", "man"),
        ("A man fixin to slash some tires", "intent", "man"),
        ("货架那边有个顾客，看上去想顺点东西走", "intent", "顾客"),
        ("下午有个病人看着不太正常", "vague", "病人"),
    ),
)
def test_who_is_seen_stays_where_what_he_is_up_to_goes(text: str, code: str, who: str) -> None:
    plan = compiled(text)

    assert plan.status == "needs_rewording"
    assert codes(plan) - {"assumed_time"} == {code}
    assert who in asked(plan)


def test_a_length_after_unless_belongs_to_the_condition() -> None:
    plan = compiled("don't message me unless there's a cat behind the washing machine for 10 minutes")

    assert (plan.status, plan.temporal.kind, plan.temporal.seconds) == ("ok", "sustained", 600)
    assert plan.cooldown_s is None


def test_a_zone_is_always_there_and_is_not_asked_for_before_its_state() -> None:
    plan = compiled("冷柜没固定")

    assert plan.negated
    assert len(plan.questions) == 1


@pytest.mark.parametrize(
    ("text", "left_out"),
    (
        ("a van across the roller door, text us. Had two deliveries turned away last month", "deliveries"),
        ("nobody on the till for 5 min, ping me. customers walk out", "customers"),
        ("smoke coming out of the roof, wake me up, critical", "wake"),
        ("老鼠又出来了就拍给我看", "拍给"),
        ("排队超过8个人，微信喊我加人", "加人"),
        ("牛跑到路上来了，第一时间通知，别耽误", "耽误"),
        ("仓库里有人抽烟！抓到就报", "抓到"),
        ("大棚帘子没放下来，晚上7点后看一眼", "看一眼"),
    ),
)
def test_what_is_to_be_done_about_it_is_nothing_to_look_for(text: str, left_out: str) -> None:
    plan = compiled(text)

    assert plan.status == "ok"
    assert len(plan.questions) == 1
    assert left_out not in asked(plan)


def test_a_till_is_a_place_and_no_time() -> None:
    assert "till" in asked(compiled("nobody on the till for 5 min"))


def test_what_is_still_there_after_a_while_has_stayed_so_long() -> None:
    plan = compiled("货车堵在卷帘门口半个钟头还没走，通知一声")

    assert (plan.temporal.kind, plan.temporal.seconds) == ("sustained", 1800)
    assert not plan.negated


def test_whoever_does_it_is_somebody_and_no_question_about_the_past() -> None:
    plan = compiled("谁把灭火器拿走了就告诉我")

    assert plan.status == "ok"
    assert "有人" in asked(plan)


def test_of_a_zone_that_holds_things_they_are_gone_and_no_person() -> None:
    shelf, bar = compiled("货架空了喊我补货"), compiled("bar empty for 10 mins")

    assert (shelf.temporal.kind, bar.temporal.kind) == ("absent", "absent")
    assert "东西" in asked(shelf)
    assert "person" in asked(bar)


def test_by_an_hour_means_from_then_on_where_something_is_not_done() -> None:
    [window] = compiled("bins not put out by 7am on thursdays").window

    assert (window.days, window.start, window.end) == (("thu",), "07:00", "24:00")


def test_what_is_not_on_anybody_is_what_somebody_is_without() -> None:
    plan = compiled("no hi vis on anyone in the loading bay")

    assert plan.negated
    assert "hi-vis" in asked(plan)


@pytest.mark.parametrize(
    ("text", "left_out"),
    (
        ("Anyone dumpin rubbish behind the chippy? Wanna know straight away", "know"),
        ("a delivery guy at the side door, give the kitchen a shout", "kitchen"),
        ("is that smoke over the silage? shout if so", "shout"),
        ("nobody at the desk for ten mins text the manager", "manager"),
        ("a trolley blockin the fire exit, cheers pal", "pal"),
        ("羊圈门开着就叫醒我", "醒"),
        ("三轮车又停消防通道上，拍照发我", "拍照"),
        ("有没有人在抽烟，有就说", "就说"),
        ("水管子爆了喷水，甭管几点都打给我", "几点"),
    ),
)
def test_whom_to_tell_and_how_is_nothing_to_look_for(text: str, left_out: str) -> None:
    plan = compiled(text)

    assert plan.status == "ok"
    assert len(plan.questions) == 1
    assert left_out not in asked(plan)
    assert not plan.unsure


def test_half_a_day_that_something_does_not_move_is_a_while() -> None:
    plan = compiled("老太太坐那儿半天不动了，跟我说声")

    assert (plan.temporal.kind, plan.temporal.seconds) == ("sustained", None)
    assert "不动" in asked(plan)


def test_what_nobody_minds_is_left_and_nobody_is_missed() -> None:
    plan = compiled("外卖堆在前台没人管超过20分钟")

    assert (plan.temporal.kind, plan.temporal.seconds) == ("sustained", 1200)
    assert not plan.negated


def test_a_neighbour_who_owns_a_field_is_not_looked_for() -> None:
    assert compiled("ewes in the neighbours field again, ring me").status == "ok"
