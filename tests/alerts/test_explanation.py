import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alerts.explanation import EXPLANATION_MAX_CHARS, frames_seen, one_line, questions_seen, sound_boxes
from alerts.incident_json import BODY_MAX_BYTES, incident_body
from contracts.messages import Answer, Detection
from contracts.plan import Count, Question, RulePlan, Temporal, question_key
from rules.asking.asked import asked_key
from rules.incidents.spec import spec_for
from store.incidents import Evidence, EvidenceFrame, SeenBox
from tests.alerts.scene import CAR, CAR_BOX, PERSON, plan
from tests.alerts.test_incident_json import AT, BARE

HELMET = Question("q2", "Does the person wear a helmet?")


def seen(rule: RulePlan, **margins: float) -> tuple[str, ...]:
    """`margins` by question id; a question that is not named is unanswered."""
    questions = {question.id: question for question in rule.questions}
    answers = [Answer(question_key(questions[name]), margin=margin) for name, margin in margins.items()]
    return questions_seen(
        spec_for(rule, rule_id="rul_1", version=1), {answer.question_key: answer for answer in answers}
    )


def test_only_what_was_answered_with_yes_is_to_be_explained() -> None:
    either = plan(questions=(CAR, PERSON), logic="q1 or q2")

    assert seen(either, q1=-5.0, q2=5.0) == (PERSON.text,)
    assert seen(either, q1=5.0, q2=5.0) == (CAR.text, PERSON.text)
    assert seen(either, q2=5.0) == (PERSON.text,)


def test_what_is_denied_is_not_asked_for() -> None:
    bare_head = plan(questions=(Question("q1", "Is a person visible?"), HELMET), logic="q1 and not q2")

    assert seen(bare_head, q1=5.0, q2=-5.0) == ("Is a person visible?",)


def test_nothing_is_asked_where_the_rule_fires_for_what_is_not_there() -> None:
    absent = plan(Temporal("absent", seconds=60.0))
    few = plan(count=Count("<", 2))

    assert seen(absent, q1=-5.0) == ()
    assert (
        questions_seen(
            spec_for(few, rule_id="rul_1", version=1),
            {question_key(CAR): Answer(question_key(CAR), margin=-3.0, count=0)},
        )
        == ()
    )


def test_a_count_is_asked_in_the_words_in_which_it_was_answered() -> None:
    many = plan(questions=(Question("q1", "Is a person visible?"),), count=Count(">", 3))
    key = asked_key(many, many.questions[0])

    (found,) = questions_seen(spec_for(many, rule_id="rul_1", version=1), {key: Answer(key, margin=4.0)})

    assert "more than 3" in found


def test_the_widest_question_that_was_answered_with_yes_says_how_many_pictures_it_takes() -> None:
    falls = Question("q2", "Is a person falling?", frames=3)
    either = plan(questions=(CAR, falls), logic="q1 or q2")
    spec = spec_for(either, rule_id="rul_1", version=1)

    def frames(**margins: float) -> int:
        keys = {"q1": question_key(CAR), "q2": question_key(falls)}
        return frames_seen(spec, {keys[name]: Answer(keys[name], margin=margin) for name, margin in margins.items()})

    assert (frames(q1=5.0, q2=5.0), frames(q1=5.0, q2=-5.0), frames(q1=-5.0)) == (3, 1, 1)


def test_a_models_words_become_one_clean_line_that_ends() -> None:
    assert one_line(" A car\r\n\tis\x00 at\x1b[31m the\u2028gate.\u202e ") == "A car is at [31m the gate."
    assert one_line("门口有一辆红色的车。") == "门口有一辆红色的车。"
    assert one_line("\u200b\ufeff \n") == ""
    long = one_line("very " * 200)
    assert len(long) <= EXPLANATION_MAX_CHARS and long.endswith("very…")


def test_an_address_with_a_password_on_a_screen_in_the_picture_is_not_read_aloud() -> None:
    assert "hunter2" not in one_line("The screen shows rtsp://admin:hunter2@10.0.0.9/1.")


@pytest.mark.parametrize(
    "box",
    [
        (math.nan, 0.1, 0.2, 0.3),
        (0.1, 0.1, math.inf, 0.3),
        (0.5, 0.5, 0.5, 0.9),
        (0.6, 0.1, 0.2, 0.3),
        (1.2, 0.1, 1.9, 0.3),
    ],
)
def test_boxes_that_are_none_are_left_out(box: tuple[float, float, float, float]) -> None:
    assert sound_boxes([Detection("car", 0.9, box)]) == ()


def test_boxes_are_held_inside_the_picture_best_first_and_their_labels_short() -> None:
    loud = Detection("car\n" * 400, 7.0, (-0.5, 0.1, 0.2, 1.5))
    unsure = Detection("car", math.nan, (0.1, 0.1, 0.2, 0.2))

    best, second = sound_boxes([CAR_BOX, unsure, loud])

    assert (best.score, best.box, len(best.label) <= 60, "\n" in best.label) == (1.0, (0.0, 0.1, 0.2, 1.0), True, False)
    assert second == CAR_BOX


def test_the_longest_words_and_labels_still_fit_into_a_webhook() -> None:
    labels = sound_boxes([Detection("车" * 500, 0.9, (i / 100, 0.1, i / 100 + 0.2, 0.3)) for i in range(60)])
    boxes = tuple(SeenBox(each.label, each.box, each.score) for each in labels)
    evidence = Evidence((EvidenceFrame(AT, "p/1.jpg", "ab" * 32, boxes, "p/1.boxes.jpg"),))
    said = one_line('"\\门</script>' * 100)
    incident = replace(BARE, rule_text="汽车" * 900, explanation=said, grounded=True, evidence=evidence)

    body = incident_body(
        "incident.updated",
        incident,
        picture_url=lambda path: "http://h/" + "p" * 200,
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )

    assert len(body.encode()) < BODY_MAX_BYTES
