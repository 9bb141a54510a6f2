"""One server as the engine uses it: proven before use, rested after failures, proven again before the next use.

Takes: its options, a door, the profile that all servers must share.
Gives: completions and scores, or the failure.
Knows nothing about: batches, rules, the other servers."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from analyzer.openai import circuit as circuits
from analyzer.openai.circuit import Circuit, State
from analyzer.openai.door import Door, Luck
from analyzer.openai.failures import NotLocal, RequestRefused, ServerBusy, ServerFailed, TooLate
from analyzer.openai.options import Options, ServerOptions
from analyzer.openai.profile import Profile, complete, find_profile
from analyzer.openai.proof import prove
from analyzer.openai.score import Scored
from analyzer.openai.shown import two_pictures
from analyzer.openai.wire import Chat, Completion, Picture, picture_part
from contracts.errors import EngineError

log = logging.getLogger(__name__)

#: a request that had less of the deadline than this was cut by us, not failed by the server
FAIR_SHARE = 0.4

MakeChat = Callable[[Profile], Chat]


@dataclass(slots=True)
class Agreed:
    """What all servers of an engine have in common; the first that proves itself decides."""

    profile: Profile | None = None


@dataclass(slots=True)
class Server:
    """Belongs to one event loop. `slots`: how many requests may be under way at all servers together."""

    options: ServerOptions
    shared: Options
    door: Door
    slots: asyncio.Semaphore
    agreed: Agreed
    luck: Luck
    circuit: Circuit = field(init=False)
    _profile: Profile | None = field(default=None, init=False)
    _proving: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _problem: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.circuit = Circuit(rest_s=self.shared.rest_s)

    async def score(self, shown: tuple[Picture, ...], text: str, *, until: float, keep_local: bool) -> Scored:
        """The answer to one question."""
        completion, profile = await self.complete(
            lambda profile: profile.question(shown, text), until=until, keep_local=keep_local
        )
        return profile.scored(completion)

    async def complete(self, make: MakeChat, *, until: float, keep_local: bool) -> tuple[Completion, Profile]:
        """Raises ServerFailed and its kinds, RequestRefused. Every outcome is entered in the circuit."""
        profile = await self.ready(until)
        loop = asyncio.get_running_loop()
        async with _Slot(self.slots, until, self.options.shown):
            begun_s = loop.time()
            try:
                completion = await complete(
                    self.door, self.options, make(profile), until=until, keep_local=keep_local
                )
            except (ServerBusy, NotLocal):
                raise
            except TooLate as late:
                if loop.time() - begun_s >= FAIR_SHARE * self.shared.deadline_s:
                    self._failed(late)
                raise
            except ServerFailed as failure:
                self._failed(failure)
                raise
            except RequestRefused:
                self.circuit = circuits.succeeded(self.circuit)
                raise
        self.circuit = circuits.succeeded(self.circuit)
        return completion, profile

    def rests(self, now: float) -> bool:
        """Whether it would refuse at once."""
        return self._profile is None and self.circuit.state is State.OPEN and now < self.circuit.until

    async def ready(self, until: float) -> Profile:
        """At once where it is proven; else one proves it and the others wait. Raises EngineError."""
        if self._profile:
            return self._profile
        async with _Slot(self._proving, until, self.options.shown):
            if self._profile:
                return self._profile
            loop = asyncio.get_running_loop()
            self.circuit, may = circuits.tried(self.circuit, loop.time())
            if not may:
                raise ServerFailed(f"server '{self.options.shown}' rests after failures: {self._problem}", "")
            try:
                profile = await self._prove(until)
            except EngineError as error:
                self._failed(error, at_once=True)
                # A refusal here is no question's fault.
                raise ServerFailed(error.problem, error.remedy) from error
            # Whatever became of requests from before: the proof is newer.
            self.circuit = Circuit(rest_s=self.shared.rest_s)
            self._profile = profile
            log.info(
                "server proven", extra={"server": self.options.shown, "model": profile.model, "mode": str(profile.mode)}
            )
            return profile

    async def _prove(self, until: float) -> Profile:
        first, second = (picture_part(jpeg) for jpeg in two_pictures(uuid4().int))
        profile = await find_profile(self.door, self.options, self.shared, first, until)
        agreed = self.agreed.profile
        if agreed and _identity(agreed) != _identity(profile):
            expected, got = (" ".join(_identity(each)) for each in (agreed, profile))
            raise EngineError(
                f"server '{self.options.shown}' gives '{got}', the engine began with '{expected}'",
                "serve the same model everywhere, or start the analyzer anew",
            )
        await prove(self.door, self.options, profile, (first, second), until)
        self.agreed.profile = agreed or profile
        return profile

    def _failed(self, error: EngineError, *, at_once: bool = False) -> None:
        """Proven no longer once it rests: it may come back as another server, or with another model."""
        before = self.circuit.state
        self._problem = error.problem
        now = asyncio.get_running_loop().time()
        self.circuit = circuits.failed(self.circuit, now, self.luck(), at_once=at_once)
        if self.circuit.state is State.OPEN and before is not State.OPEN:
            self._profile = None
            log.warning("server rests after failures", extra={"server": self.options.shown, "problem": error.problem})


class _Slot:
    """`async with` on a lock or semaphore, that gives up in time."""

    def __init__(self, lock: asyncio.Semaphore | asyncio.Lock, until: float, shown: str) -> None:
        self._lock = lock
        self._until = until
        self._shown = shown

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout_at(self._until):
                await self._lock.acquire()
        except TimeoutError as error:
            problem = f"deadline: the question still waited for its turn at server '{self._shown}'"
            raise TooLate(problem, "ask fewer questions, or raise PLAINWATCH_OPENAI_CONCURRENCY") from error

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


def _identity(profile: Profile) -> tuple[str, str, str]:
    return profile.model, profile.revision, str(profile.mode)
