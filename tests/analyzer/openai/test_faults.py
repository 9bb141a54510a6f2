import socket
import struct
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from analyzer.engine import Query
from analyzer.openai.options import ServerOptions
from contracts.errors import EngineError
from contracts.messages import Answer
from tests.analyzer.openai.conftest import AskText, MakeFrame, Open, Serve
from tests.analyzer.openai.scripted import Fault, Handler, ScriptedServer

KEY = "sk-very-secret-0815"
Batch = Callable[..., list[Query]]


@pytest.fixture
def batch(frame_of: MakeFrame, ask_text: AskText) -> Batch:
    """Frames of one camera each, with the same questions."""

    def make(frames: int = 1, questions: int = 3, *, keep_local: bool = False) -> list[Query]:
        asked = tuple(ask_text(f"thing {number}") for number in range(questions))
        return [Query(frame_of(f"cam_{number}"), asked, keep_local=keep_local) for number in range(frames)]

    return make


def reasons(answers: list[tuple[Answer, ...]]) -> set[str]:
    assert all(answer.margin is None for given in answers for answer in given)
    return {answer.unknown_reason or "" for given in answers for answer in given}


def gives(status: int, body: object = b"", **headers: str) -> Fault:
    def fault(handler: Handler) -> bool:
        handler.give(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return fault


def hangs(handler: Handler) -> bool:
    handler.server.over.wait(60)
    return True


def breaks_in_the_middle(handler: Handler) -> bool:
    handler.send_response(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.wfile.flush()
    # Linger of zero: a reset instead of an orderly end.
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True
    return True


def once(fault: Fault) -> Fault:
    first: Iterator[bool] = iter([True])
    return lambda handler: next(first, False) and fault(handler)


FAULTS: dict[str, tuple[Fault, str]] = {
    "500": (gives(500, {"error": {"message": "out of cards"}}), "answered 500: out of cards"),
    "no JSON": (gives(200, b"<html>welcome</html>"), "no completion"),
    "JSON of another kind": (gives(200, {"choices": "many"}), "no completion"),
    "no choice": (gives(200, {"choices": []}), "without a choice"),
    "401": (gives(401, {"error": {"message": f"bad key {KEY}"}}), "refuses our key: answered 401"),
    "404": (gives(404, {"error": {"message": "no such model"}}), "answered 404: no such model"),
    "400": (gives(400, {"error": {"message": f"too many tokens, {KEY}"}}), "answered 400: too many tokens, ***"),
    "a redirect": (gives(307, b"", location="http://127.0.0.1:9/"), "answered 307: redirects are not followed"),
    "an endless body": (gives(200, b'"' + b"a" * (2 << 20) + b'"'), "answered with more than 1 MiB"),
    "a reset in the middle": (breaks_in_the_middle, "broke the connection"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_whatever_a_server_does_the_answer_is_unknown_and_says_what_it_did(
    serve: Serve, open_at: Open, batch: Batch, kind: str
) -> None:
    fault, said = FAULTS[kind]
    server = serve(fault=fault)
    engine = open_at(ServerOptions(server.url, SecretStr(KEY)))

    answers = engine.answer(batch())

    (reason,) = reasons(answers)
    assert said in reason
    assert server.url in reason
    assert KEY not in reason


def test_what_is_not_answered_by_the_deadline_is_unknown_and_the_rest_stands(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    server = serve(fault=lambda handler: "dog" in handler.server.of_cameras[-1].text and hangs(handler))
    engine = open_at(server, deadline_s=1.0)

    answers = engine.answer([Query(frame_of(), (ask_text("a car"), ask_text("a dog")))])[0]

    assert answers[0].margin is not None
    assert "deadline" in (answers[1].unknown_reason or "")


def test_a_server_that_hangs_from_the_first_question_gets_no_second_one_about_that_frame(
    serve: Serve, open_at: Open, batch: Batch
) -> None:
    server = serve(fault=hangs)
    engine = open_at(server, deadline_s=0.5)

    answers = engine.answer(batch(questions=10))

    assert "deadline" in reasons(answers).pop()
    assert len(server.of_cameras) == 1


def test_a_connection_that_broke_is_tried_once_more(serve: Serve, open_at: Open, batch: Batch) -> None:
    server = serve(fault=once(breaks_in_the_middle))

    answer = open_at(server).answer(batch(questions=1))[0][0]

    assert answer.margin is not None
    assert len(server.of_cameras) == 2


def test_a_busy_server_is_asked_again_when_it_said_and_only_once(serve: Serve, open_at: Open, batch: Batch) -> None:
    patient, endless = serve(fault=once(gives(429, retry_after="0"))), serve(fault=gives(429, retry_after="0"))

    answered = open_at(patient).answer(batch(questions=1))
    refused = open_at(endless).answer(batch(questions=1))

    assert answered[0][0].margin is not None
    assert len(patient.of_cameras) == 2
    assert "is busy: answered 429" in reasons(refused).pop()
    assert len(endless.of_cameras) == 2


def test_a_pause_in_no_number_counts_as_no_word(serve: Serve, open_at: Open, batch: Batch) -> None:
    engine = open_at(serve(fault=once(gives(503, retry_after="\xb2"))))

    assert engine.answer(batch(questions=1))[0][0].margin is not None


def test_a_pause_longer_than_the_deadline_is_not_waited_for_and_holds_for_all(
    serve: Serve, open_at: Open, batch: Batch
) -> None:
    server = serve(fault=gives(503, retry_after="600"))
    engine = open_at(server)

    first, second = engine.answer(batch()), engine.answer(batch())

    assert "busy" in reasons(first).pop()
    assert "asked for a pause" in reasons(second).pop()
    assert len(server.of_cameras) == 1


def test_a_server_in_need_is_left_alone(serve: Serve, open_at: Open, batch: Batch) -> None:
    server = serve(fault=gives(500))
    engine = open_at(server)

    for _ in range(5):
        last = engine.answer(batch(frames=3))

    assert "rests after failures" in reasons(last).pop()
    assert len(server.of_cameras) == 3


def test_a_server_that_comes_back_is_proven_again_and_used(serve: Serve, open_at: Open, batch: Batch) -> None:
    server = serve(fault=gives(500))
    engine = open_at(server, rest_s=0.0)
    reasons(engine.answer(batch(frames=3)))
    proofs = _self_tests(server)
    server.script.fault = None

    answer = engine.answer(batch(questions=1))[0][0]

    assert answer.margin is not None
    assert _self_tests(server) == 2 * proofs


def test_one_that_comes_back_with_another_model_is_not_used(serve: Serve, open_at: Open, batch: Batch) -> None:
    server = serve(fault=gives(500))
    engine = open_at(server, rest_s=0.0)
    reasons(engine.answer(batch(frames=3)))
    server.script.fault, server.script.model = None, "another-vl"

    answers = engine.answer(batch(questions=1))

    assert "gives 'another-vl another-vl-r1 ids', the engine began with 'tiny-vl" in reasons(answers).pop()


def test_a_second_server_answers_what_the_first_does_not(serve: Serve, open_at: Open, batch: Batch) -> None:
    first, second = serve(fault=gives(500)), serve()
    engine = open_at(first, second)

    for _ in range(3):
        answers = engine.answer(batch())

    assert all(answer.margin is not None for answer in answers[0])
    assert len(first.of_cameras) == 3
    assert len(second.of_cameras) == 9


def test_a_first_server_that_hangs_leaves_the_second_its_time(serve: Serve, open_at: Open, batch: Batch) -> None:
    first, second = serve(fault=hangs), serve()
    engine = open_at(first, second, deadline_s=2.0)

    answers = engine.answer(batch(questions=1))

    assert answers[0][0].margin is not None
    assert len(second.of_cameras) == 1


def test_a_second_server_that_rests_leaves_the_first_all_of_the_time(
    serve: Serve, open_at: Open, batch: Batch
) -> None:
    def late(handler: Handler) -> bool:
        handler.server.over.wait(1.2)
        return False

    engine = open_at(serve(fault=late), _nobody(), deadline_s=2.0)

    answers = engine.answer(batch(questions=1))

    # Half of the deadline would not have been enough.
    assert answers[0][0].margin is not None


def test_a_second_server_that_is_away_at_the_start_does_not_stop_the_first(
    serve: Serve, open_at: Open, batch: Batch
) -> None:
    engine = open_at(serve(), _nobody())

    assert engine.answer(batch())[0][0].margin is not None


def test_a_server_that_nobody_can_reach_is_named_with_the_remedy(open_at: Open) -> None:
    nobody = _nobody()

    with pytest.raises(EngineError, match="cannot be reached") as refused:
        open_at(nobody)

    assert nobody.url in str(refused.value)
    assert "start it" in str(refused.value)


def test_a_key_is_in_no_error_and_no_repr(serve: Serve, open_at: Open) -> None:
    server = serve(fault=gives(401, {"error": {"message": f"wrong key {KEY}"}}), fault_in_self_test=True)

    with pytest.raises(EngineError) as refused:
        open_at(ServerOptions(server.url, SecretStr(KEY)))

    assert KEY not in f"{refused.value} {refused.value!r} {ServerOptions(server.url, SecretStr(KEY))!r}"


def _self_tests(server: ScriptedServer) -> int:
    return sum(asked.is_self_test for asked in server.asked)


def _nobody() -> ServerOptions:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return ServerOptions(f"http://127.0.0.1:{held.getsockname()[1]}/v1")
