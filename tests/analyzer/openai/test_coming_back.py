"""A server that rested, or asked for a pause: how it comes back, and who answers meanwhile."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analyzer.engine import Query
from analyzer.openai.loop import StoppableLoop
from tests.analyzer.openai.conftest import AskText, MakeFrame, Open, Serve
from tests.analyzer.openai.scripted import Handler, ScriptedServer, SocketServer, running

Ask = Callable[..., Query]


class Gate:
    """A server's fault that holds its self-tests until it is opened; counts those under way."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.opened.set()
        self.most = 0
        self._held = 0
        self._lock = threading.Lock()

    def __call__(self, handler: Handler) -> bool:
        if not handler.server.asked[-1].is_self_test:
            handler.give(500, b"")
            return True
        with self._lock:
            self._held += 1
            self.most = max(self.most, self._held)
        self.opened.wait(60)
        with self._lock:
            self._held -= 1
        return False


@pytest.fixture
def query(frame_of: MakeFrame, ask_text: AskText) -> Ask:
    def make(questions: int = 1, *, keep_local: bool = False) -> Query:
        return Query(frame_of(), tuple(ask_text(f"thing {n}") for n in range(questions)), keep_local=keep_local)

    return make


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[ScriptedServer]:
    """At a socket file, which is local whatever the networks are."""
    with running(SocketServer(tmp_path / "vl.sock")) as server:
        yield server


def proofs(server: ScriptedServer) -> int:
    """Completions of self-tests."""
    return sum(asked.is_self_test for asked in server.asked)


def test_a_proof_that_takes_longer_than_a_questions_time_goes_on_with_the_next_one(
    serve: Serve, open_at: Open, query: Ask
) -> None:
    gate = Gate()
    server = serve(fault=gate, fault_in_self_test=True)
    engine = open_at(server, deadline_s=1.0, rest_s=0.0, prove_within_s=50.0)
    whole = proofs(server)
    engine.answer([query(9)] * 3)
    gate.opened.clear()

    late = [engine.answer([query()])[0][0].unknown_reason or "" for _ in range(2)]
    server.script.fault = lambda handler: handler.server.asked[-1].is_self_test and gate(handler)
    gate.opened.set()
    answers = [engine.answer([query()])[0][0] for _ in range(20)]

    assert all("is still being proven" in reason for reason in late)
    assert any(answer.margin is not None for answer in answers)
    assert proofs(server) == 2 * whole
    assert gate.most == 1


def test_while_one_is_proven_the_spare_answers_at_once(serve: Serve, open_at: Open, query: Ask) -> None:
    gate = Gate()
    first, spare = serve(fault=gate, fault_in_self_test=True), serve()
    # One slot: what holds it in a proof would keep the spare waiting too.
    engine = open_at(first, spare, rest_s=0.0, at_once=1, prove_within_s=50.0)
    engine.answer([query()] * 3)
    gate.opened.clear()
    asked = len(first.asked)

    answers = [engine.answer([query(3)])[0] for _ in range(3)]
    gate.opened.set()

    assert all(answer.margin is not None for given in answers for answer in given)
    assert len(first.asked) <= asked + 1


def test_a_proof_has_an_end_of_its_own_and_the_server_rests(serve: Serve, open_at: Open, query: Ask) -> None:
    gate = Gate()
    server = serve(fault=gate, fault_in_self_test=True)
    engine = open_at(server, rest_s=0.0, prove_within_s=0.3)
    engine.answer([query()] * 3)
    gate.opened.clear()

    reason = engine.answer([query()])[0][0].unknown_reason or ""
    gate.opened.set()
    server.script.fault = None

    assert "gave no answer in time" in reason
    assert engine.answer([query()])[0][0].margin is not None


def test_closing_an_engine_ends_a_proof(serve: Serve, open_at: Open, query: Ask) -> None:
    gate = Gate()
    server = serve(fault=gate, fault_in_self_test=True)
    engine = open_at(server, deadline_s=0.3, rest_s=0.0)
    engine.answer([query()] * 3)
    gate.opened.clear()
    engine.answer([query()])

    engine.close()
    gate.opened.set()


def test_a_server_that_passes_the_self_test_and_fails_the_questions_rests_longer_each_time(
    serve: Serve, open_at: Open, query: Ask
) -> None:
    now = [0.0]
    server = serve(fault=lambda handler: handler.give(500, b"") is None)
    engine = open_at(server, rest_s=5.0, clock=lambda: now[0])
    whole = proofs(server)

    for second in range(60):
        now[0] = float(second)
        engine.answer([query()])

    # Rests of 5, 10, 20 and 40 s, each ended by one self-test: not one every five seconds.
    assert proofs(server) == 4 * whole


def test_a_busy_server_is_not_waited_for_while_another_stands_by(serve: Serve, open_at: Open, query: Ask) -> None:
    first, spare = serve(fault=lambda handler: handler.give(429, b"", {"retry-after": "9"}) is None), serve()
    engine = open_at(first, spare, at_once=1)

    answers = engine.answer([query(4), query(4)])

    assert all(answer.margin is not None for given in answers for answer in given)
    # Each frame's first question at most: the pause holds for what comes after.
    assert 1 <= len(first.of_cameras) <= 2


def test_a_busy_server_is_asked_again_where_the_spare_fails_too(serve: Serve, open_at: Open, query: Ask) -> None:
    def once_busy(handler: Handler) -> bool:
        if len(handler.server.of_cameras) > 1:
            return False
        handler.give(429, b"", {"retry-after": "0"})
        return True

    first, spare = serve(fault=once_busy), serve(fault=lambda handler: handler.give(500, b"") is None)

    assert open_at(first, spare).answer([query()])[0][0].margin is not None
    assert len(first.of_cameras) == 2


def test_who_waits_for_a_busy_server_of_ours_keeps_no_place_from_those_who_may_go_elsewhere(
    serve: Serve, ours: ScriptedServer, open_at: Open, query: Ask
) -> None:
    elsewhere = serve()
    answered_elsewhere: list[int] = []

    def once_busy(handler: Handler) -> bool:
        answered_elsewhere.append(len(elsewhere.of_cameras))
        if len(answered_elsewhere) > 1:
            return False
        handler.give(429, b"", {"retry-after": "1"})
        return True

    ours.script.fault = once_busy
    engine = open_at(ours, elsewhere, local_networks=(), at_once=1)

    private, free = engine.answer([query(keep_local=True), query(2)])

    assert all(answer.margin is not None for answer in (*private, *free))
    assert len(elsewhere.of_cameras) == len(free)
    assert answered_elsewhere[0] == 0 < answered_elsewhere[1]


def test_time_stands_still_while_the_loop_does() -> None:
    real = [100.0]
    loop = StoppableLoop(lambda: real[0])

    async def now() -> float:
        return loop.time()

    first = loop.run_until_complete(now())
    real[0] += 1000.0
    between = loop.time()
    second = loop.run_until_complete(now())
    loop.close()

    assert first == between == second
