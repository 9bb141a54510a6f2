"""The jobs of ingest, each on a thread of its own, a few at a time.

Takes: jobs from Redis, handlers by kind.
Gives: replies. A camera that hangs a probe occupies one place, and others go on.
Knows nothing about: what the jobs do."""

import logging
import threading
from collections.abc import Mapping

from contracts.broker import Client
from contracts.errors import Unavailable
from contracts.jobs import Handler, Job, answer_job, take_job
from contracts.service import Stop
from ingest.source import Clock

log = logging.getLogger(__name__)

_ROOM = "ingest"
_PLACES = 8
_AWAY_S = 1.0


class Desk:
    """`run` until stopped, on one thread."""

    def __init__(
        self,
        client: Client,
        handlers: Mapping[str, Handler],
        clock: Clock,
        *,
        room: str = _ROOM,
        places: int = _PLACES,
    ) -> None:
        self._client = client
        self._handlers = handlers
        self._clock = clock
        self._room = room
        self._places = threading.BoundedSemaphore(places)

    def run(self, stop: Stop) -> None:
        """A job waits in Redis while every place is taken."""
        while not stop.is_set():
            if not self._places.acquire(timeout=_AWAY_S):
                continue
            job = self._next(stop)
            if job is None:
                self._places.release()
                continue
            threading.Thread(target=self._answer, args=(job,), name=f"job-{job.kind}", daemon=True).start()

    def _next(self, stop: Stop) -> Job | None:
        try:
            return take_job(self._client, self._room)
        except Unavailable:
            stop.wait(_AWAY_S)
            return None

    def _answer(self, job: Job) -> None:
        try:
            answer_job(self._client, job, self._handlers, now=self._clock.now())
        except Unavailable as error:
            log.warning("job not answered", extra={"kind": job.kind, "problem": str(error)})
        finally:
            self._places.release()
