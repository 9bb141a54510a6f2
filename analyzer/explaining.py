"""The `explain` jobs of alerts: what was seen in the picture by which a rule fired.

Takes: requests, pinned pictures, an engine that explains, a clock.
Gives: one sentence and boxes.
Knows nothing about: incidents, how an engine explains, when jobs are answered."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from analyzer.deadline import ends_within
from analyzer.engine import Explainer
from contracts.errors import EngineError, Invalid, NotFound, PlainwatchError
from contracts.explain import JOB, ExplainRequest
from contracts.pins import Pins

ROOM = "analyzer"


class Explaining:
    """For the thread that calls the engine."""

    room, kind = ROOM, JOB

    def __init__(self, pins: Pins, engine: Explainer, *, deadline_s: float, clock: Callable[[], datetime]) -> None:
        self._pins = pins
        self._engine = engine
        self._deadline_s = deadline_s
        self._clock = clock
        self._figures = dict.fromkeys(("explained", "explain_failed", "explain_ms"), 0.0)

    def figures(self) -> dict[str, float]:
        """Counts and summed milliseconds since the start."""
        return dict(self._figures)

    def handle(self, payload: bytes) -> bytes:
        """Raises PlainwatchError."""
        began = self._clock()
        try:
            request = _request(payload)
            pictures = [self._picture(request.camera, sha256) for sha256 in request.pictures]
            earlier = self._earlier(request)
            with ends_within(self._deadline_s):
                explained = self._engine.explain(request, [*earlier, *pictures])
            if len(earlier) < len(request.earlier):
                # What shows only over time is not grounded by a still.
                explained = msgspec.structs.replace(explained, grounded=False)
        except PlainwatchError:
            self._figures["explain_failed"] += 1
            raise
        except MemoryError as error:
            self._figures["explain_failed"] += 1
            raise EngineError("engine: out of memory while it explained", "choose a smaller model") from error
        finally:
            self._figures["explain_ms"] += max(0.0, (self._clock() - began).total_seconds() * 1000)
        self._figures["explained"] += 1
        return msgspec.msgpack.encode(explained)

    def _earlier(self, request: ExplainRequest) -> list[bytes]:
        """All of them or none: with a gap they would show another change."""
        found = [self._pins.fetch(request.camera, sha256) for sha256 in request.earlier]
        return [] if None in found else [picture for picture in found if picture is not None]

    def _picture(self, camera: str, sha256: str) -> bytes:
        picture = self._pins.fetch(camera, sha256)
        if picture is None:
            raise NotFound(f"picture '{sha256[:12]}' of camera '{camera}' is no longer kept", "raise PLAINWATCH_PIN_MB")
        return picture


def explaining(
    pins: Pins, engine: object, *, explains: bool, deadline_s: float, clock: Callable[[], datetime]
) -> tuple[Explaining, ...]:
    """Nothing where the engine does not explain: others take the jobs. `explains`: what its capabilities say; one that
    only passes jobs on may have nobody to pass them to."""
    if not explains or not isinstance(engine, Explainer):
        return ()
    return (Explaining(pins, engine, deadline_s=deadline_s, clock=clock),)


def _request(payload: bytes) -> ExplainRequest:
    try:
        request = msgspec.msgpack.decode(payload, type=ExplainRequest)
    except msgspec.DecodeError as error:
        raise Invalid(f"explain: the request cannot be read: {error}", "run one version in all processes") from error
    if not request.pictures or not request.questions:
        raise Invalid("explain: no picture or no question was given", "report this as a bug")
    return request
