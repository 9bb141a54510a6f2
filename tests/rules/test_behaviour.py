import pytest

from contracts.messages import Capabilities, ModelRef
from contracts.plan import Count, Predicate, RulePlan, Temporal
from rules.asking.questions import answerable_by, asked_questions
from rules.plan.compile import compile_rule
from rules.words.vocabulary import BAGS, COCO, VEHICLES

ZONE = ("loading bay",)
SCENE_ONLY = Capabilities("w", "edge", ModelRef("scene", "1", "edge"), predicates=("motion", "foreground", "left"))


def compiled(text: str) -> RulePlan:
    return compile_rule(text, zones=("loading bay", "装卸区"))


def predicates(text: str) -> list[Predicate | None]:
    return [question.predicate for question in compiled(text).questions]


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("a bag is left alone for 5 seconds", Predicate("left", BAGS, seconds=5.0)),
        ("a bag is left behind", Predicate("left", BAGS, seconds=10.0)),
        ("tell me when there is an unattended bag", Predicate("left", BAGS, seconds=10.0)),
        ("an abandoned suitcase in the loading bay", Predicate("left", ("suitcase",), seconds=10.0)),
        ("someone leaves a backpack behind", Predicate("left", ("backpack",), seconds=10.0)),
        ("an object is left unattended for 1 minute", Predicate("left", (), seconds=60.0)),
        ("a parcel is left at the loading bay", Predicate("left", (), seconds=10.0)),
        ("包被遗留超过5秒", Predicate("left", BAGS, seconds=5.0)),
        ("行李无人看管", Predicate("left", BAGS, seconds=10.0)),
        ("有人遗留了背包", Predicate("left", ("backpack",), seconds=10.0)),
        ("有物品遗留超过1分钟", Predicate("left", (), seconds=60.0)),
        ("a bag is taken away", Predicate("removed", BAGS)),
        ("someone takes a suitcase", Predicate("removed", ("suitcase",))),
        ("有人拿走了包", Predicate("removed", BAGS)),
    ],
)
def test_left_and_taken(text: str, predicate: Predicate) -> None:
    plan = compiled(text)

    assert [question.predicate for question in plan.questions] == [predicate]
    assert plan.status == "ok"
    edge = plan.answerable[0]
    assert edge.ok
    assert edge.reason and ("stands where somebody stood" in edge.reason or "新出现" in edge.reason)


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("a person enters the loading bay", Predicate("enters", ("person",), zones=ZONE)),
        ("a car drives into the loading bay", Predicate("enters", ("car",), zones=ZONE)),
        ("a person leaves the loading bay", Predicate("leaves", ("person",), zones=ZONE)),
        ("a truck drives out of the loading bay", Predicate("leaves", ("truck",), zones=ZONE)),
        ("a person crosses the loading bay", Predicate("crosses", ("person",), zones=ZONE)),
        ("有人进入装卸区", Predicate("enters", ("person",), zones=("装卸区",))),
        ("有人离开装卸区", Predicate("leaves", ("person",), zones=("装卸区",))),
        ("有人穿过装卸区", Predicate("crosses", ("person",), zones=("装卸区",))),
        ("a person is near a car", Predicate("near", ("person",), ("car",))),
        ("someone stands next to a vehicle", Predicate("near", ("person",), VEHICLES)),
        ("有人靠近汽车", Predicate("near", ("person",), ("car", "truck", "bus"))),
        ("a person loiters at the loading bay for 2 minutes", Predicate("stays", ("person",), (), ZONE, 120.0)),
        ("someone loiters", Predicate("stays", ("person",), seconds=30.0)),
        ("有人在装卸区停留超过30秒", Predicate("stays", ("person",), (), ("装卸区",), 30.0)),
        ("a car is parked in the loading bay for 10 minutes", Predicate("still", ("car",), (), ZONE, 600.0)),
        ("a car stops at the loading bay", Predicate("still", ("car",), (), ZONE, 3.0)),
    ],
)
def test_movement_is_followed_and_nothing_of_it_is_approximated(text: str, predicate: Predicate) -> None:
    plan = compiled(text)

    assert [question.predicate for question in plan.questions] == [predicate]
    assert (plan.answerable[0].ok, plan.answerable[0].reason) == (True, None)


@pytest.mark.parametrize(
    "text", ["a person is visible", "someone stays", "a dog or a cat for 10 seconds", "a person is on the left"]
)
def test_being_there_needs_no_track(text: str) -> None:
    found = predicates(text)

    assert all(each is None or each.kind == "objects" for each in found)


