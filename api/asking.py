"""Kept pictures before the engine: as many at a time as live cameras can spare.

Takes: frames in their order, questions.
Gives: what an analyzer answers, frame by frame.
Knows nothing about: rules, where the frames come from."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import msgspec

from contracts.broker import Client
from contracts.jobs import ask
from contracts.messages import Answers, Keyframe
from contracts.site import AskedQuestion
from contracts.trial import CAMERA, FRAMES_MOST, JOB, ROOM, TrialAnswers, TrialRequest

#: so long a live frame waits for one of our jobs, where one frame does not take longer
SLICE_MS = 500.0
#: beside the engine's own deadline: live frames come first
_GRACE_S = 60.0


@dataclass(frozen=True, slots=True)
class Asker:
    """`bell` wakes an analyzer that waits for frames."""

    client: Client
    bell: str
    clock: Callable[[], datetime]
    engine_deadline_s: float

    def answered(
        self, frames: Iterable[Keyframe], questions: tuple[AskedQuestion, ...], *, keep_local: bool
    ) -> Iterator[Answers]:
        """One for each frame, in order. Raises JobTimedOut, BusUnreachable, or PlainwatchError with a worker's text."""
        before = max((question.frames for question in questions), default=1) - 1
        coming, most = iter(frames), 1
        earlier: tuple[Keyframe, ...] = ()
        while chunk := tuple(islice(coming, most)):
            frames_sent = tuple(_hidden(frame) for frame in (*earlier, *chunk))
            reply = self._ask(TrialRequest(frames_sent, questions, len(earlier), keep_local))
            each_ms = reply.infer_ms / len(chunk)
            for frame, given in zip(chunk, reply.answers, strict=True):
                yield Answers(
                    frame.camera, frame.epoch, frame.seq, frame.captured_at, 1, reply.model, given, 0.0, each_ms
                )
            earlier = (*earlier, *chunk)[-before:] if before else ()
            most = max(1, min(FRAMES_MOST, int(SLICE_MS / max(each_ms, 1.0))))

    def _ask(self, request: TrialRequest) -> TrialAnswers:
        raw = ask(
            self.client,
            ROOM,
            JOB,
            msgspec.msgpack.encode(request),
            now=self.clock(),
            timeout_s=self.engine_deadline_s + _GRACE_S,
            bell=self.bell,
        )
        return msgspec.msgpack.decode(raw, type=TrialAnswers)


def _hidden(frame: Keyframe) -> Keyframe:
    return msgspec.structs.replace(frame, camera=CAMERA)
