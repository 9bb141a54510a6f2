import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.messages import Capabilities, ModelRef
from contracts.plan import Count, Predicate, RulePlan, Temporal, decode_plan, encode_plan, plan_to_json
from rules.incidents.logic import parse_logic
from rules.plan.compile import compile_rule
from rules.words.language import LONGEST_TEXT

VEHICLES = ("car", "truck", "bus", "motorcycle")
NANO = Capabilities(
    "w1", "edge", ModelRef("nano", "1", "edge"), labels=("person", "car", "bicycle"), predicates=("objects", "motion")
)
VLM = Capabilities("w2", "vlm", ModelRef("vlm", "1", "vlm"), free_text=True)


def compiled(text: str) -> RulePlan:
    return compile_rule(text, cameras=["Gate", "Yard 2"], zones=["yard", "front desk", "仓库"])


def edge(plan: RulePlan) -> tuple[bool, str]:
    entry = next(each for each in plan.answerable if each.engine == "edge")
    return entry.ok, entry.reason or ""


def objects(plan: RulePlan) -> list[tuple[str, ...]]:
    return [each.predicate.labels for each in plan.questions if each.predicate and each.predicate.kind == "objects"]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("a car is visible", [("car",)]),
        ("a person is visible", [("person",)]),
        ("tell me when ppl show up", [("person",)]),
        ("a dog or a cat", [("dog", "cat")]),
        ("Any vehicle at the yard", [VEHICLES]),
        ("a van", [("car", "truck")]),
        ("有人出现在仓库", [("person",)]),
        ("画面中出现卡车", [("truck",)]),
        ("有猫或狗", [("cat", "dog")]),
        ("有行人经过", [("person",)]),
        ("工人", [("person",)]),
    ],
)
def test_things_that_a_detector_knows_become_predicates(text: str, labels: list[tuple[str, ...]]) -> None:
    plan = compiled(text)

    assert (plan.status, plan.logic, plan.lint) == ("ok", "q1", ())
    assert objects(plan) == labels
    assert edge(plan)[0]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("tell me when something enters the picture", "foreground"),
        ("something moves", "motion"),
        ("any movement in the yard", "motion"),
        ("the picture goes dark", "dark"),
        ("the camera is covered", "covered"),
        ("the picture is frozen", "frozen"),
        ("有东西在动", "motion"),
        ("有东西进入画面", "foreground"),
        ("画面变黑", "dark"),
        ("镜头被遮挡", "covered"),
        ("画面卡住", "frozen"),
    ],
)
def test_facts_of_the_scene_need_no_model(text: str, kind: str) -> None:
    plan = compiled(text)

    assert [question.predicate for question in plan.questions] == [Predicate(kind)]  # type: ignore[arg-type]
    assert edge(plan) == (True, "")


@pytest.mark.parametrize("text", ["有人骑自行车或步行", "somebody cycles or walks", "a cyclist or a pedestrian"])
def test_cycling_or_walking_is_logic_over_people_and_bicycles(text: str) -> None:
    plan = compiled(text)

    assert plan.logic == "(q1 and q2) or q3"
    assert objects(plan) == [("person",), ("bicycle",), ("person",)]
    assert edge(plan)[0]


def test_what_is_read_more_broadly_than_meant_is_said() -> None:
    plan = compiled("a person is walking")

    assert "'walking'" in edge(plan)[1]
    assert "'walking'" in plan.summary
    assert plan.lint == ()


def test_the_everyday_durations_counts_and_places() -> None:
    held = compiled("somebody is in the yard for 10 seconds")
    stays = compiled("画面中有东西停留超过3秒")
    crowd = compiled("more than 3 people")
    empty = compiled("nobody at the front desk for 5 minutes during business hours")

    assert (held.temporal, held.zones, objects(held)) == (Temporal("sustained", seconds=10), ("yard",), [("person",)])
    assert (stays.temporal, stays.questions[0].predicate) == (Temporal("sustained", seconds=3), Predicate("foreground"))
    assert (crowd.count, objects(crowd)) == (Count(">", 3), [("person",)])
    assert (empty.temporal, empty.negated, empty.logic) == (Temporal("absent", seconds=300), False, "q1")
    assert (empty.window[0].start, empty.window[0].end) == ("09:00", "18:00")
    assert empty.questions[0].text == "Is a person at the front desk?"


