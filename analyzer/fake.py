"""An engine without a model: the same answers for the same picture, and failures on demand.

Takes: queries; markers that a picture may hold, and what is to happen then.
Gives: margins drawn from the picture's bytes and the question; EngineError, MemoryError, NaN, a crash or a hang.
Knows nothing about: what is to be seen in a picture."""

import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum

from analyzer.engine import Query, unknown
from contracts.errors import EngineError
from contracts.messages import Answer, Capabilities, ModelRef

HANG_S = 3600.0


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
        return Capabilities(worker, "fake", ModelRef("fake", "1", "fake"), free_text=True)

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        """Deterministic; a fault of one frame that is not its own affair fails the whole batch."""
        self.batches.append(len(batch))
        return [self._one(query) for query in batch]

    def close(self) -> None:
        """Nothing is held."""

    def _one(self, query: Query) -> tuple[Answer, ...]:
        picture = query.frame.picture
        for marker, fault in self._faults.items():
            if marker in picture:
                return _suffer(query, fault)
        if not picture.startswith(b"\xff\xd8") or not picture.rstrip(b"\0").endswith(b"\xff\xd9"):
            return unknown(query, "the picture is no whole JPEG")
        return tuple(Answer(question.key, margin=_drawn(picture, question.key)) for question in query.questions)


def _drawn(picture: bytes, key: str) -> float:
    drawn = hashlib.sha256(key.encode() + picture).digest()
    return int.from_bytes(drawn[:4], "big") / 2**32 * 8.0 - 4.0


def _suffer(query: Query, fault: Fault) -> tuple[Answer, ...]:
    match fault:
        case Fault.FAIL:
            raise EngineError("fake engine: a marked picture came", "take the marker out")
        case Fault.MEMORY:
            raise MemoryError("fake engine: a marked picture came")
        case Fault.ABORT:
            os.abort()
        case Fault.HANG:
            time.sleep(HANG_S)
            return unknown(query, "the fake engine hung")
        case Fault.NAN:
            return tuple(Answer(question.key, margin=float("nan")) for question in query.questions)
