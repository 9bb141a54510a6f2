"""Servers and engines of this folder's tests."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from analyzer.openai.engine import OpenAIEngine, open_engine
from analyzer.openai.options import Options, ServerOptions
from contracts.messages import Keyframe
from contracts.site import AskedQuestion
from tests.analyzer.openai.scripted import Script, ScriptedServer, serving

Serve = Callable[..., ScriptedServer]
Open = Callable[..., OpenAIEngine]
MakeFrame = Callable[..., Keyframe]
AskText = Callable[..., AskedQuestion]

#: long enough for a busy machine; what must come to its end has a shorter one of its own
PATIENT = Options((), deadline_s=20.0, rest_s=30.0)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a scripted server; all are ended after the test."""
    with ExitStack() as stack:
        yield lambda **script: stack.enter_context(serving(Script(**script)))


@pytest.fixture
def open_at() -> Iterator[Open]:
    """Opens an engine at servers or addresses; all are closed after the test."""
    engines: list[OpenAIEngine] = []

    def make(
        *servers: ScriptedServer | ServerOptions, clock: Callable[[], float] = time.monotonic, **options: object
    ) -> OpenAIEngine:
        at = tuple(one if isinstance(one, ServerOptions) else ServerOptions(one.url) for one in servers)
        given = replace(PATIENT, servers=at, **options)  # type: ignore[arg-type]
        engines.append(open_engine(given, luck=lambda: 0.0, clock=clock))
        return engines[-1]

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture(scope="session")
def ask_text() -> AskText:
    """A question in words."""

    def make(key: str, text: str = "", *, frames: int = 1, lang: str = "en") -> AskedQuestion:
        return AskedQuestion(key, text or f"Is {key} visible?", frames=frames, lang=lang)  # type: ignore[arg-type]

    return make
