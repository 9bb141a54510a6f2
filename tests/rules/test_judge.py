import pytest
from rule_scenes import CAR, PERSON, answers_to, person, plan_of, read, spec_of

from contracts.errors import Invalid
from contracts.messages import Answer
from contracts.plan import Count, Predicate, Question, Temporal, question_key
from rules.asking.asked import asked_as
from rules.incidents.judge import judge
from rules.incidents.logic import Level, Truth, evaluate, negate, parse_logic
from rules.plan.compile import compile_rule

YARD = {"yard": ((0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (0.0, 1.0)), "gate": ((0.8, 0.0), (1.0, 0.0), (1.0, 1.0))}


def test_the_best_detection_of_the_asked_classes_decides() -> None:
    judgement = judge(spec_of(), answers_to(PERSON, person(0.9, label="car"), person(0.5), person(0.3)))

    assert (judgement.main.at_once, judgement.main.enter, judgement.main.stay) == (Truth.NO, Truth.YES, Truth.YES)
    assert judgement.confidence == 0.5
    assert [box.score for box in judgement.boxes] == [0.5, 0.3]


def test_a_weak_detection_keeps_an_incident_but_opens_none() -> None:
    judgement = judge(spec_of(), answers_to(PERSON, person(0.3)))

    assert (judgement.main.enter, judgement.main.stay) == (Truth.NO, Truth.YES)


def test_a_threshold_of_the_rule_moves_all_levels() -> None:
    strict = judge(spec_of(threshold=0.9), answers_to(PERSON, person(0.6)))
    lenient = judge(spec_of(threshold=0.2), answers_to(PERSON, person(0.2)))

    assert (strict.verdict, lenient.verdict) == (Truth.NO, Truth.YES)


def test_what_was_not_answered_is_unknown() -> None:
    key = question_key(PERSON)

    assert judge(spec_of(), {}).verdict is Truth.UNKNOWN
    assert judge(spec_of(), {key: Answer(key, unknown_reason="engine")}).verdict is Truth.UNKNOWN


def test_a_zone_counts_the_feet_not_the_head() -> None:
    spec = spec_of(plan_of(zones=("yard",)), zones=YARD)

    inside = judge(spec, answers_to(PERSON, person(0.9, (0.1, 0.1, 0.3, 0.8))))
    outside = judge(spec, answers_to(PERSON, person(0.9, (0.1, 0.1, 0.3, 0.4))))
    on_the_edge = judge(spec, answers_to(PERSON, person(0.9, (0.1, 0.5, 0.3, 1.0))))

    assert (inside.verdict, inside.zone) == (Truth.YES, "yard")
    assert (outside.verdict, outside.zone, outside.boxes) == (Truth.NO, None, ())
    assert on_the_edge.verdict is Truth.YES


def test_several_zones_are_taken_together() -> None:
    spec = spec_of(plan_of(zones=("yard", "gate")), zones=YARD)

    assert judge(spec, answers_to(PERSON, person(0.9, (0.9, 0.1, 0.99, 0.4)))).zone == "gate"


def test_a_zone_that_the_camera_lacks_is_unknown_not_the_whole_picture() -> None:
    assert (
        judge(spec_of(plan_of(zones=("roof",)), zones=YARD), answers_to(PERSON, person(0.9))).verdict is Truth.UNKNOWN
    )


def people(n: int, count: Count, score: float = 0.7) -> dict[str, Answer]:
    return answers_to(PERSON, *(person(score, (i / 10, 0.1, i / 10 + 0.05, 0.9)) for i in range(n)), count=count)


def test_counts_compare_the_number_of_detections() -> None:
    def verdicts(count: Count, *seen: int) -> list[Truth]:
        return [judge(spec_of(plan_of(count=count)), people(n, count)).verdict for n in seen]

    assert verdicts(Count(">", 3), 3, 4) == [Truth.NO, Truth.YES]
    assert verdicts(Count("<", 2), 0, 1, 2) == [Truth.YES, Truth.YES, Truth.NO]
    assert verdicts(Count("==", 1), 0, 1, 2) == [Truth.NO, Truth.YES, Truth.NO]


def test_weak_detections_speak_against_too_few() -> None:
    few = Count("<", 2)

    assert judge(spec_of(plan_of(count=few)), people(2, few, score=0.3)).verdict is Truth.NO


@pytest.mark.parametrize(
    ("count", "asked", "verdict_of_yes"),
    [
        (Count(">", 3), "Are more than 3 people visible?", Truth.YES),
        (Count(">=", 2), "Are at least 2 people visible?", Truth.YES),
        (Count("==", 2), "Are exactly 2 people visible?", Truth.YES),
        (Count("<", 2), "Are at least 2 people visible?", Truth.NO),
        (Count("<=", 2), "Are more than 2 people visible?", Truth.NO),
        (Count("==", 0), "Are people visible?", Truth.NO),
        (Count(">=", 1), "Are people visible?", Truth.YES),
    ],
)
def test_who_reads_is_asked_the_count_and_too_few_turned_round(count: Count, asked: str, verdict_of_yes: Truth) -> None:
    people_visible = Question("q1", "Are people visible?", PERSON.predicate)
    plan = plan_of(questions=(people_visible,), count=count)

    yes = judge(spec_of(plan), read(people_visible, 3.0, count=count))
    no = judge(spec_of(plan), read(people_visible, -3.0, count=count))

    assert asked_as(plan, people_visible).text == asked
    assert plan.questions[0].text == "Are people visible?"
    assert (yes.verdict, no.verdict) == (verdict_of_yes, negate(verdict_of_yes))
    assert max(yes.confidence, no.confidence) == pytest.approx(0.9526, abs=1e-4)
    assert (yes.confidence > 0.5) == (yes.verdict is Truth.YES)


def test_a_plain_yes_is_no_answer_to_a_count() -> None:
    spec = spec_of(plan_of(count=Count(">", 3)))

    assert judge(spec, read(PERSON, 5.0)).verdict is Truth.UNKNOWN


def test_too_few_is_sure_only_where_enough_is_not_even_likely() -> None:
    few = Count("<", 2)
    spec = spec_of(plan_of(count=few))

    perhaps = judge(spec, read(PERSON, -0.2, count=few))

    assert (perhaps.main.enter, perhaps.main.stay) == (Truth.NO, Truth.YES)


def test_a_zone_is_in_the_words_for_who_reads_also_where_the_camera_lacks_it() -> None:
    plan = compile_rule("a person is lying in the yard", zones=["yard"])

    drawn = judge(spec_of(plan, zones=YARD), read(plan.questions[0], 3.0))
    lacking = judge(spec_of(plan), read(plan.questions[0], 3.0))

    assert "yard" in plan.questions[0].text
    assert (drawn.verdict, lacking.verdict, drawn.zone) == (Truth.YES, Truth.YES, None)


def test_a_probability_is_compared_with_the_threshold() -> None:
    free = Question("q1", "Is a person climbing?")
    spec = spec_of(plan_of(questions=(free,)))

    assert judge(spec, answers_to(free, margin=1.0)).verdict is Truth.YES
    assert judge(spec, answers_to(free, margin=-1.0)).verdict is Truth.NO
    assert judge(spec, answers_to(free, margin=2.0)).confidence == pytest.approx(0.8808, abs=1e-4)


def test_scene_facts_ignore_zones() -> None:
    dark = Question("q1", "Is the picture dark?", Predicate("dark"))
    spec = spec_of(plan_of(questions=(dark,), zones=("yard",)), zones=YARD)

    assert judge(spec, answers_to(dark, margin=3.0)).verdict is Truth.YES


def test_not_is_sure_only_where_yes_is_not_even_likely() -> None:
    spec = spec_of(plan_of(questions=(PERSON, CAR), logic="q1 and not q2", negated=True))
    seen = answers_to(PERSON, person(0.9))

    alone = judge(spec, seen | answers_to(CAR))
    perhaps = judge(spec, seen | answers_to(CAR, person(0.3, label="car")))

    assert (alone.verdict, perhaps.verdict, perhaps.main.stay) == (Truth.YES, Truth.NO, Truth.YES)
    assert [box.label for box in alone.boxes] == ["person"]


def test_the_halves_of_a_sequence_are_judged_apart() -> None:
    spec = spec_of(plan_of(Temporal("sequence"), questions=(PERSON, CAR), logic="q1 and not q2", negated=True))

    judgement = judge(spec, answers_to(PERSON, person(0.9)) | answers_to(CAR, person(0.9, label="car")))

    assert judgement.main.enter is Truth.YES
    assert judgement.then is not None
    assert judgement.then.enter is Truth.YES


@pytest.mark.parametrize(
    ("a", "b", "both", "either"),
    [("yes", "unknown", "unknown", "yes"), ("no", "unknown", "no", "unknown"), ("yes", "no", "no", "yes")],
)
def test_unknown_matters_only_where_it_decides(a: str, b: str, both: str, either: str) -> None:
    truths = {"q1": Truth(a), "q2": Truth(b)}

    def look(name: str, _: Level) -> Truth:
        return truths[name]

    assert evaluate(parse_logic("q1 and q2"), Level.ENTER, look) == both
    assert evaluate(parse_logic("q1 or (q2)"), Level.ENTER, look) == either


@pytest.mark.parametrize("logic", ["", "q1 and", "(q1", "q1 q2", "q1 & q2", ")"])
def test_broken_logic_is_said_with_what_is_wrong(logic: str) -> None:
    with pytest.raises(Invalid, match="logic"):
        parse_logic(logic)
