"""What a question may not hold, and how a plan says that it may be a misreading."""

import pytest

from contracts.plan import Question, decode_plan, encode_plan, plan_to_json
from rules.plan.compile import compile_rule
from rules.plan.residue import is_unplaced, is_unsure
from rules.words.language import detect


@pytest.mark.parametrize(
    "question",
    [
        "Is a person enters the room?",
        "Is a person entering the room and the light is off?",
        "Does the picture show a lemme know if a cat here?",
        "Does the picture show a watch the door?",
        "Does the picture show an is a person near a car?",
        "Are people entering within?",
        "Is an alerts per day when a cat on the table?",
        "Does the picture show people than 5 people?",
        "Does the picture show a car 10 minutes?",
        "Is a person not wearing a helmet?",
        "画面中能否看到猫上桌就提醒,最多报两次?",
        "画面中能否看到|地面积水|min|低?",
        "画面中能否看到内进来人?",
        "画面中能否看到工人没戴安全帽?",
        "除非是否有人摔倒,否则?",
        "画面中能否看到车停10分钟?",
    ],
)
def test_words_of_times_requests_and_logic_do_not_belong_in_a_question(question: str) -> None:
    assert is_unsure([Question("q1", question)], (), detect(question))


@pytest.mark.parametrize(
    "question",
    [
        "Is a person near the fence within the yard?",
        "Does the picture show a No Parking sign?",
        "Is a cyclist using lights?",
        "Is a person who is lying on the floor visible?",
        "Is it raining on the driveway?",
        "Does the picture show 6-wheel trucks?",
        "画面中能否看到不锈钢桶?",
        "画面中是否有未成年人?",
        "画面中能否看到警戒线内有人?",
        "天台的门是否关着?",
    ],
)
def test_a_plain_question_is_left_alone(question: str) -> None:
    assert not is_unsure([Question("q1", question)], (), detect(question))


def test_the_name_of_a_zone_may_hold_any_word() -> None:
    question = [Question("q1", "Is a person in the 5 minutes only bay?")]

    assert is_unsure(question, (), "en")
    assert not is_unsure(question, ("5 Minutes Only Bay",), "en")


def test_a_time_without_a_place_in_the_plan_is_noticed() -> None:
    assert is_unplaced("a car stands for 5 minutes", "en", timed=False, watched=False)
    assert not is_unplaced("a car stands for 5 minutes", "en", timed=True, watched=False)
    assert is_unplaced("周一有车", "zh", timed=False, watched=False)


def test_the_json_says_unsure_only_where_it_is_true() -> None:
    sure = compile_rule("a person at the gate")
    unsure = compile_rule("between 3 and 5 people in the yard")

    assert "unsure" not in plan_to_json(sure)
    assert plan_to_json(unsure)["unsure"] is True
    assert decode_plan(encode_plan(unsure)) == unsure


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("is a person near a car", "Is a person near a car?"),
        ("raining", "Is it raining?"),
        ("see a fire", "Is a fire visible?"),
        ("lemme know if a cat is here", "Is a cat here?"),
        ("smoking near the pumps", "Is someone smoking near the pumps?"),
        ("someone vapes in the hall", "Is someone vaping in the hall?"),
        ("the safe door has to stay shut", "Is the safe door shut?"),
        ("first a man puts down a bag, then he walks away", "Is a man putting down a bag? Is a man walking away?"),
        ("inform us should a child climb onto the wall", "Is a child climbing onto the wall?"),
        ("I'd like an alert if a dog is on the sofa, if it is not too much trouble", "Is a dog on the sofa?"),
        ("don't bother me unless a dog is on the sofa", "Is a dog on the sofa?"),
        ("unless a dog is on the sofa, don't alert me", "Is a dog on the sofa?"),
        ("除非狗上沙发，否则别打扰我", "画面中能否看到狗上沙发?"),
        ("22:00到23:30或者凌晨4点到5点有人上屋顶", "画面中是否有人上屋顶?"),
        ("5分钟内进来三次", "画面中是否有人进来?"),
        ("周一、三、五的下午有人踢球", "画面中是否有人踢球?"),
        ("保安离岗", "画面中是否有保安在岗?"),
        ("出现烟，马上给我打电话", "画面中能否看到烟?"),
        ("有人摔倒，立刻通知值班经理", "画面中是否有人摔倒?"),
    ],
)
def test_questions_are_atomic_and_in_good_grammar(text: str, question: str) -> None:
    plan = compile_rule(text)

    assert " ".join(each.text for each in plan.questions) == question
    assert not plan.unsure
