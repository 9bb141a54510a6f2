"""What holds for one request, and its place among those under way.

Takes: how long it has, where it may go, how many may be under way at once.
Gives: Terms; a place that is waited for in time, or TooLate.
Knows nothing about: HTTP, servers."""

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

from analyzer.openai.failures import TooLate


@dataclass(frozen=True, slots=True)
class Terms:
    """Of one request. `until`: of the loop's clock. `keep_local`: only to a machine of ours. `spare`: another server
    stands by, so no pause is waited for. `places`: for how many requests may be under way; none for self-tests, which
    must not take the place of questions to other servers."""

    until: float
    keep_local: bool = False
    spare: bool = False
    places: asyncio.Semaphore | None = None


def place(terms: Terms, name: str) -> AbstractAsyncContextManager[None]:
    """`name`: of the server, for people. Raises TooLate on entering."""
    return _Place(terms.places, terms.until, name) if terms.places else nullcontext()


class _Place:
    """`async with`, that gives up in time."""

    def __init__(self, places: asyncio.Semaphore, until: float, name: str) -> None:
        self._places = places
        self._until = until
        self._name = name

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout_at(self._until):
                await self._places.acquire()
        except TimeoutError as error:
            problem = f"deadline: the question still waited for its turn at {self._name}"
            remedy = "ask fewer questions, or raise PLAINWATCH_OPENAI_CONCURRENCY"
            raise TooLate(problem, remedy, had_s=0.0) from error

    async def __aexit__(self, *_: object) -> None:
        self._places.release()
