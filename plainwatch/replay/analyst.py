"""Frames in, outcomes out: the analyzer's part without its bus, its site and its deadlines.

Takes: an engine, the questions, frames in order.
Gives: one outcome for every frame, in order, with the picture it is about; how much the engine cost.
Knows nothing about: rules. What is answered does not depend on how fast the machine is."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from analyzer.engine import Engine, Query, asked_apart
from analyzer.work import EARLIER_WITHIN_S
from contracts.messages import Answer, Answers, BusMessage, Keyframe, StreamMessage, Unchanged
from contracts.site import AskedQuestion


@dataclass(frozen=True, slots=True)
class Looked:
    """One frame's outcome. `picture`: the JPEG, which an `Unchanged` has not."""

    outcome: StreamMessage
    picture: bytes | None = None


class Analyst:
    """For one run. `batch_frames` frames go through the engine at once: always as many, so that runs are equal."""

    def __init__(
        self,
        engine: Engine,
        questions: Sequence[AskedQuestion],
        *,
        batch_frames: int,
        monotonic_s: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._model = engine.capabilities("replay").model
        self._questions = tuple(questions)
        self._batch_frames = batch_frames
        self._monotonic_s = monotonic_s
        most = max((question.frames for question in questions), default=1)
        self._earlier: deque[Keyframe] = deque(maxlen=most - 1)
        self.frames = 0
        self.engine_ms = 0.0

    def outcomes(self, messages: Iterable[BusMessage]) -> Iterator[Looked]:
        """As many as there are messages."""
        waiting: list[Unchanged | Query] = []
        queries = 0
        for message in messages:
            waiting.append(message if isinstance(message, Unchanged) else self._query(message))
            queries += isinstance(message, Keyframe)
            if queries >= self._batch_frames:
                yield from self._looked(waiting)
                waiting, queries = [], 0
        yield from self._looked(waiting)

    def _query(self, frame: Keyframe) -> Query:
        oldest = frame.captured_at - timedelta(seconds=EARLIER_WITHIN_S)
        query = Query(frame, self._questions, tuple(one for one in self._earlier if one.captured_at >= oldest))
        self._earlier.append(frame)
        return query

    def _looked(self, waiting: Sequence[Unchanged | Query]) -> Iterator[Looked]:
        queries = [one for one in waiting if isinstance(one, Query)]
        answers = iter(self._timed(queries))
        for one in waiting:
            yield Looked(one) if isinstance(one, Unchanged) else self._answered(one, next(answers))

    def _answered(self, query: Query, given: tuple[Answer, ...]) -> Looked:
        frame = query.frame
        answers = Answers(frame.camera, frame.epoch, frame.seq, frame.captured_at, 1, self._model, given, 0.0, 0.0)
        return Looked(answers, frame.picture)

    def _timed(self, queries: Sequence[Query]) -> list[tuple[Answer, ...]]:
        if not queries or not self._questions:
            return [()] * len(queries)
        began_s = self._monotonic_s()
        answers = asked_apart(self._engine, queries)
        self.frames += len(queries)
        self.engine_ms += (self._monotonic_s() - began_s) * 1000
        return answers
