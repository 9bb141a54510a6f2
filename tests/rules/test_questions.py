from datetime import UTC, datetime, timedelta

from contracts.messages import Capabilities, ModelRef
from contracts.plan import Predicate, RulePlan
from contracts.site import Bar
from rules.asking.questions import Closed, answerable_by, asked_questions, barred
from rules.plan.compile import compile_rule

MODEL = ModelRef("m", "1", "edge")
MONTH_OVER = datetime(2026, 12, 22, tzinfo=UTC)


def test_identical_questions_are_asked_once_and_pinned_if_any_rule_needs_the_no() -> None:
    present, absent = compile_rule("a person is visible"), compile_rule("nobody for 5 minutes")

    asked = asked_questions([present, absent, present])

    assert [(each.predicate, each.pin_always) for each in asked] == [(Predicate("objects", ("person",)), True)]
    assert not asked_questions([present])[0].pin_always


def test_a_question_about_too_few_is_pinned_also_where_the_answer_is_no() -> None:
    few, many = compile_rule("fewer than 2 people are visible"), compile_rule("more than 2 people are visible")

    assert [asked_questions([plan])[0].pin_always for plan in (few, many)] == [True, False]


def test_a_worker_answers_a_plan_if_it_answers_every_question() -> None:
    nano = Capabilities("w", "edge", MODEL, labels=("person", "bicycle"), predicates=("objects",))
    free = Capabilities("v", "vlm", MODEL, free_text=True)

    assert answerable_by(compile_rule("somebody rides a bicycle"), nano)
    assert not answerable_by(compile_rule("a dog"), nano)
    assert not answerable_by(compile_rule("the picture goes dark"), nano)
    assert not answerable_by(compile_rule("someone climbs the fence"), nano)
    assert answerable_by(compile_rule("someone climbs the fence"), free)
    assert not answerable_by(compile_rule("you hear a bang"), free)


def closed(score: float, model: str = "siglip2@main", until: datetime = MONTH_OVER) -> Closed:
    return {model: Bar(score, model, until)}


def bars(*rules: tuple[RulePlan, Closed]) -> list[Bar | None]:
    return [each.bar for each in barred(asked_questions(plan for plan, _ in rules), rules)]


def test_a_question_has_the_lowest_bar_of_its_rules_and_the_earliest_end() -> None:
    climbs = compile_rule("someone climbs the fence")
    earlier = MONTH_OVER - timedelta(days=3)

    found = bars((climbs, closed(0.4)), (climbs, closed(0.2)), (climbs, closed(0.3, until=earlier)))

    assert found == [Bar(0.2, "siglip2@main", earlier)]


def test_a_question_that_one_rule_with_an_open_gate_asks_is_always_asked() -> None:
    climbs, falls = compile_rule("someone climbs the fence"), compile_rule("someone falls")

    assert bars((climbs, closed(0.4)), (falls, {})) == [Bar(0.4, "siglip2@main", MONTH_OVER), None]
    assert bars((climbs, closed(0.4)), (climbs, {})) == [None]


def test_bars_of_different_models_are_never_mixed_and_the_newest_common_one_counts() -> None:
    climbs = compile_rule("someone climbs the fence")
    newer = closed(0.6, "siglip2@next", MONTH_OVER + timedelta(days=1))

    assert bars((climbs, closed(0.4)), (climbs, newer)) == [None]
    assert bars((climbs, {**closed(0.4), **newer}), (climbs, newer)) == [newer["siglip2@next"]]
    assert bars((climbs, {**closed(0.4), **newer})) == [newer["siglip2@next"]]
