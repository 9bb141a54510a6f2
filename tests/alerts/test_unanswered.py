from datetime import timedelta

import msgspec
import pytest

from alerts.judging import Judges, States, Watch
from alerts.unanswered import Unanswered
from contracts.messages import Answer, Answers, GateLook
from contracts.plan import Predicate, Question, question_key
from store.rulebook import Rulebook
from tests.alerts.receiver import NOW
from tests.alerts.scene import CAMERA, CAR, CAR_BOX, MODEL, RULE, camera_row, plan, rule_row

FAILED = Answer(question_key(CAR), unknown_reason="the model gave no number")
SEEN = Answer(question_key(CAR), margin=3.0, count=1, detections=(CAR_BOX,))
SPARED = msgspec.structs.replace(FAILED, gate=GateLook(0.1, "shut", "tower"))
FOLLOWED = msgspec.structs.replace(FAILED, to_track=True)


class Listener:
    """One rule on one camera, and what it hears."""

    def __init__(self, question: Question = CAR, zones: tuple[str, ...] = ()) -> None:
        rule = rule_row(plan(questions=(question,), zones=zones))
        self.judges = Judges(Rulebook(1, {CAMERA: camera_row()}, (rule,)), timezone="UTC")
        self.states: States = {}
        self.unanswered = Unanswered()
        self.seq = 0

    @property
    def watch(self) -> Watch:
        (watch,) = self.judges.watches(CAMERA)
        return watch

    def hear(self, *answers: Answer) -> str:
        """Gives why the rule has had no answer, a second later."""
        for answer in answers:
            self.seq += 1
            at = NOW + timedelta(seconds=self.seq)
            message = Answers(CAMERA, 1, self.seq, at, 1, MODEL, (answer,), 1.0, 1.0)
            self.judges.hear(self.watch, self.states, message, skipped=0)
            self.unanswered.hear(self.watch, self.states[self.watch.key], message)
        return self.unanswered.reasons(NOW + timedelta(seconds=self.seq + 1)).get(RULE, "")


def test_three_failures_in_a_row_are_told_with_the_camera_and_the_reason() -> None:
    listener = Listener()

    assert listener.hear(FAILED, FAILED) == ""
    assert listener.hear(FAILED) == "camera 'gate cam_1': the model gave no number"
    assert listener.hear(SEEN) == ""


@pytest.mark.parametrize("answer", [SPARED, FOLLOWED], ids=["spared by a gate", "still to be followed"])
def test_what_nobody_failed_at_is_no_failure(answer: Answer) -> None:
    assert Listener().hear(*[answer] * 5) == ""


def test_a_camera_of_which_nothing_is_asked_any_more_is_not_unanswered() -> None:
    listener = Listener()
    listener.hear(*[FAILED] * 5)

    assert listener.unanswered.reasons(NOW + timedelta(minutes=5)) == {}


def test_a_zone_that_is_gone_is_named() -> None:
    in_zone = in_the_zone(CAR, "driveway")
    listener = Listener(in_zone, zones=("driveway",))
    seen = msgspec.structs.replace(SEEN, question_key=question_key(in_zone))

    assert listener.hear(*[seen] * 3) == "camera 'gate cam_1': it has no zone 'driveway'"


def in_the_zone(question: Question, zone: str) -> Question:
    return msgspec.structs.replace(question, predicate=Predicate("objects", ("car",), zones=(zone,)))
