"""The test that a server passes before a camera's picture goes there: two pictures, asked about in turns.

Takes: a door and the profile found behind it.
Gives: nothing, or EngineError that names the server, what is wrong and the remedy.
Knows nothing about: cameras, rules.

A server that keeps what it computed for a prompt may hand out the picture before (it was seen: a cache keyed by the
text alone, an image skipped on a hit). So the same words are asked of two pictures, A B A B: each must repeat itself,
differ from the other, and equal what comes where the caches are passed by."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

import msgspec

from analyzer import prompt
from analyzer.openai.door import Door
from analyzer.openai.failures import RequestRefused
from analyzer.openai.options import ServerOptions
from analyzer.openai.profile import Mode, Profile, complete
from analyzer.openai.terms import Terms
from analyzer.openai.wire import Listed, Picture
from contracts.errors import EngineError

log = logging.getLogger(__name__)

QUESTION = "Is the picture mostly red?"
COLOURS = "Which colours does the picture show?"
#: log-probabilities in bfloat16 move by a few hundredths when requests are batched otherwise
NOISE = 0.01
#: two pictures that share less than this are told apart by nothing
LEAST_APART = 1e-6
WORDS = 16


@dataclass(frozen=True, slots=True)
class _Looks:
    """What was listed for A and for B, in turns; `fresh`: with the caches passed by, where the server allows that."""

    a: tuple[Sequence[Listed], Sequence[Listed]]
    b: tuple[Sequence[Listed], Sequence[Listed]]
    fresh: tuple[Sequence[Listed], Sequence[Listed]] | None


async def prove(
    door: Door, server: ServerOptions, profile: Profile, pictures: tuple[Picture, Picture], until: float
) -> None:
    """Raises EngineError where it fails, ServerFailed where it could not be held."""
    if profile.mode is Mode.TEXT:
        await _prove_by_words(door, server, profile, pictures, until)
        return
    looks = await _look(door, server, profile, pictures, until)
    apart = min(_distance(one, other) for one, other in zip(looks.a, looks.b, strict=True))
    repeats = max(_distance(*looks.a), _distance(*looks.b))
    if apart <= LEAST_APART:
        raise _mixed_up(server, "two different pictures got the same answer, to the last digit")
    # Half of what lies between the two pictures: beyond that, an answer is the other picture's.
    allowed = max(NOISE, 0.5 * apart)
    if repeats > allowed:
        raise _mixed_up(server, f"the same picture got answers {repeats:.2f} apart, two different ones {apart:.2f}")
    if looks.fresh:
        stale = max(_distance(looks.a[1], looks.fresh[0]), _distance(looks.b[1], looks.fresh[1]))
        if stale > allowed:
            raise _mixed_up(server, f"answers with and without its cache are {stale:.2f} apart")


async def _look(
    door: Door, server: ServerOptions, profile: Profile, pictures: tuple[Picture, Picture], until: float
) -> _Looks:
    text = prompt.instruction(1) + prompt.CUT + prompt.asked(QUESTION)

    async def listed(picture: Picture, salt: str = "") -> Sequence[Listed]:
        body = profile.question((picture,), text, salt=salt)
        return (await complete(door, server, body, Terms(until))).listed()

    first, second = pictures
    turns = [await listed(picture) for picture in (first, second, first, second)]
    try:
        fresh = (await listed(first, uuid4().hex), await listed(second, uuid4().hex))
    except RequestRefused:
        # Strict servers know no such fields; then the turns alone decide.
        return _Looks((turns[0], turns[2]), (turns[1], turns[3]), None)
    return _Looks((turns[0], turns[2]), (turns[1], turns[3]), fresh)


async def _prove_by_words(
    door: Door, server: ServerOptions, profile: Profile, pictures: tuple[Picture, Picture], until: float
) -> None:
    """Words are coarse: two pictures may get the same, so only an answer that is the other picture's is refused."""
    text = prompt.instruction(1) + prompt.CUT + COLOURS
    said: list[str] = []
    for picture in (*pictures, *pictures):
        body = msgspec.structs.replace(profile.question((picture,), text), max_tokens=WORDS)
        said.append((await complete(door, server, body, Terms(until))).text)
    a, b, a_again, b_again = said
    if a == b == a_again == b_again:
        log.warning("self-test could not tell two pictures apart by words", extra={"server": server.shown})
    elif (a != b and (a_again == b or b_again == a)) or (a == b and a_again != b_again):
        raise _mixed_up(server, "a picture got the words that were another's")


def _mixed_up(server: ServerOptions, how: str) -> EngineError:
    return EngineError(
        f"server '{server.shown}' mixes up pictures: {how}",
        "turn its prefix cache off or update it, and check that its model sees pictures",
    )


def _distance(one: Sequence[Listed], other: Sequence[Listed]) -> float:
    """The furthest that a token's log-probability lies from one list to the other, among those in both."""
    known = {listed.token: listed.logprob for listed in one}
    gaps = [
        abs(listed.logprob - before)
        for listed in other
        if listed.logprob is not None and (before := known.get(listed.token)) is not None
    ]
    return max(gaps, default=float("inf"))
