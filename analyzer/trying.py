"""The `try` jobs of api: a rule that is not live yet is shown pictures that were kept.

Takes: requests with the pictures in them, an engine, a clock.
Gives: raw answers.
Knows nothing about: rules, archives, when jobs are answered."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from analyzer.deadline import ends_within
from analyzer.engine import Engine, Query, asked_apart
from analyzer.work import EARLIER_WITHIN_S
from contracts.errors import Invalid
from contracts.messages import Keyframe
from contracts.trial import FRAMES_MOST, JOB, ROOM, TrialAnswers, TrialRequest


class Trying:
    """For the thread that calls the engine."""

    room, kind = ROOM, JOB

    def __init__(self, engine: Engine, *, deadline_s: float, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._deadline_s = deadline_s
        self._clock = clock
        self._figures = dict.fromkeys(("tried", "try_ms"), 0.0)

    def figures(self) -> dict[str, float]:
        """Frames, and summed milliseconds, since the start."""
        return dict(self._figures)

    def handle(self, payload: bytes) -> bytes:
        """A frame that fails alone is unknown. Raises Invalid."""
        request = _request(payload)
        queries = [_query(request, at) for at in range(request.earlier, len(request.frames))]
        began = self._clock()
        with ends_within(self._deadline_s):
            answers = asked_apart(self._engine, queries)
        infer_ms = max(0.0, (self._clock() - began).total_seconds() * 1000)
        self._figures["tried"] += len(queries)
        self._figures["try_ms"] += infer_ms
        model = self._engine.capabilities("").model
        return msgspec.msgpack.encode(TrialAnswers(model, tuple(answers), infer_ms))


def _query(request: TrialRequest, at: int) -> Query:
    frame, wanted = request.frames[at], max(question.frames for question in request.questions) - 1
    near = tuple(one for one in request.frames[:at] if _is_near(one, frame))
    return Query(frame, request.questions, near[-wanted:] if wanted else (), request.keep_local)


def _is_near(earlier: Keyframe, frame: Keyframe) -> bool:
    return frame.captured_at - earlier.captured_at <= timedelta(seconds=EARLIER_WITHIN_S)


def _request(payload: bytes) -> TrialRequest:
    try:
        request = msgspec.msgpack.decode(payload, type=TrialRequest)
    except msgspec.DecodeError as error:
        raise Invalid(f"try: the request cannot be read: {error}", "run one version in all processes") from error
    asked = len(request.frames) - request.earlier
    if not request.questions or not 0 < asked <= FRAMES_MOST or request.earlier < 0:
        raise Invalid(f"try: {asked} frames and {len(request.questions)} questions", "report this as a bug")
    return request
