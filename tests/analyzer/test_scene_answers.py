"""What is answered without a model."""

from collections.abc import Callable

import pytest

from analyzer.edge.engine import EdgeEngine
from analyzer.engine import Query
from contracts.messages import Answer, Keyframe, Scene
from contracts.site import AskedQuestion

MakeFrame = Callable[..., Keyframe]
Ask = Callable[..., AskedQuestion]

SMALL, LARGE = (0.5, 0.5, 0.51, 0.51), (0.1, 0.2, 0.4, 0.6)


def answer_to(question: AskedQuestion, frame: Keyframe) -> Answer:
    return EdgeEngine().answer([Query(frame, (question,))])[0][0]


@pytest.mark.parametrize(("motion", "yes"), [(0.0, False), (0.001, False), (0.004, True), (0.5, True)])
def test_motion_is_yes_from_a_fifth_of_a_percent_of_the_picture(
    frame_of: MakeFrame, ask: Ask, motion: float, yes: bool
) -> None:
    answer = answer_to(ask("motion"), frame_of(scene=Scene(motion=motion, moving=(LARGE,), warm=True)))

    assert answer.margin is not None
    assert (answer.margin > 0) is yes
    assert answer.count == 1
    assert [(seen.label, seen.box) for seen in answer.detections] == [("motion", LARGE)]


def test_more_motion_gives_a_larger_margin(frame_of: MakeFrame, ask: Ask) -> None:
    margins = [
        answer_to(ask("motion"), frame_of(scene=Scene(motion=part, warm=True))).margin or 0.0
        for part in (0.0005, 0.002, 0.01, 0.05)
    ]

    assert margins == sorted(set(margins))
    assert margins[1] == pytest.approx(0.0)


def test_the_largest_foreground_box_decides_and_all_are_told(frame_of: MakeFrame, ask: Ask) -> None:
    answer = answer_to(ask("foreground"), frame_of(scene=Scene(foreground=(SMALL, LARGE), warm=True)))

    assert answer.margin is not None
    assert answer.margin > 2
    assert answer.count == 2
    assert [seen.box for seen in answer.detections] == [LARGE, SMALL]
    assert answer.detections[0].score > 0.9 > 0.1 > answer.detections[1].score


def test_no_foreground_is_a_no(frame_of: MakeFrame, ask: Ask) -> None:
    answer = answer_to(ask("foreground"), frame_of(scene=Scene(warm=True)))

    assert answer.margin is not None
    assert answer.margin < -2


@pytest.mark.parametrize("kind", ["motion", "foreground"])
def test_before_the_background_is_learnt_the_answer_is_unknown(frame_of: MakeFrame, ask: Ask, kind: str) -> None:
    answer = answer_to(ask(kind), frame_of(scene=Scene(motion=0.5, foreground=(LARGE,), warm=False)))

    assert answer == Answer(f"q_{kind}", unknown_reason="still learning the background")


@pytest.mark.parametrize("kind", ["dark", "covered", "frozen"])
def test_the_state_of_the_whole_picture_is_known_from_the_first_frame(
    frame_of: MakeFrame, ask: Ask, kind: str
) -> None:
    holding = {"dark": Scene(dark=True), "covered": Scene(covered=True), "frozen": Scene(frozen=True)}

    yes = answer_to(ask(kind), frame_of(scene=holding[kind]))
    no = answer_to(ask(kind), frame_of(scene=Scene()))

    assert yes.margin == pytest.approx(2.94, abs=0.01)
    assert no.margin == pytest.approx(-2.94, abs=0.01)


def test_what_the_scene_shows_is_answered_although_the_picture_is_broken(frame_of: MakeFrame, ask: Ask) -> None:
    answer = answer_to(ask("motion"), frame_of(picture=b"", scene=Scene(motion=0.1, warm=True)))

    assert answer.margin is not None
    assert answer.margin > 0


def test_without_a_detector_objects_are_unknown_and_the_remedy_is_named(frame_of: MakeFrame, ask: Ask) -> None:
    answer = answer_to(ask("objects", "car"), frame_of())

    assert answer.margin is None
    assert "PLAINWATCH_DETECTOR" in (answer.unknown_reason or "")
