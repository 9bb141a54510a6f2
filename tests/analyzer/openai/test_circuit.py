import pytest

from analyzer.openai.circuit import FAILURES_IN_A_ROW, LONGEST_REST_S, REST_S, Circuit, State, failed, succeeded, tried


def opened(at: float = 0.0, circuit: Circuit | None = None) -> Circuit:
    circuit = circuit or Circuit()
    for _ in range(FAILURES_IN_A_ROW):
        circuit = failed(circuit, at)
    return circuit


def test_a_success_between_failures_keeps_it_closed() -> None:
    circuit = Circuit()

    for _ in range(5):
        circuit = succeeded(failed(failed(circuit, 0.0), 0.0))

    assert circuit == Circuit()


def test_failures_in_a_row_open_it_and_nothing_goes_out_until_the_rest_is_over() -> None:
    circuit = opened(at=100.0)

    assert circuit.state is State.OPEN
    assert tried(circuit, 100.0 + REST_S - 0.01) == (circuit, False)


def test_after_the_rest_exactly_one_request_goes_out() -> None:
    circuit, first = tried(opened(at=100.0), 100.0 + REST_S)

    _, second = tried(circuit, 100.0 + REST_S)

    assert (first, second) == (True, False)
    assert circuit.state is State.HALF_OPEN


def test_a_trial_that_succeeds_closes_it_and_forgets_everything() -> None:
    circuit, _ = tried(opened(), REST_S)

    assert succeeded(circuit) == Circuit()


def test_each_rest_is_twice_as_long_up_to_a_bound() -> None:
    circuit, rests, now = opened(), [], 0.0
    for _ in range(7):
        rests.append(circuit.until - now)
        now = circuit.until
        circuit, _ = tried(circuit, now)
        circuit = failed(circuit, now)

    assert rests == [5.0, 10.0, 20.0, 40.0, LONGEST_REST_S, LONGEST_REST_S, LONGEST_REST_S]


def test_what_was_under_way_when_it_opened_changes_nothing() -> None:
    circuit = opened(at=3.0)

    assert succeeded(circuit) == circuit
    assert failed(circuit, 4.0) == circuit


@pytest.mark.parametrize(("luck", "until"), [(-1.0, 4.5), (1.0, 5.5)])
def test_luck_moves_the_end_of_the_rest_by_a_tenth(luck: float, until: float) -> None:
    circuit = failed(failed(failed(Circuit(), 0.0), 0.0), 0.0, luck)

    assert circuit.until == pytest.approx(until)


def test_a_proof_that_failed_opens_it_at_once() -> None:
    assert failed(Circuit(), 2.0, at_once=True).until == 2.0 + REST_S
