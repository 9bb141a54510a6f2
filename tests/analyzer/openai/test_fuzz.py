"""Whatever a server writes, the worker survives it: each question gets an answer that is a number or says why not."""

import json
import math
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.engine import Query
from analyzer.openai.engine import OpenAIEngine
from contracts.errors import EngineError
from contracts.explain import ExplainRequest
from contracts.messages import Answer
from tests.analyzer.openai.conftest import AskText, MakeFrame, Open, Serve
from tests.analyzer.openai.scripted import Handler, ScriptedServer

NUMBERS = st.one_of(
    st.none(), st.integers(), st.floats(), st.sampled_from([900, 0.001, -9999.0, -1e308, 1e308, 10**400, "-0.1", True])
)
TOKENS = st.sampled_from(["token_id:11", "token_id:12", "token_id:21", "token_id:22", "Yes", "No", "", "是"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
LISTED = st.fixed_dictionaries({}, optional={"token": TOKENS | ANYTHING, "logprob": NUMBERS})
POSITION = st.fixed_dictionaries(
    {}, optional={"token": TOKENS, "logprob": NUMBERS, "top_logprobs": st.lists(LISTED, max_size=5) | ANYTHING}
)
CHOICE = st.fixed_dictionaries(
    {"message": st.fixed_dictionaries({}, optional={"content": st.none() | st.text() | ANYTHING})},
    optional={
        "logprobs": st.fixed_dictionaries({"content": st.lists(POSITION, max_size=2)}) | ANYTHING,
        "finish_reason": st.sampled_from(["stop", "length"]) | ANYTHING,
    },
)
SOUND_YES = [{"token": f"token_id:{number}", "logprob": -0.7} for number in (11, 12)]
PLAUSIBLE = NUMBERS.map(
    lambda number: {
        "message": {"content": "Yes"},
        "logprobs": {
            "content": [
                {"top_logprobs": [*SOUND_YES, *({"token": f"token_id:{one}", "logprob": number} for one in (21, 22))]}
            ]
        },
    }
)
DEEP = b'{"choices":[{"message":{"content":"x"},"more":' + b"[" * 9000 + b"]" * 9000 + b"}]}"
NOT_UTF_8 = b'{"choices":[{"message":{"content":"\xff"}}]}'
BODIES = st.one_of(
    st.fixed_dictionaries({"choices": st.lists(PLAUSIBLE | CHOICE, max_size=2)}).map(lambda body: _json(body)),
    ANYTHING.map(lambda body: _json(body)),
    st.binary(max_size=64),
    st.sampled_from([DEEP, NOT_UTF_8]),
)


def _json(body: object) -> bytes:
    return json.dumps(body).encode()


class Writing:
    """A fault that writes what it is given, once; `next` is set anew for each example."""

    def __init__(self) -> None:
        self.next: tuple[int, bytes] | None = None

    def __call__(self, handler: Handler) -> bool:
        if self.next is None:
            return False
        handler.give(self.next[0], self.next[1], {"retry-after": "0"})
        return True


Writers = dict[str, tuple[OpenAIEngine, Writing]]


@settings(max_examples=80, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, status=st.sampled_from([200, 200, 200, 200, 400, 500]))
@pytest.mark.parametrize("gives", ["ids", "top", "text"])
def test_any_answer_of_a_server_is_a_finite_margin_or_unknown_with_a_reason(
    writers: Writers, frame_of: MakeFrame, ask_text: AskText, body: bytes, status: int, gives: str
) -> None:
    engine, writing = writers[gives]
    query = Query(frame_of(), (ask_text("a car"),))
    writing.next = (status, body)

    answer: Answer = engine.answer([query])[0][0]
    writing.next = None

    if answer.margin is None:
        assert answer.unknown_reason
    else:
        assert math.isfinite(answer.margin)
    # A sound answer between two odd ones: else the server would rest, and nothing more be tried.
    assert engine.answer([query])[0][0].margin is not None


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES)
def test_any_answer_becomes_an_explanation_or_an_engine_error(
    writers: Writers, frame_of: MakeFrame, ask_text: AskText, jpeg: bytes, body: bytes
) -> None:
    engine, writing = writers["ids"]
    writing.next = (200, body)

    try:
        text = engine.explain(ExplainRequest("gate", ("sha",), ("Is a car visible?",)), [jpeg]).text
    except EngineError as error:
        text = error.problem
    writing.next = None

    assert text
    assert engine.answer([Query(frame_of(), (ask_text("a car"),))])[0][0].margin is not None


@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES | ANYTHING.map(lambda data: _json({"data": [data], "tokens": [data]})))
@pytest.mark.parametrize("path", ["/v1/models", "/tokenize", "/v1/chat/completions"])
def test_a_server_that_writes_anything_at_the_start_is_used_or_refused(
    serving_anything: ScriptedServer, open_at: Open, body: bytes, path: str
) -> None:
    serving_anything.script.raw = {path: body}

    try:
        open_at(serving_anything).close()
    except EngineError as error:
        assert error.problem


@pytest.fixture
def writers(serve: Serve, open_at: Open) -> Iterator[Writers]:
    """An engine at a server of each kind, and what makes that server write."""
    made: Writers = {}
    for gives in ("ids", "top", "text"):
        writing = Writing()
        words = (lambda asked: "red" if asked.is_self_test else "Yes") if gives == "text" else None
        made[gives] = (open_at(serve(gives=gives, fault=writing, words=words), rest_s=0.0), writing)
    yield made


@pytest.fixture
def serving_anything(serve: Serve) -> ScriptedServer:
    """What it writes is set by the test."""
    return serve()
