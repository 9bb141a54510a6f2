"""From detections to answers."""

import pytest

from analyzer.edge.coco import LABELS
from analyzer.edge.objects import answer_objects
from analyzer.engine import logit, probability
from contracts.messages import Answer, Detection
from contracts.plan import Predicate

BOX = (0.1, 0.1, 0.2, 0.2)


def seen(label: str, score: float) -> Detection:
    return Detection(label, score, BOX)


def test_the_best_score_is_the_probability_of_yes() -> None:
    things = [seen("car", 0.3), seen("person", 0.99), seen("car", 0.8), seen("truck", 0.5)]

    answer = answer_objects("q", Predicate("objects", ("car", "truck")), things, LABELS)

    assert answer.margin == pytest.approx(logit(0.8))
    assert answer.count == 2
    assert [one.score for one in answer.detections] == [0.8, 0.5, 0.3]


def test_nothing_found_is_a_no_that_leaves_a_twentieth() -> None:
    answer = answer_objects("q", Predicate("objects", ("car",)), [seen("airplane", 0.9)], LABELS)

    assert answer.margin == pytest.approx(logit(0.05))
    assert answer.count == 0
    assert answer.detections == ()


def test_a_label_that_the_model_does_not_know_makes_the_answer_unknown() -> None:
    answer = answer_objects("q", Predicate("objects", ("car", "forklift")), [], LABELS)

    assert answer == Answer("q", unknown_reason="the detector does not know: forklift")


def test_a_question_without_labels_is_unknown() -> None:
    assert answer_objects("q", Predicate("objects"), [], LABELS).unknown_reason


def test_the_labels_are_the_eighty_of_coco_in_their_order() -> None:
    assert len(LABELS) == len(set(LABELS)) == 80
    assert (LABELS[0], LABELS[2], LABELS[16], LABELS[79]) == ("person", "car", "dog", "toothbrush")


@pytest.mark.parametrize("p", [0.0, 0.05, 0.5, 0.999, 1.0])
def test_log_odds_are_always_a_number(p: float) -> None:
    assert probability(logit(p)) == pytest.approx(p, abs=2e-4)
