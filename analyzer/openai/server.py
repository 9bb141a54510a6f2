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
from analyzer.openai.failures import BeingProven, NotLocal, RequestRefused, ServerBusy, ServerFailed, TooLate
from analyzer.openai.options import Options, ServerOptions
from analyzer.openai.profile import Profile, complete, find_profile
from analyzer.openai.proof import prove
from analyzer.openai.score import Scored
from analyzer.openai.shown import two_pictures
from analyzer.openai.terms import Terms
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


@dataclass(frozen=True, slots=True)
class Turn:
    """One question's turn at one server. `spare`: another stands by, so nothing is waited for but the answer."""

    until: float
    spare: bool = False


@dataclass(slots=True)
class Server:
    """Belongs to one event loop. `places`: how many questions may be under way at all servers together. `clock`: for
    rests, which go on while the loop stands still."""

    options: ServerOptions
    shared: Options
    door: Door
    places: asyncio.Semaphore
    agreed: Agreed
    luck: Luck
    clock: Callable[[], float]
    circuit: Circuit = field(init=False)
    _profile: Profile | None = field(default=None, init=False)
    _proof: asyncio.Task[Profile | EngineError] | None = field(default=None, init=False)
    _problem: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.circuit = Circuit(rest_s=self.shared.rest_s)

    async def score(self, shown: tuple[Picture, ...], text: str, turn: Turn, *, keep_local: bool) -> Scored:
        """The answer to one question."""
        completion, profile = await self.complete(
            lambda profile: profile.question(shown, text), turn, keep_local=keep_local
        )
        return profile.scored(completion)

    async def complete(self, make: MakeChat, turn: Turn, *, keep_local: bool) -> tuple[Completion, Profile]:
        """Raises ServerFailed and its kinds, RequestRefused. Every outcome is entered in the circuit."""
        profile = await self.ready(turn)
        terms = Terms(turn.until, keep_local, turn.spare, self.places)
        try:
            completion = await complete(self.door, self.options, make(profile), terms)
        except (ServerBusy, NotLocal):
            raise
        except TooLate as late:
            if late.had_s >= FAIR_SHARE * self.shared.deadline_s:
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

    def stands_by(self) -> bool:
        """Whether it would answer now, as far as is known."""
        return self._profile is not None and self.door.pause_s == 0.0

    def rests(self, until: float) -> bool:
        """Whether it would refuse at once, for a question that has so long."""
        if self._profile is None and self.circuit.state is State.OPEN and self.clock() < self.circuit.until:
            return True
        return asyncio.get_running_loop().time() + self.door.pause_s >= until

    async def ready(self, turn: Turn | None = None) -> Profile:
        """At once where it is proven; else its proof is begun and, where no other stands by, waited for. Without a turn
        to its end. Raises ServerFailed."""
        if self._profile:
            return self._profile
        proof = self._proof or self._begin_proof()
        if turn and turn.spare:
            raise BeingProven(f"server '{self.options.shown}' is being proven", "")
        left_s = None if turn is None else turn.until - asyncio.get_running_loop().time()
        done, _ = await asyncio.wait((proof,), timeout=left_s)
        if not done:
            raise BeingProven(f"deadline: server '{self.options.shown}' is still being proven", "wait, or add servers")
        profile = proof.result()
        if isinstance(profile, EngineError):
            # A refusal here is no question's fault.
            raise ServerFailed(profile.problem, profile.remedy) from profile
        return profile

    async def close(self) -> None:
        """Safe to call twice."""
        if self._proof:
            self._proof.cancel()
            await asyncio.wait((self._proof,))
        await self.door.close()

    def _begin_proof(self) -> asyncio.Task[Profile | EngineError]:
        """Never two at once. Raises ServerFailed while it rests."""
        self.circuit, may = circuits.tried(self.circuit, self.clock())
        if not may:
            raise ServerFailed(f"server '{self.options.shown}' rests after failures: {self._problem}", "")
        # Its own time, not a question's: a slow server would never be proven within that.
        until = asyncio.get_running_loop().time() + self.shared.prove_within_s
        self._proof = asyncio.create_task(self._proven(until))
        return self._proof

    async def _proven(self, until: float) -> Profile | EngineError:
        profile: Profile | None = None
        try:
            profile = await self._prove(until)
        except EngineError as error:
            self._failed(error, at_once=True)
            return error
        finally:
            self._proof = None
            if profile is None and self.circuit.state is State.HALF_OPEN:
                # Cancelled, or a fault of ours: a trial that nobody judges would leave it out for good.
                self.circuit = circuits.failed(self.circuit, self.clock(), self.luck())
        # Whatever became of requests from before: the proof is newer.
        self.circuit = circuits.proven(self.circuit)
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
        self.circuit = circuits.failed(self.circuit, self.clock(), self.luck(), at_once=at_once)
        if self.circuit.state is State.OPEN and before is not State.OPEN:
            self._profile = None
            log.warning("server rests after failures", extra={"server": self.options.shown, "problem": error.problem})


def _identity(profile: Profile) -> tuple[str, str, str]:
    return profile.model, profile.revision, str(profile.mode)
