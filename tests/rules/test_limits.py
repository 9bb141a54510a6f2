"""Numbers in a sentence: how often to tell, how many in how long, how many at once, and how long."""

import pytest

from contracts.plan import Count, RulePlan, Temporal
from rules.plan.compile import compile_rule


def texts(plan: RulePlan) -> str:
    return " ".join(question.text for question in plan.questions)


@pytest.mark.parametrize(
    ("text", "cooldown_s"),
    [
        ("alert me twice a day at most if a cat is on the table", 43200),
        ("no more than 3 alerts per day when a cat is on the table", 28800),
        ("don't tell me about a cat on the table more often than four times an hour", 900),
        ("a cat on the table, max 2/day", 43200),
        ("limit alerts to four per day: a cat on the table", 21600),
        ("three times per shift is enough, a cat on the table", 9600),
        ("a cat on the table, not more than once every half hour", 1800),
        ("猫上桌就提醒,每天最多报两次", 43200),
        ("猫上桌就通知我，一天提醒两次就够", 43200),
        ("猫上桌就告诉我，一小时别超过三条", 1200),
        ("最多每小时报3次，猫上桌", 1200),
        ("猫上桌，报警次数每天不超过3次", 28800),
        ("猫上桌，每小时最多五次警告", 720),
        ("ring me no more than twice a week if a cat is on the table", 302400),
    ],
)
def test_so_many_alerts_in_a_period_are_a_cooldown_of_their_share_of_it(text: str, cooldown_s: float) -> None:
    plan = compile_rule(text)

    assert (plan.status, plan.cooldown_s, plan.count, plan.temporal) == ("ok", cooldown_s, None, Temporal())
    assert texts(plan) in {
        "Is a cat on the table?",
        "Does the picture show a cat on the table?",
        "画面中能否看到猫上桌?",
    }


@pytest.mark.parametrize(
    ("text", "k", "within_s", "question"),
    [
        ("if 5 people enter within 10 minutes", 5, 600, "Is a person entering?"),
        ("more than 20 cars pass the gate in an hour", 21, 3600, "Is a car passing the gate?"),
        ("more than twice in ten minutes someone opens the fridge", 3, 600, "Is someone opening the fridge?"),
        ("五分钟内进来三个人", 3, 300, "画面中是否有人进来?"),
        ("半小时内仓库有三辆货车进出", 3, 1800, "仓库是否有货车进出?"),
        ("三个人五分钟内进来", 3, 300, "画面中是否有人进来?"),
    ],
)
def test_so_many_who_come_within_a_time_are_occurrences_of_one(
    text: str, k: int, within_s: float, question: str
) -> None:
    plan = compile_rule(text)

    assert (plan.temporal, plan.count) == (Temporal("k_of_n", k=k, within_s=within_s), None)
    assert texts(plan) == question


@pytest.mark.parametrize(
    ("text", "temporal"),
    [
        ("5 people in the yard for 10 minutes", Temporal("sustained", seconds=600)),
        ("a car stops and two people get out within 1 minute", Temporal("sequence", within_s=60)),
    ],
)
def test_those_who_are_there_together_are_counted_in_one_picture(text: str, temporal: Temporal) -> None:
    plan = compile_rule(text)

    assert plan.temporal == temporal
    assert plan.count is not None and plan.count.op == ">="


@pytest.mark.parametrize(
    ("text", "within_s", "negated"),
    [
        ("the door isn't closed 2 minutes after a truck leaves", 120, True),
        ("5 minutes after the last customer leaves, the gate is still open", 300, False),
        ("a person falls and is still on the floor 30 seconds later", 30, False),
        ("货车离开两分钟后大门还没关", 120, True),
        ("最后一个人走后十分钟卷帘门还开着", 600, False),
        ("有人摔倒，30秒后还躺在地上", 30, False),
    ],
)
def test_what_holds_so_long_after_an_event_is_a_sequence(text: str, within_s: float, negated: bool) -> None:
    plan = compile_rule(text)

    assert (plan.temporal, plan.count) == (Temporal("sequence", within_s=within_s), None)
    assert (plan.negated, plan.unsure) == (negated, False)


