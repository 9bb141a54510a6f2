"""Cameras that are looked at every few seconds: what passes shows in one picture."""

import pytest
from rule_scenes import PERSON, YES, answers_to, at, person, run, seconds_of, spec_of

from rules.incidents.judge import judge
from rules.incidents.logic import Truth
from rules.incidents.machine import observe_unchanged, step
from rules.incidents.state import MachineState, Observation


@pytest.mark.parametrize(
    ("every_s", "ended_s"),
    [(0.5, 2.0), (1.0, 2.0), (1.5, 1.5), (1.9, 1.9), (2.0, 2.0), (3.0, 3.0), (4.0, 0.0), (5.0, 0.0)],
)
def test_an_incident_ends_after_about_two_seconds_of_no_however_often_one_looks(every_s: float, ended_s: float) -> None:
    _, changes = run(spec_of(), "yyyy" + "n" * 8, every_s=every_s)

    assert seconds_of(changes) == [("opened", 0.0), ("ended", pytest.approx(4 * every_s + ended_s))]


def test_a_pause_between_frequent_looks_does_not_make_them_rare() -> None:
    state, _ = run(spec_of(), "yyyyyy")

    state, changes = run(spec_of(), "nyy", begin_s=60.0, state=state)

    assert (changes, state.open is not None) == ([], True)


@pytest.mark.parametrize(("every_s", "told"), [(0.5, False), (1.0, False), (2.0, True), (5.0, True)])
def test_one_look_of_middling_sureness_opens_only_where_looks_are_rare(every_s: float, told: bool) -> None:
    half_sure = judge(spec_of(), answers_to(PERSON, person(0.5)))
    state, _ = run(spec_of(), "nnn", every_s=every_s)

    _, changes = step(spec_of(), state, Observation(at(3 * every_s), half_sure))

    assert (half_sure.main.alone, half_sure.main.at_once) == (Truth.YES, Truth.NO)
    assert [change.kind for change in changes] == ["opened"] * told


def test_a_faint_look_needs_a_second_one_also_where_looks_are_rare() -> None:
    assert seconds_of(run(spec_of(), "nnwn", every_s=5.0)[1]) == []
    assert seconds_of(run(spec_of(), "nnww", every_s=5.0)[1]) == [("opened", 15.0)]


def test_a_picture_that_stays_the_same_for_long_is_no_rare_look() -> None:
    state, _ = run(spec_of(), "yyy")
    state, _ = step(spec_of(), state, Observation(at(1.5), YES, (1, 4)))
    state, _ = observe_unchanged(spec_of(), state, at(31.5), (1, 4), since=at(2.0))

    assert state.spacing_s == 0.5


def test_frames_without_an_answer_are_no_looks() -> None:
    state, _ = run(spec_of(), "nununu")

    assert state.spacing_s == 1.0
    assert MachineState().spacing_s == 0.0
