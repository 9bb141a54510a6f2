from contracts.messages import Capabilities, ModelRef
from contracts.plan import Predicate
from rules.compile import compile_rule
from rules.questions import answerable_by, asked_questions

MODEL = ModelRef("m", "1", "edge")


def test_identical_questions_are_asked_once_and_pinned_if_any_rule_needs_the_no() -> None:
    present, absent = compile_rule("a person is visible"), compile_rule("nobody for 5 minutes")

    asked = asked_questions([present, absent, present])

    assert [(each.predicate, each.pin_always) for each in asked] == [(Predicate("objects", ("person",)), True)]
    assert not asked_questions([present])[0].pin_always


def test_a_worker_answers_a_plan_if_it_answers_every_question() -> None:
    nano = Capabilities("w", "edge", MODEL, labels=("person", "bicycle"), predicates=("objects",))
    free = Capabilities("v", "vlm", MODEL, free_text=True)

    assert answerable_by(compile_rule("somebody rides a bicycle"), nano)
    assert not answerable_by(compile_rule("a dog"), nano)
    assert not answerable_by(compile_rule("the picture goes dark"), nano)
    assert not answerable_by(compile_rule("someone climbs the fence"), nano)
    assert answerable_by(compile_rule("someone climbs the fence"), free)
    assert not answerable_by(compile_rule("you hear a bang"), free)
