"""The `write` jobs of api: a model's text for a prompt, without a picture.

Takes: requests, an engine that writes.
Gives: what it wrote, unchecked.
Knows nothing about: what it is for, when jobs are answered."""

import msgspec

from analyzer.deadline import ends_within
from analyzer.engine import Engine, Writer
from contracts.errors import EngineError, Invalid
from contracts.opinion import JOB, LONGEST_PROMPT, ROOM, WriteRequest, Written


class Writing:
    """For the thread that calls the engine."""

    room, kind = ROOM, JOB

    def __init__(self, engine: Writer, *, deadline_s: float) -> None:
        self._engine = engine
        self._deadline_s = deadline_s
        self._written = 0.0

    def figures(self) -> dict[str, float]:
        """Texts since the start."""
        return {"written": self._written}

    def handle(self, payload: bytes) -> bytes:
        """Raises EngineError or Invalid."""
        try:
            request = msgspec.msgpack.decode(payload, type=WriteRequest)
        except msgspec.DecodeError as error:
            raise Invalid(f"write: the request cannot be read: {error}", "run one version in all processes") from error
        if len(request.prompt) > LONGEST_PROMPT:
            raise Invalid(f"write: the prompt has {len(request.prompt)} characters", f"at most {LONGEST_PROMPT}")
        try:
            with ends_within(self._deadline_s):
                text = self._engine.write(request.prompt)
        except MemoryError as error:
            raise EngineError("engine: out of memory while it wrote", "choose a smaller model") from error
        self._written += 1
        return msgspec.msgpack.encode(Written(text, self._engine.capabilities("").model))


def writing(engine: Engine, *, writes: bool, deadline_s: float) -> tuple[Writing, ...]:
    """Nothing where the engine does not write. `writes`: what its capabilities say."""
    return (Writing(engine, deadline_s=deadline_s),) if writes and isinstance(engine, Writer) else ()