def test_a_place_that_is_no_zone_is_not_guessed() -> None:
    plan = compiled("a dog or a cat on the sofa lol just log it")

    assert (plan.status, plan.severity, plan.logic) == ("ok", "info", "q1")
    assert plan.questions[0].text == "Does the picture show a dog or a cat on the sofa?"
    assert edge(plan) == (
        False,
        "'sofa' is no zone that I know: draw a zone with that name, or use a vision-language model",
    )


def test_a_drawn_zone_makes_the_same_sentence_answerable() -> None:
    plan = compile_rule("a dog or a cat on the sofa", zones=["sofa"])

    assert edge(plan) == (True, "")


def test_what_needs_understanding_names_the_word() -> None:
    assert edge(compiled("someone climbs the fence")) == (False, "'climbs' needs a vision-language model")
    assert edge(compiled("有人摔倒")) == (False, "“摔倒”需要视觉语言模型")


def test_negation_is_left_to_logic() -> None:
    plan = compiled("person without helmet")

    assert (plan.logic, plan.negated) == ("q1 and not q2", True)
    assert [lint.code for lint in plan.lint] == ["negation"]
    assert all("without" not in question.text for question in plan.questions)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("alert when you hear glass breaking", ["audio"]),
        ("听到有人吵架", ["audio"]),
        ("", ["vague"]),
        (".,!?。,", ["vague"]),
        ("who was here yesterday?", ["past"]),
        ("anything weird", ["vague"]),
        ("x" * (LONGEST_TEXT + 1), ["vague"]),
    ],
)
def test_what_no_picture_shows_is_refused_with_a_better_wording(text: str, codes: list[str]) -> None:
    plan = compiled(text)

    assert plan.status == "refused"
    assert [lint.code for lint in plan.lint] == codes
    assert all(lint.suggestion for lint in plan.lint)
    assert plan.questions == ()


def test_suggestions_speak_the_language_of_the_rule() -> None:
    assert "看得见" in (compiled("听到有人吵架").lint[0].suggestion or "")
    assert "seen" in (compiled("you hear a bang").lint[0].suggestion or "")


def test_abilities_alter_what_is_answerable_and_nothing_else() -> None:
    plain = compile_rule("a dog is visible")
    able = compile_rule("a dog is visible", capabilities=[NANO, VLM])

    assert [(each.engine, each.ok) for each in plain.answerable] == [("edge", True), ("vlm", True)]
    assert [(each.engine, each.ok) for each in able.answerable] == [("edge", False), ("vlm", True)]
    assert "'dog'" in edge(able)[1]
    assert (able.status, able.lint, able.questions) == (plain.status, plain.lint, plain.questions)


def test_what_reads_can_answer_anything_and_says_where_no_such_worker_is_online() -> None:
    def reader(plan: RulePlan) -> tuple[bool, str | None]:
        entry = next(each for each in plan.answerable if each.engine == "vlm")
        return entry.ok, entry.reason

    assert reader(compile_rule("someone climbs the fence")) == (True, None)
    assert reader(compile_rule("someone climbs the fence", capabilities=[NANO, VLM])) == (True, None)
    assert reader(compile_rule("someone climbs the fence", capabilities=[NANO])) == (
        True,
        "no analyzer that runs it is online",
    )
    assert reader(compile_rule("you hear a bang")) == (False, "nothing to look for")


def test_the_detector_of_a_worker_that_also_reads_is_judged_by_its_labels() -> None:
    both = Capabilities("b", "openai", VLM.model, ("person",), ("objects",), free_text=True)

    plan = compile_rule("a dog is visible", capabilities=[both])

    assert [(each.engine, each.ok) for each in plan.answerable] == [("edge", False), ("vlm", True), ("openai", True)]


