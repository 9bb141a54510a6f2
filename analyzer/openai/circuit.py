"""Whether a server is asked at all: after failures in a row it rests, then one trial decides.

Takes: what became of each request, and the time.
Gives: the next state.
Knows nothing about: HTTP, clocks."""

from dataclasses import dataclass
from enum import StrEnum

FAILURES_IN_A_ROW = 3
REST_S = 5.0
LONGEST_REST_S = 60.0


class State(StrEnum):
    """Of one server."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


#: an answer to a request that was under way when the circuit opened changes nothing
ALLOWED: dict[State, frozenset[State]] = {
    State.CLOSED: frozenset({State.CLOSED, State.OPEN}),
    State.OPEN: frozenset({State.OPEN, State.HALF_OPEN}),
    State.HALF_OPEN: frozenset({State.CLOSED, State.OPEN}),
}


@dataclass(frozen=True, slots=True)
class Circuit:
    """`rests`: how many in a row; each is twice as long as the one before. `until`: when the present one ends."""

    state: State = State.CLOSED
    failures: int = 0
    rests: int = 0
    until: float = 0.0
    rest_s: float = REST_S


def tried(circuit: Circuit, now: float) -> tuple[Circuit, bool]:
    """Whether a request may go out; past the rest exactly one may, until it is known what became of it."""
    if circuit.state is State.CLOSED:
        return circuit, True
    if circuit.state is State.OPEN and now >= circuit.until:
        return _next(circuit, State.HALF_OPEN), True
    return circuit, False


def succeeded(circuit: Circuit) -> Circuit:
    """Forgets all failures; not while it rests."""
    if circuit.state is State.OPEN:
        return circuit
    return Circuit(_next(circuit, State.CLOSED).state, rest_s=circuit.rest_s)


def proven(circuit: Circuit) -> Circuit:
    """In use again. How often it rested is forgotten only with the first question that it answers."""
    return Circuit(_next(circuit, State.CLOSED).state, rests=circuit.rests, rest_s=circuit.rest_s)


def failed(circuit: Circuit, now: float, luck: float = 0.0, *, at_once: bool = False) -> Circuit:
    """`at_once`: it was no single request that failed. `luck`: -1 to 1, moves the end of the rest by up to a tenth, so
    that workers do not all come back at once."""
    if circuit.state is State.OPEN:
        return circuit
    failures = circuit.failures + 1
    if circuit.state is State.CLOSED and failures < FAILURES_IN_A_ROW and not at_once:
        return Circuit(State.CLOSED, failures, circuit.rests, rest_s=circuit.rest_s)
    rest_s = min(circuit.rest_s * 2**circuit.rests, LONGEST_REST_S) * (1.0 + 0.1 * luck)
    return Circuit(_next(circuit, State.OPEN).state, failures, circuit.rests + 1, now + rest_s, circuit.rest_s)


def _next(circuit: Circuit, state: State) -> Circuit:
    assert state in ALLOWED[circuit.state], (circuit.state, state)
    return Circuit(state, circuit.failures, circuit.rests, circuit.until, circuit.rest_s)
