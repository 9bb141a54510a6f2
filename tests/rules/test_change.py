import pytest

from contracts.plan import MOST_FRAMES, plan_to_json
from rules.asking.change import frames_needed
from rules.asking.questions import asked_questions
from rules.plan.compile import compile_rule


@pytest.mark.parametrize(
    "sentence",
    [
        "someone falls down",
        "two people are fighting",
        "a man climbs over the fence",
        "somebody jumps the turnstile",
        "a kid is running in the corridor",
        "someone throws rubbish out of a window",
        "a person drops a bag",
        "someone leaves a parcel behind",
        "a customer picks up a bottle",
        "a man is fleeing",
        "one person chases another",
        "somebody pushes a colleague",
        "a forklift enters the aisle",
        "a forklift moves from the ramp to the gate",
        "有人摔倒",
        "有人跌倒在地",
        "两人打架",
        "有人斗殴",
        "有人翻越围栏",
        "孩子在走廊奔跑",
        "有人扔垃圾",
        "有人追逐",
        "有人推搡",
        "有人偷东西",
        "叉车离开仓库",
    ],
)
def test_what_is_seen_in_a_change_is_asked_of_several_frames(sentence: str) -> None:
    plan = compile_rule(sentence)

    assert any(1 < question.frames <= MOST_FRAMES for question in plan.questions), plan.questions


@pytest.mark.parametrize(
    "sentence",
    [
        "a person is lying on the floor",
        "a person wearing a red jacket",
        "smoke is coming from the machine",
        "the gate has been left open",
        "leaves on the ground",
        "fire fighting equipment is missing",
        "someone is taking a photo",
        "a forklift in the loading bay",
        "有人躺在地上",
        "有人抽烟",
        "工人没戴安全帽",
        "跑道上有积水",
        "地下车库有积水",
        "a snake on the zebra crossing",
        "the emergency exits are blocked",
        "somebody pushing a wheelchair",
    ],
)
def test_a_state_is_asked_of_one_frame(sentence: str) -> None:
    plan = compile_rule(sentence)

    assert [question.frames for question in plan.questions] == [1] * len(plan.questions)


@pytest.mark.parametrize("sentence", ["a person enters", "a car leaves or a person walks", "有人进入"])
def test_what_a_detector_answers_is_read_off_one_frame(sentence: str) -> None:
    plan = compile_rule(sentence)

    assert all(question.frames == 1 for question in plan.questions if question.predicate)


def test_the_number_of_frames_stands_in_the_json_only_where_it_is_more_than_one() -> None:
    act, state = compile_rule("a man climbs over the fence"), compile_rule("a car is visible")

    assert plan_to_json(act)["questions"][0]["frames"] == 3  # type: ignore[index]
    assert "frames" not in plan_to_json(state)["questions"][0]  # type: ignore[index]


def test_the_asked_question_says_how_many_frames_and_in_which_language() -> None:
    english, chinese = asked_questions([compile_rule("a man climbs over the fence"), compile_rule("有人摔倒")])

    assert (english.frames, english.lang) == (3, "en")
    assert (chinese.frames, chinese.lang) == (3, "zh")


def test_before_and_after_need_two_frames_and_an_act_three() -> None:
    assert frames_needed("Is a person leaving a bag behind?", "en") == 2
    assert frames_needed("Is a person falling?", "en") == 3