@pytest.mark.parametrize(
    ("text", "count", "left"),
    [
        ("between 3 and 5 people in the yard", Count(">=", 3), "at most 5"),
        ("2-4 people in the yard", Count(">=", 2), "at most 4"),
        ("more than 3 cars or more than 5 people in the yard", Count(">", 3), "more than 5"),
        ("fewer than 2 or more than 6 guards at the gate", Count("<", 2), "more than 6"),
        ("院子里三到五个人", Count(">=", 3), "最多5"),
        ("超过3辆车或者超过5个人", Count(">", 3), "超过5"),
        ("至少2只但不超过5只狗", Count(">=", 2), "最多5"),
    ],
)
def test_a_second_bound_is_said_to_be_left_out(text: str, count: Count, left: str) -> None:
    plan = compile_rule(text)

    assert (plan.status, plan.count, plan.unsure) == ("ok", count, True)
    assert plan.lint == ()
    assert left in plan.summary
    assert not any(char.isdigit() for char in texts(plan))


def test_once_every_evening_is_a_day_apart_and_watches_in_the_evening() -> None:
    plan = compile_rule("每天晚上报一次,仓库有人")

    assert plan.cooldown_s == 86400
    assert [(window.start, window.end) for window in plan.window] == [("22:00", "06:00")]


def test_half_seven_is_half_past_seven() -> None:
    plan = compile_rule("a van in the yard between half seven and 9pm")

    assert [(window.start, window.end) for window in plan.window] == [("19:30", "21:00")]


@pytest.mark.parametrize(("text", "n"), [("there are three people at most", 3), ("不超过3人", 3)])
def test_at_most_may_stand_after_the_number(text: str, n: int) -> None:
    assert compile_rule(text).count == Count("<=", n)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("两三个人围着车", 2),
        ("三四十个人聚在门口", 30),
        ("大厅里有二十来个人", 20),
        ("十几个人打架", 10),
        ("two or three kids", 2),
        ("two dozen people in the foyer", 24),
    ],
)
def test_a_rough_number_is_that_many_at_least(text: str, count: int) -> None:
    assert compile_rule(text).count == Count(">=", count)


@pytest.mark.parametrize("text", ["more than 5 and fewer than 3 people", "超过五个人且少于三个人"])
def test_bounds_on_one_thing_that_exclude_each_other_contradict(text: str) -> None:
    plan = compile_rule(text)

    assert [found.code for found in plan.lint] == ["contradiction"]
    assert plan.count is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("a car parked for 24 hours", 86400),
        ("货车停了超过24小时", 86400),
        ("地面积水｜>10min｜低", 600),
        ("走廊有水30min以上", 1800),
        ("a van in the yard for a quater of an hour", 900),
    ],
)
def test_durations_are_known_in_tables_with_slips_and_as_whole_days(text: str, seconds: float) -> None:
    plan = compile_rule(text)

    assert plan.temporal == Temporal("sustained", seconds=seconds)
    assert (plan.window, plan.count, plan.unsure) == ((), None, False)


@pytest.mark.parametrize("text", ["24小时监控仓库有人", "person in the yard 24 hours a day", "person in the yard, 24h"])
def test_around_the_clock_is_no_duration(text: str) -> None:
    plan = compile_rule(text)

    assert (plan.temporal, plan.window) == (Temporal(), ())


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("a dog in the yard Mon Wed Fri 5am-6.30am", ("mon", "wed", "fri")),
        ("Tue Thu Sat, a dog in the yard", ("tue", "thu", "sat")),
        ("a dog in the yard M-F 9am-5pm", ("mon", "tue", "wed", "thu", "fri")),
    ],
)
def test_days_need_no_commas(text: str, days: tuple[str, ...]) -> None:
    assert [window.days for window in compile_rule(text).window] == [days]


def test_a_plus_joins_two_windows() -> None:
    english = compile_rule("a dog in the yard 06:00-14:00 + 15:00-22:00")
    chinese = compile_rule("院子里有狗 06:00-14:00+15:00-22:00")

    assert [(window.start, window.end) for window in english.window] == [("06:00", "14:00"), ("15:00", "22:00")]
    assert english.window == chinese.window
    assert "+" not in texts(english) + texts(chinese)


@pytest.mark.parametrize("text", ["时速过三十就报警", "车速超过五十", "a car doing 50 in a 30 zone"])
def test_a_speed_needs_no_unit(text: str) -> None:
    assert [found.code for found in compile_rule(text).lint] == ["speed"]