def test_a_camera_name_selects_and_a_zone_name_stays() -> None:
    plan = compiled("a car at Yard 2 near the yard")

    assert (plan.cameras, plan.zones) == (("Yard 2",), ("yard",))
    assert "Yard 2" not in plan.questions[0].text
    assert "yard" in plan.questions[0].text


def test_the_json_of_a_plan_has_the_keys_that_others_rely_on() -> None:
    text = (
        "more than 3 people climb the yard between 22:00 and 06:00, high priority, at most one alert every 10 minutes"
    )
    data = plan_to_json(compile_rule(text, zones=["yard"]))

    assert set(data) == {
        "lang",
        "status",
        "questions",
        "logic",
        "negated",
        "temporal",
        "window",
        "count",
        "zones",
        "cameras",
        "cooldown_s",
        "severity",
        "lint",
        "answerable",
        "summary",
    }
    assert data["temporal"] == {"kind": "instant"}
    assert data["count"] == {"op": ">", "n": 3}
    assert data["cooldown_s"] == 600.0
    assert {"count", "cooldown_s", "severity"}.isdisjoint(plan_to_json(compile_rule("a car is visible")))


def test_the_same_sentence_gives_the_same_plan() -> None:
    text = "有人骑自行车或步行,周末晚上,每小时最多一次"

    assert compiled(text) == compiled(text)


FRAGMENTS = """
a person|no|without|more than|3|for 5 minutes|within|then|and|or|,|.|at night|between 6 and 8|never alert|Yard 2
yard|仓库|没有|有人|超过|三个|分钟|之后|晚上|到|周一|除|最多|一次|连续|帧|听到|the|is|not|make sure|确保|(|)
25:99|半|%|🚗|１２：３０"""
PARTS = FRAGMENTS.strip().replace("\n", "|").split("|")
texts = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(PARTS), max_size=14).map(" ".join),
    st.lists(st.sampled_from(PARTS), max_size=14).map("".join),
)


@given(texts)
@settings(max_examples=500, deadline=None)
def test_no_string_makes_it_raise_and_every_plan_is_whole(text: str) -> None:
    plan = compiled(text)

    assert plan.summary
    assert decode_plan(encode_plan(plan)) == plan
    assert (plan.status == "refused") == (not plan.questions)
    assert ("negation" in [lint.code for lint in plan.lint]) == plan.negated
    if plan.questions:
        parse_logic(plan.logic)
        assert all(question.text.endswith("?") for question in plan.questions)


@given(st.lists(st.text(max_size=12), max_size=4), st.lists(st.text(max_size=12), max_size=4), texts)
@settings(max_examples=200, deadline=None)
def test_odd_names_do_no_harm(cameras: list[str], zones: list[str], text: str) -> None:
    plan = compile_rule(" ".join([*cameras, text, *zones]), cameras=cameras, zones=zones)

    assert set(plan.cameras) <= set(cameras)
    assert set(plan.zones) <= set(zones)


@pytest.mark.parametrize(
    ("text", "temporal", "cooldown_s"),
    [
        ("仓库有人超过30秒,每10分钟最多提醒一次", Temporal("sustained", seconds=30), 600.0),
        ("早上8点到下午6点仓库没人超过15分钟", Temporal("absent", seconds=900), None),
        ("看到有人停留10秒以上就报警", Temporal("sustained", seconds=10), None),
        ("no vehicle in the yard for half an hour", Temporal("absent", seconds=1800), None),
        ("person in yard 10 seconds", Temporal("sustained", seconds=10), None),
        ("3 out of the last 5 frames show a person", Temporal("k_of_n", k=3, n=5), None),
        ("a car or a truck stops in the yard for 2 min, once per hour", Temporal("sustained", seconds=120), 3600.0),
        ("每晚十点后有人进入仓库立即报警", Temporal(), None),
    ],
)
def test_everyday_durations_leave_a_question_that_the_edge_engine_answers(
    text: str, temporal: Temporal, cooldown_s: float | None
) -> None:
    plan = compiled(text)

    assert (plan.temporal, plan.cooldown_s) == (temporal, cooldown_s)
    assert edge(plan)[0], edge(plan)[1]
