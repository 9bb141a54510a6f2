"""An engine without a model: the same answers for the same picture, and failures on demand.

Takes: queries; markers that a picture may hold, and what is to happen then.
Gives: margins drawn from the pictures' bytes and the question; EngineError, MemoryError, NaN, a crash or a hang.
Knows nothing about: what is to be seen in a picture."""

import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum

from analyzer.engine import Query, unknown
from contracts.errors import EngineError, Invalid
from contracts.explain import Explained, ExplainRequest
from contracts.messages import Answer, Capabilities, Detection, ModelRef
from contracts.site import AskedQuestion

HANG_S = 3600.0
_MODEL = ModelRef("fake", "1", "fake")


class Fault(StrEnum):
    """What a marked picture does to the engine."""

    FAIL = "fail"
    MEMORY = "memory"
    NAN = "nan"
    ABORT = "abort"
    HANG = "hang"


class FakeEngine:
    """Passes the same contract suite as the real ones. `faults`: marker in the picture's bytes -> what it does."""

    def __init__(self, faults: Mapping[bytes, Fault] | None = None) -> None:
        self._faults = dict(faults or {})
        self.batches: list[int] = []

    def capabilities(self, worker: str) -> Capabilities:
        """Anything may be asked: the answers mean nothing."""
        return Capabilities(worker, "fake", _MODEL, free_text=True, explains=True, writes=True)

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        """Deterministic; a fault of one frame that is not its own affair fails the whole batch."""
        self.batches.append(len(batch))
        return [self._one(query) for query in batch]

    def explain(self, request: ExplainRequest, pictures: Sequence[bytes]) -> Explained:
        """The same sentence for the same pictures, and one box."""
        for picture in pictures:
            for marker, fault in self._faults.items():
                if marker in picture:
                    _break(fault)
            if not _is_whole(picture):
                raise Invalid("picture: it is no whole JPEG", "look at the camera's stream")
        said = f"{len(pictures)} pictures, {' '.join(request.questions)}"
        return Explained(said, _MODEL, (Detection("something", 0.5, (0.25, 0.25, 0.75, 0.75)),), grounded=True)

    def write(self, prompt: str) -> str:
        """A plan with one question, whatever is asked; a marked prompt suffers."""
        for marker, fault in self._faults.items():
            if marker in prompt.encode():
                _break(fault)
        return '{"questions": [{"id": "q1", "text": "Is a person lying on the ground?"}], "logic": "q1"}'

    def close(self) -> None:
        """Nothing is held."""

    def _one(self, query: Query) -> tuple[Answer, ...]:
        picture = query.frame.picture
        for marker, fault in self._faults.items():
            if marker in picture:
                return _suffer(query, fault)
        if not _is_whole(picture):
            return unknown(query, "the picture is no whole JPEG")
        return tuple(_drawn(query, question) for question in query.questions)


def _is_whole(picture: bytes) -> bool:
    return picture.startswith(b"\xff\xd8") and picture.rstrip(b"\0").endswith(b"\xff\xd9")


def _drawn(query: Query, question: AskedQuestion) -> Answer:
    if len(query.earlier) + 1 < question.frames:
        return Answer(question.key, unknown_reason=f"it takes {question.frames} pictures, and there are fewer yet")
    earlier = query.earlier[len(query.earlier) - question.frames + 1 :]
    pictures = b"".join(frame.picture for frame in (*earlier, query.frame))
    drawn = hashlib.sha256(question.key.encode() + pictures).digest()
    return Answer(question.key, margin=int.from_bytes(drawn[:4], "big") / 2**32 * 8.0 - 4.0)


def _suffer(query: Query, fault: Fault) -> tuple[Answer, ...]:
    if fault is Fault.NAN:
        return tuple(Answer(question.key, margin=float("nan")) for question in query.questions)
    _break(fault)
    return unknown(query, "the fake engine hung")


def _break(fault: Fault) -> None:
    match fault:
        case Fault.FAIL | Fault.NAN:
            raise EngineError("fake engine: a marked picture came", "take the marker out")
        case Fault.MEMORY:
            raise MemoryError("fake engine: a marked picture came")
        case Fault.ABORT:
            os.abort()
        case Fault.HANG:
            time.sleep(HANG_S)
