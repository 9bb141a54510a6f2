from rule_scenes import (
    NO,
    NOON,
    PERSON,
    UNKNOWN,
    YES,
    answers_to,
    at,
    person,
    plan_of,
    run,
    seconds_of,
    spec_of,
    sure,
)

from contracts.plan import WEEK, Temporal, Window
from rules.incidents.judge import Judgement, judge
from rules.incidents.logic import Truth
from rules.incidents.machine import observe_missed, observe_unchanged, step, tick
from rules.incidents.spec import spec_for
from rules.incidents.state import MachineState, Observation, Reason, decode_state, encode_state

HELD = spec_of(plan_of(Temporal("sustained", seconds=10)))
ABSENT = spec_of(plan_of(Temporal("absent", seconds=10)))


def test_a_sure_answer_opens_at_once_and_two_seconds_of_no_end_it() -> None:
    _, changes = run(spec_of(), "nnyynnnnnnn")

    assert seconds_of(changes) == [("opened", 1.0), ("ended", 4.0)]


def test_a_weak_answer_needs_a_second_one_among_the_last_three() -> None:
    _, alone = run(spec_of(), "nwnnnnwnnnn")
    _, confirmed = run(spec_of(), "nwnw")

    assert alone == []
    assert seconds_of(confirmed) == [("opened", 1.5)]
    assert confirmed[0].started_at == at(0.5)


def test_a_faint_answer_confirms_a_weak_one_and_never_another_faint_one() -> None:
    _, half_seen_first = run(spec_of(), "nfnw")
    _, faint_only = run(spec_of(), "nffffnn")

    assert seconds_of(half_seen_first) == [("opened", 1.5)]
    assert faint_only == []


def test_weak_answers_of_a_camera_with_rare_keyframes_confirm_one_another() -> None:
    _, changes = run(spec_of(), "nww", every_s=5.0)

    assert seconds_of(changes) == [("opened", 10.0)]


def test_one_no_between_yes_answers_ends_nothing() -> None:
    _, changes = run(spec_of(), "ynynnyyny")

    assert seconds_of(changes) == [("opened", 0.0)]


def test_unknown_never_counts_as_no() -> None:
    _, changes = run(spec_of(), "y" + "u" * 100)

    assert seconds_of(changes) == [("opened", 0.0)]


def test_a_condition_must_hold_for_its_whole_time() -> None:
    _, short = run(HELD, "y" * 20 + "n" * 10)
    _, long = run(HELD, "y" * 21)

    assert short == []
    assert seconds_of(long) == [("opened", 10.0)]
    assert long[0].started_at == NOON


def test_flicker_of_the_detector_does_not_restart_the_time() -> None:
    _, changes = run(HELD, "yyyy" + "nn" + "yyyyyyy" + "n" + "yyyyyyyyyy")

    assert seconds_of(changes) == [("opened", 10.0)]


def test_a_no_of_a_second_and_a_half_restarts_the_time() -> None:
    _, changes = run(HELD, "yyyy" + "nnn" + "y" * 20)

    assert changes == []


def test_a_gap_as_long_as_the_duration_is_bridged_and_a_longer_one_is_not() -> None:
    _, bridged = run(HELD, "yy" + "-" * 18 + "yyyy")
    _, broken = run(HELD, "yy" + "-" * 22 + "yyyy")

    assert seconds_of(bridged) == [("opened", 10.0)]
    assert broken == []


def test_unknown_frames_are_bridged_like_a_gap() -> None:
    _, changes = run(HELD, "yyyy" + "u" * 10 + "y" * 7)

    assert seconds_of(changes) == [("opened", 10.0)]


def test_a_restart_in_the_middle_changes_nothing() -> None:
    letters = "nyyyynyyyyyyyyyuuyyyyyyyyyynnnnnnyyy"
    _, whole = run(HELD, letters)

    for cut in range(len(letters)):
        state, before = run(HELD, letters[:cut])
        revived = decode_state(encode_state(state))
        _, after = run(HELD, letters[cut:], begin_s=cut * 0.5, state=revived)

        assert revived == state
        assert before + after == whole


def test_absence_needs_a_real_answer_first_and_a_short_false_alarm_does_not_break_it() -> None:
    _, blind = run(ABSENT, "u" * 60)
    _, empty = run(ABSENT, "uuuu" + "nnnnnnnn" + "y" + "n" * 12)

    assert blind == []
    assert seconds_of(empty) == [("opened", 12.0)]
    assert empty[0].started_at == at(2.0)


def test_absence_ends_when_somebody_is_back_for_two_seconds() -> None:
    _, changes = run(ABSENT, "n" * 21 + "y" * 5)

    assert seconds_of(changes) == [("opened", 10.0), ("ended", 12.5)]


def test_no_incident_opens_within_the_cooldown_and_one_opens_after_it() -> None:
    spec = spec_of(plan_of(cooldown_s=20.0))

    _, changes = run(spec, "y" + "n" * 9 + "y" * 40)

    assert seconds_of(changes) == [("opened", 0.0), ("ended", 2.5), ("opened", 20.0)]


def test_outside_the_window_nothing_opens_and_its_end_closes_the_incident() -> None:
    spec = spec_of(plan_of(window=(Window(WEEK, "12:00", "12:01"),)))

    state, inside = run(spec, "y" * 10)
    state, ended = tick(spec, state, at(60))
    _, outside = run(spec, "y" * 10, begin_s=61, state=state)

    assert seconds_of(inside) == [("opened", 0.0)]
    assert [(change.kind.value, change.reason) for change in ended] == [("ended", Reason.WINDOW)]
    assert outside == []


