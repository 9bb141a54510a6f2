import pytest
from rule_scenes import answers_to, plan_of, spec_of

from contracts.messages import Detection
from contracts.plan import Count, Predicate, Question
from rules.incidents.judge import judge
from rules.incidents.logic import Truth
from rules.plan.compile import compile_rule

RED_CAR = Question("q1", "Is a red car visible?", Predicate("objects", ("car",), colour="red"))


def car(colour: str, *, score: float = 0.9) -> Detection:
    return Detection("car", score, (0.1, 0.1, 0.3, 0.3), colour)


@pytest.mark.parametrize(
    ("text", "labels", "colour"),
    [
        ("a red car is visible", ("car",), "red"),
        ("a silver van in the yard", ("car", "truck"), "grey"),
        ("a blue-coloured truck", ("truck",), "blue"),
        ("红色的小汽车", ("car",), "red"),
        ("有白色货车", ("truck",), "white"),
    ],
)
def test_the_colour_of_one_thing_is_read(text: str, labels: tuple[str, ...], colour: str) -> None:
    plan = compile_rule(text, zones=["yard"])

    assert [question.predicate for question in plan.questions] == [Predicate("objects", labels, colour=colour)]
    assert plan.answerable[0].ok


@pytest.mark.parametrize(
    "text",
    [
        "a person in a red jacket",
        "a red car and a blue car",
        "a red person",
        "a red person enters the yard",
        "a black bag is left",
        "a red car is near a person",
    ],
)
def test_what_the_pixels_of_one_thing_cannot_say_needs_a_model_that_reads(text: str) -> None:
    plan = compile_rule(text, zones=["yard"])

    assert not plan.answerable[0].ok


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("a red car is parked", Predicate("still", ("car",), seconds=3.0, colour="red")),
        (
            "a red car is parked in the yard for 5 minutes",
            Predicate("still", ("car",), zones=("yard",), seconds=300.0, colour="red"),
        ),
        ("a red car enters the yard", Predicate("enters", ("car",), zones=("yard",), colour="red")),
        ("a white van stays in the yard", Predicate("objects", ("car", "truck"), colour="white")),
        ("红色的小汽车停在仓库", Predicate("still", ("car",), zones=("仓库",), seconds=3.0, colour="red")),
    ],
)
def test_a_thing_that_is_followed_may_have_a_colour(text: str, predicate: Predicate) -> None:
    plan = compile_rule(text, zones=["yard", "仓库"])

    assert [question.predicate for question in plan.questions] == [predicate]
    assert plan.answerable[0].ok


def test_an_orange_is_a_fruit() -> None:
    assert compile_rule("an orange is visible").questions[0].predicate == Predicate("objects", ("orange",))


@pytest.mark.parametrize(
    ("seen", "truth"),
    [
        ((car("red"),), Truth.YES),
        ((car("blue"), car("grey")), Truth.NO),
        ((car(""),), Truth.UNKNOWN),
        ((car(""), car("red")), Truth.YES),
        ((car("", score=0.1), car("blue")), Truth.NO),
        ((), Truth.NO),
    ],
)
def test_a_colour_that_cannot_be_told_is_unknown(seen: tuple[Detection, ...], truth: Truth) -> None:
    spec = spec_of(plan_of(questions=(RED_CAR,)))

    judgement = judge(spec, answers_to(RED_CAR, *seen))

    assert judgement.main.enter is truth


def test_two_red_cars_are_counted_as_far_as_their_colours_are_plain() -> None:
    count = Count(">=", 2)
    spec = spec_of(plan_of(questions=(RED_CAR,), count=count))

    both, perhaps = (
        judge(spec, answers_to(RED_CAR, car("red"), car(colour), count=count)).main.enter for colour in ("red", "")
    )

    assert (both, perhaps) == (Truth.YES, Truth.UNKNOWN)
