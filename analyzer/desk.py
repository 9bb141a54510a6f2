"""Jobs for the engine, between frames.

Takes: queues of jobs in Redis, a service for each, a clock.
Gives: replies; what goes wrong is the reply's error.
Knows nothing about: what the jobs are.

Frames come first: a job is looked at after each turn. While frames wait, the engine is theirs for three times as long
as a service's last job took, and never for less than 2 s; so each kind of job gets a quarter of a busy engine at most,
and always some of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.broker import Client
from contracts.jobs import Job, answer_job, waiting_job

REST_TIMES = 3.0
REST_AT_LEAST_S = 2.0


class Service(Protocol):
    """Answers the jobs of one kind, which wait in a queue of their own."""

    room: str
    kind: str

    def handle(self, payload: bytes) -> bytes:
        """Raises PlainwatchError with what is to be told to whoever asked."""
        ...

    def figures(self) -> dict[str, float]:
        """Counts and summed milliseconds since the start."""
        ...


@dataclass(slots=True)
class _Place:
    service: Service
    rested_from: datetime | None = None
    rest_s: float = 0.0


class JobDesk:
    """For the thread that calls the engine. The first of `services` goes first."""

    def __init__(self, client: Client, services: Sequence[Service], *, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._places = [_Place(service) for service in services]
        self._clock = clock

    def figures(self) -> dict[str, float]:
        """Of all services."""
        return {name: value for place in self._places for name, value in place.service.figures().items()}

    def turn(self, *, frames_wait: bool) -> bool:
        """Answers at most one job, and never waits for one; whether it did."""
        return any(self._served(place, frames_wait) for place in self._places)

    def _served(self, place: _Place, frames_wait: bool) -> bool:
        now = self._clock()
        if frames_wait and place.rested_from and abs((now - place.rested_from).total_seconds()) < place.rest_s:
            return False
        job = self._take(place.service.room, now)
        if job is None:
            return False
        answer_job(self._client, job, {place.service.kind: place.service.handle}, now=now)
        place.rested_from = self._clock()
        took_s = max(0.0, (place.rested_from - now).total_seconds())
        place.rest_s = max(REST_AT_LEAST_S, REST_TIMES * took_s)
        return True

    def _take(self, room: str, now: datetime) -> Job | None:
        """Those that nobody waits for any more cost nothing."""
        job = waiting_job(self._client, room)
        while job is not None and now >= job.deadline:
            job = waiting_job(self._client, room)
        return job