def test_the_time_of_a_condition_starts_with_the_window() -> None:
    spec = spec_of(plan_of(Temporal("absent", seconds=10), window=(Window(WEEK, "12:01", "13:00"),)))

    _, changes = run(spec, "n" * 160)

    assert seconds_of(changes) == [("opened", 70.0)]


def test_an_unchanged_frame_repeats_the_last_answer() -> None:
    state, _ = step(HELD, MachineState(), Observation(NOON, YES, (1, 1)))
    changes = []
    for second in range(1, 12):
        state, more = observe_unchanged(HELD, state, at(second), (1, 1))
        changes += more

    assert seconds_of(changes) == [("opened", 10.0)]


def test_an_unchanged_frame_that_stands_for_a_long_stretch_is_no_gap() -> None:
    spec = spec_of(plan_of(Temporal("sustained", seconds=300)))
    state, _ = step(spec, MachineState(), Observation(NOON, YES, (1, 1)))

    _, changes = observe_unchanged(spec, state, at(300), (1, 1), since=at(1))

    assert seconds_of(changes) == [("opened", 300.0)]


def test_an_unchanged_frame_of_another_frame_is_unknown() -> None:
    state, _ = step(spec_of(), MachineState(), Observation(NOON, NO, (1, 1)))
    state, changes = observe_unchanged(spec_of(), state, at(1), (1, 7))
    _, missed = observe_missed(spec_of(), state, at(2))

    assert (changes, missed) == ((), ())


def test_late_and_equal_times_change_nothing_or_are_taken_as_they_come() -> None:
    state, _ = run(HELD, "yyyy")

    late, none = step(HELD, state, Observation(at(-5), NO))
    _, equal = step(HELD, state, Observation(at(1.5), NO))

    assert (late, none, equal) == (state, (), ())


def sequence_spec(*, negated: bool = False) -> object:
    logic = "q1 and not q2" if negated else "q1 and q2"
    return spec_of(plan_of(Temporal("sequence", within_s=10), logic=logic, negated=negated))


def follow(spec: object, firsts: str, seconds: str, upto_s: float = 0.0) -> list[tuple[str, float]]:
    state, changes = MachineState(), []
    for i, (first, second) in enumerate(zip(firsts, seconds, strict=True)):
        truths = [{"y": Truth.YES, "n": Truth.NO, "u": Truth.UNKNOWN}[letter] for letter in (first, second)]
        judgement = Judgement(sure(truths[0]), sure(truths[1]))
        state, more = step(spec, state, Observation(at(i), judgement))
        changes += more
    if upto_s:
        changes += tick(spec, state, at(upto_s))[1]
    return seconds_of(changes)


def test_b_after_a_within_the_time_opens() -> None:
    assert follow(sequence_spec(), "nyyyyyn", "nnnnnyy") == [("opened", 5.0)]


def test_b_before_a_or_too_late_opens_nothing() -> None:
    assert follow(sequence_spec(), "nnnyyyy", "nyynnnn") == []
    assert follow(sequence_spec(), "ny" + "n" * 14, "n" * 13 + "yyy") == []


def test_b_that_does_not_follow_fires_with_time_alone() -> None:
    spec = sequence_spec(negated=True)

    assert follow(spec, "nyn", "nnn", upto_s=11.0) == [("opened", 11.0)]
    assert follow(spec, "nyn", "nny", upto_s=11.0) == []
    assert follow(spec, "nyuu", "nnuu", upto_s=11.0) == []


def test_k_of_the_last_n_frames_skips_unknown_ones() -> None:
    spec = spec_of(plan_of(Temporal("k_of_n", k=3, n=5)))

    assert seconds_of(run(spec, "ynuyuny")[1]) == [("opened", 3.0)]
    assert run(spec, "ynnynnnynnnyn")[1] == []


def test_k_occurrences_within_a_period_count_beginnings() -> None:
    spec = spec_of(plan_of(Temporal("k_of_n", k=3, within_s=60)))

    assert seconds_of(run(spec, "yyyyy" + "nnnnn" + "yyy" + "nnnnn" + "y")[1]) == [("opened", 9.0)]
    assert run(spec, "y" * 40)[1] == []


def test_unknown_alone_never_opens_anything() -> None:
    for temporal in (
        Temporal(),
        Temporal("sustained", seconds=0),
        Temporal("absent", seconds=0),
        Temporal("k_of_n", k=1, n=1),
    ):
        assert run(spec_of(plan_of(temporal)), "u" * 50)[1] == []
    assert UNKNOWN.verdict is Truth.UNKNOWN


def test_a_much_surer_look_at_an_open_incident_is_told_once_and_not_at_once() -> None:
    spec = spec_of()
    scores = [0.7, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95]
    state, changes = MachineState(), []

    for i, score in enumerate(scores):
        seen = judge(spec, answers_to(PERSON, person(score)))
        state, more = step(spec, state, Observation(at(i * 0.5), seen))
        changes += more

    assert seconds_of(changes) == [("opened", 0.0), ("updated", 5.0)]
    assert (changes[1].confidence, changes[1].reason) == (0.95, Reason.CLEARER)


def test_a_clock_that_is_set_back_by_an_hour_blinds_no_rule() -> None:
    spec = spec_for(plan_of(), rule_id="rul_1", version=1, cooldown_s=60.0)
    state, _ = run(spec, "nyynnnnn")

    _, changes = run(spec, "n" * 130 + "yynnnnnn", begin_s=-3600.0, state=state)

    assert [change.kind.value for change in changes] == ["opened", "ended"]


def test_an_open_incident_outlives_a_clock_that_is_set_back_and_still_ends() -> None:
    spec = spec_of()
    state, _ = run(spec, "nyy")

    _, changes = run(spec, "yynnnnnn", begin_s=-3600.0, state=state)

    assert [change.kind.value for change in changes] == ["ended"]