def test_where_several_things_must_hold_together_the_rule_counts_the_time() -> None:
    plan = compiled("a person loiters and nobody is near a car for 30 seconds")

    assert all(question.predicate is None or question.predicate.kind != "stays" for question in plan.questions)


def test_the_hold_is_said_apart_and_asked_once() -> None:
    plan = compiled("a bag is left alone for 5 seconds")

    (asked,) = asked_questions([plan])

    assert plan.temporal == Temporal("sustained", seconds=5.0)
    assert plan.count is None
    assert asked.predicate == Predicate("left", BAGS, seconds=5.0)


def test_two_rules_that_wait_for_different_times_ask_two_questions() -> None:
    plans = [compiled(f"a bag is left alone for {seconds} seconds") for seconds in (5, 50)]

    assert len(asked_questions(plans)) == 2


def test_without_a_detector_only_what_the_scene_shows_is_answerable() -> None:
    assert answerable_by(compiled("something is left behind"), SCENE_ONLY)
    assert not answerable_by(compiled("a bag is left behind"), SCENE_ONLY)
    assert not answerable_by(compiled("someone loiters"), SCENE_ONLY)


def test_a_detector_that_does_not_know_the_other_thing_cannot_say_what_is_near() -> None:
    people = Capabilities("w", "edge", ModelRef("m", "1", "edge"), labels=("person",), predicates=("objects", "near"))

    plan = compile_rule("a person is near a car", capabilities=[people])

    assert not plan.answerable[0].ok
    assert not answerable_by(plan, people)
    assert "car" in COCO


@pytest.mark.parametrize(
    ("text", "predicate", "count"),
    [
        ("two people close to each other", Predicate("near", ("person",), ("person",)), Count(">=", 2)),
        ("people standing close together", Predicate("near", ("person",), ("person",)), None),
        ("two cars next to each other", Predicate("near", ("car",), ("car",)), Count(">=", 2)),
        ("两个人靠得很近", Predicate("near", ("person",), ("person",)), Count(">=", 2)),
        ("车旁边有人", Predicate("near", ("person",), ("car", "truck", "bus", "motorcycle")), None),
        ("a crowd of more than 10 people", Predicate("objects", ("person",)), Count(">", 10)),
        ("a group of at least five people in the loading bay", Predicate("objects", ("person",)), Count(">=", 5)),
        ("一群人超过10个", Predicate("objects", ("person",)), Count(">", 10)),
    ],
)
def test_what_is_near_its_like_or_counted_is_answered_by_the_edge(
    text: str, predicate: Predicate, count: Count | None
) -> None:
    plan = compiled(text)

    assert ([question.predicate for question in plan.questions], plan.count) == ([predicate], count)
    assert plan.answerable[0].ok


@pytest.mark.parametrize("text", ["a crowd of people", "一群人", "a gathering", "two people fighting each other"])
def test_a_crowd_without_a_number_is_not_guessed_at(text: str) -> None:
    assert not compiled(text).answerable[0].ok


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("someone steals the parcel", "not whether it is stolen"),
        ("the laptop is stolen", "not whether it is stolen"),
        ("有人偷走包裹", "看不出是不是偷"),
    ],
)
def test_of_a_theft_it_is_said_that_only_the_taking_is_seen(text: str, said: str) -> None:
    plan = compiled(text)

    assert plan.answerable[0].ok and said in (plan.answerable[0].reason or "")
    assert said in plan.summary
    assert said not in compiled("someone takes the parcel").summary


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a dog in the garden", "'garden' is no zone that I know: draw a zone with that name"),
        ("a red car is in the garden", "'garden' is no zone that I know"),
        ("院子里有狗", "我不知道“院子”这个区域：请画一个同名区域"),
        ("狗在院子里", "我不知道“院子”这个区域"),
        ("门口有人", "我不知道“门口”这个区域"),
        ("红色的车停在门口", "我不知道“门口”这个区域"),
        ("一分钟内没有护士过来就告诉我", "“护士过来”需要视觉语言模型"),
        ("有人把商品藏进包里", "“把商品藏进”需要视觉语言模型"),
        ("a worker without goggles", "'goggles' needs a vision-language model"),
        ("手里有刀", "“手里有刀”需要视觉语言模型"),
        ("someone hanging off the loading bay", "'off' needs a vision-language model"),
        ("a car with its headlights on", "'headlights' needs a vision-language model"),
    ],
)
def test_what_the_edge_engine_lacks_is_named(text: str, reason: str) -> None:
    assert (compiled(text).answerable[0].reason or "").startswith(reason)
