"""The engine at a server that is not ours: `transformers serve` with a tiny model, or one that the environment names.

`PLAINWATCH_TEST_OPENAI_URL` (and `PLAINWATCH_TEST_OPENAI_MODEL`) take the tests to a vLLM, SGLang, llama.cpp or Ollama.
Random weights answer neither yes nor no: that the same picture gets the same, and another one something else, is what
shows that pictures arrive."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx2
import pytest

from analyzer.engine import Query
from analyzer.openai.engine import OpenAIEngine, open_engine
from analyzer.openai.options import Options, ServerOptions
from analyzer.openai.shown import two_pictures
from contracts.explain import ExplainRequest
from tests.analyzer.openai.conftest import AskText, MakeFrame

pytestmark = pytest.mark.slow

READY_WITHIN_S = 90.0
RED, BLUE = two_pictures(3)


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Options]:
    """Of a server that answers."""
    named = os.environ.get("PLAINWATCH_TEST_OPENAI_URL", "")
    if named:
        model = os.environ.get("PLAINWATCH_TEST_OPENAI_MODEL", "")
        yield Options((ServerOptions(named),), model=model, prove_within_s=READY_WITHIN_S)
        return
    if not find_spec("openai") or not find_spec("accelerate"):
        pytest.skip("`transformers serve` needs openai and accelerate: pip install 'transformers[serving]'")
    from tests.analyzer.openai.tiny_llava import save_tiny_llava

    folder = tmp_path_factory.mktemp("served")
    weights = save_tiny_llava(folder / "tiny")
    port = _free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(_command(weights, port), env=_offline(folder), stdout=log, stderr=log)
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", folder / "log")
        at = ServerOptions(f"http://127.0.0.1:{port}/v1")
        yield Options((at,), model=str(weights), prove_within_s=READY_WITHIN_S)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def engine(options: Options) -> Iterator[OpenAIEngine]:
    engine = open_engine(options)
    yield engine
    engine.close()


def test_pictures_arrive_and_each_gets_its_own_answer_every_time(
    engine: OpenAIEngine, frame_of: MakeFrame, ask_text: AskText
) -> None:
    questions = tuple(ask_text(key) for key in ("a red car", "a dog", "the gate"))
    batch = [Query(frame_of(picture=picture), questions) for picture in (RED, BLUE)]

    red, blue = engine.answer(batch)
    again = engine.answer(batch)

    for before, after in zip((*red, *blue), (*again[0], *again[1]), strict=True):
        assert before.question_key == after.question_key
        assert before.unknown_reason == after.unknown_reason
        assert before.margin == pytest.approx(after.margin, abs=0.1)
    assert not any("server" in (answer.unknown_reason or "") for answer in (*red, *blue))
    assert red != blue


def test_several_pictures_are_one_question(engine: OpenAIEngine, frame_of: MakeFrame, ask_text: AskText) -> None:
    earlier = (frame_of(seq=1, picture=BLUE),)
    query = Query(frame_of(seq=2, picture=RED), (ask_text("someone running", frames=2),), earlier)

    answer = engine.answer([query])[0][0]

    assert "server" not in (answer.unknown_reason or "")


def test_an_explanation_is_written(engine: OpenAIEngine) -> None:
    explained = engine.explain(ExplainRequest("gate", ("sha",), ("Is a red car visible?",)), [RED])

    assert explained.text
    assert explained.model == engine.capabilities("a").model


def test_what_the_server_lacks_is_marked(options: Options, engine: OpenAIEngine) -> None:
    if "PLAINWATCH_TEST_OPENAI_URL" in os.environ:
        pytest.skip("what that server gives, we do not know")

    # It takes `logprobs`, answers 200, and gives none.
    assert engine.capabilities("a").model.revision.endswith("+text")


def _command(weights: Path, port: int) -> list[str]:
    program = str(Path(sys.executable).with_name("transformers"))
    return [program, "serve", str(weights), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]


def _offline(folder: Path) -> dict[str, str]:
    return os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder), "OMP_NUM_THREADS": "1"}


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx2.get(url, timeout=2.0, trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    pytest.fail(f"transformers serve did not come up: {log.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
