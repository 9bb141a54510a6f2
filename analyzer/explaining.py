"""The `explain` jobs of alerts, between frames: what was seen in the picture by which a rule fired.

Takes: jobs from Redis, pinned pictures, an engine that explains, a clock.
Gives: replies; what goes wrong is the reply's error.
Knows nothing about: incidents, how an engine explains.

Frames come first: a job is looked at after each turn. While frames wait, the engine is theirs for three times as long
as the last job took, and never for less than 2 s; so jobs get a quarter of a busy engine at most, and always some of
it."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from analyzer.deadline import ends_within
from analyzer.engine import Explainer
from contracts.broker import Client
from contracts.errors import EngineError, Invalid, NotFound, PlainwatchError
from contracts.explain import JOB, ExplainRequest
from contracts.jobs import Job, answer_job, waiting_job
from contracts.pins import Pins

ROOM = "analyzer"
REST_TIMES = 3.0
REST_AT_LEAST_S = 2.0


class ExplainDesk:
    """For the thread that calls the engine. Without an engine that explains there is no desk: others take the jobs."""

    def __init__(
        self, client: Client, pins: Pins, engine: Explainer, *, deadline_s: float, clock: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._pins = pins
        self._engine = engine
        self._deadline_s = deadline_s
        self._clock = clock
        self._rested_from: datetime | None = None
        self._rest_s = 0.0
        self._figures = dict.fromkeys(("explained", "explain_failed", "explain_ms"), 0.0)

    def figures(self) -> dict[str, float]:
        """Counts and summed milliseconds since the start."""
        return dict(self._figures)

    def turn(self, *, frames_wait: bool) -> bool:
        """Answers at most one job, and never waits for one; whether it did."""
        now = self._clock()
        if frames_wait and self._rested_from and abs((now - self._rested_from).total_seconds()) < self._rest_s:
            return False
        job = self._take(now)
        if job is None:
            return False
        answer_job(self._client, job, {JOB: self._explain}, now=now)
        self._rested_from = self._clock()
        took_s = max(0.0, (self._rested_from - now).total_seconds())
        self._rest_s = max(REST_AT_LEAST_S, REST_TIMES * took_s)
        self._figures["explain_ms"] += took_s * 1000
        return True

    def _take(self, now: datetime) -> Job | None:
        """Those that nobody waits for any more cost nothing."""
        job = waiting_job(self._client, ROOM)
        while job is not None and now >= job.deadline:
            job = waiting_job(self._client, ROOM)
        return job

    def _explain(self, payload: bytes) -> bytes:
        try:
            request = _request(payload)
            pictures = [self._picture(request.camera, sha256) for sha256 in request.pictures]
            with ends_within(self._deadline_s):
                explained = self._engine.explain(request, pictures)
        except PlainwatchError:
            self._figures["explain_failed"] += 1
            raise
        except MemoryError as error:
            self._figures["explain_failed"] += 1
            raise EngineError("engine: out of memory while it explained", "choose a smaller model") from error
        self._figures["explained"] += 1
        return msgspec.msgpack.encode(explained)

    def _picture(self, camera: str, sha256: str) -> bytes:
        picture = self._pins.fetch(camera, sha256)
        if picture is None:
            raise NotFound(f"picture '{sha256[:12]}' of camera '{camera}' is no longer kept", "raise PLAINWATCH_PIN_MB")
        return picture


def desk_for(
    client: Client, pins: Pins, engine: object, *, explains: bool, deadline_s: float, clock: Callable[[], datetime]
) -> ExplainDesk | None:
    """`explains`: what the engine's capabilities say; one that only passes jobs on may have nobody to pass them to."""
    if not explains or not isinstance(engine, Explainer):
        return None
    return ExplainDesk(client, pins, engine, deadline_s=deadline_s, clock=clock)


def _request(payload: bytes) -> ExplainRequest:
    try:
        request = msgspec.msgpack.decode(payload, type=ExplainRequest)
    except msgspec.DecodeError as error:
        raise Invalid(f"explain: the request cannot be read: {error}", "run one version in all processes") from error
    if not request.pictures or not request.questions:
        raise Invalid("explain: no picture or no question was given", "report this as a bug")
    return request
