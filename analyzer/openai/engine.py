"""The engine openai behind the port.

Takes: queries; the options.
Gives: answers, and explanations; whatever happens to the servers, an answer that did not come is unknown.
Knows nothing about: Redis, rules, torch."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence

from analyzer.engine import Query
from analyzer.openai.ask import answer
from analyzer.openai.door import Door, Luck
from analyzer.openai.explain import explain
from analyzer.openai.loop import StoppableLoop
from analyzer.openai.options import Options, ServerOptions, from_settings
from analyzer.openai.profile import Profile
from analyzer.openai.server import Agreed, Server
from analyzer.openai.write import write
from contracts.errors import EngineError
from contracts.explain import Explained, ExplainRequest
from contracts.messages import Answer, Capabilities, ModelRef
from contracts.settings import Settings

log = logging.getLogger(__name__)

ENGINE = "openai"
#: where the model runs, we do not see
DEVICE = "remote"


class OpenAIEngine:
    """Holds an event loop and the connections; called from one thread. Make it with `open_engine`."""

    def __init__(self, runner: asyncio.Runner, options: Options, servers: Sequence[Server], profile: Profile) -> None:
        self._runner = runner
        self._options = options
        self._servers = tuple(servers)
        self._model = ModelRef(profile.model, profile.marked_revision(options.visual_tokens), ENGINE)
        self._closed = False

    def capabilities(self, worker: str) -> Capabilities:
        """Anything may be asked. A revision that ends in +text: words only, no probabilities, never calibrated."""
        return Capabilities(worker, ENGINE, self._model, free_text=True, device=DEVICE, explains=True, writes=True)

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        """Within the deadline, whatever the servers do."""
        options = self._options
        return self._runner.run(
            answer(self._servers, batch, budget=options.budget, deadline_s=options.deadline_s)
        )

    def explain(self, request: ExplainRequest, pictures: Sequence[bytes]) -> Explained:
        """Raises EngineError, Invalid."""
        return self._runner.run(explain(self._servers, request, pictures, options=self._options, model=self._model))

    def write(self, prompt: str) -> str:
        """Raises EngineError."""
        return self._runner.run(write(self._servers, prompt, deadline_s=self._options.deadline_s))

    def close(self) -> None:
        """Safe to call twice."""
        if not self._closed:
            self._closed = True
            self._runner.run(_close(self._servers))
            self._runner.close()


def open_engine(
    options: Options,
    *,
    luck: Luck = lambda: random.uniform(-1, 1),
    clock: Callable[[], float] = time.monotonic,
) -> OpenAIEngine:
    """Raises EngineError unless one server proves itself; one that is away now is tried again when it is needed.
    `clock`: for rests and pauses of servers."""
    runner = asyncio.Runner(loop_factory=StoppableLoop)
    servers: list[Server] = []
    try:
        servers += runner.run(_make(options, luck, clock))
        profile = runner.run(_first_proven(servers))
    except BaseException:
        runner.run(_close(servers))
        runner.close()
        raise
    return OpenAIEngine(runner, options, servers, profile)


def open_openai_engine(settings: Settings) -> OpenAIEngine:
    """With the servers that the settings name."""
    return open_engine(from_settings(settings))


async def _make(options: Options, luck: Luck, clock: Callable[[], float]) -> list[Server]:
    places, agreed = asyncio.Semaphore(options.at_once), Agreed()

    def door(server: ServerOptions) -> Door:
        local = options.local_networks
        return Door(server, at_once=options.at_once, local_networks=local, luck=luck, clock=clock)

    return [Server(one, options, door(one), places, agreed, luck, clock) for one in options.servers]


async def _first_proven(servers: Sequence[Server]) -> Profile:
    """All are tried, so that a wrong one is known at the start; in turn, since the first decides on the model."""
    profile: Profile | None = None
    problem: EngineError | None = None
    for server in servers:
        try:
            found = await server.ready()
            profile = profile or found
        except EngineError as error:
            problem = problem or error
            log.warning("server not usable", extra={"server": server.options.shown, "problem": str(error)})
    if profile is None:
        raise problem or EngineError("engine openai: no server is given", "set PLAINWATCH_OPENAI_URL")
    return profile


async def _close(servers: Sequence[Server]) -> None:
    for server in servers:
        await server.close()
