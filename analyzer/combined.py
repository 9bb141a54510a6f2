"""A detector and a model that reads, behind one door: each question goes to the one that answers it better.

Takes: the edge engine, an engine that reads free text.
Gives: boxes and counts from the detector where it knows the things, the reader's word for everything else.
Knows nothing about: Redis, rules, how either answers.

A verdict names the reader as its model; an answer that the detector gave says so in `by`."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from analyzer.engine import Engine, Explainer, Query, Writer, checked, unknown
from contracts.errors import EngineError
from contracts.explain import Explained, ExplainRequest
from contracts.messages import Answer, Capabilities
from contracts.site import AskedQuestion

log = logging.getLogger(__name__)

_Belongs = Callable[[AskedQuestion], bool]


class CombinedEngine:
    """The same port. It owns both engines."""

    def __init__(self, edge: Engine, reader: Engine) -> None:
        self._edge = edge
        self._reader = reader
        known = edge.capabilities("")
        self._kinds = frozenset(known.predicates)
        self._labels = frozenset(known.labels)

    def capabilities(self, worker: str) -> Capabilities:
        """The reader's, with the detector's labels and predicates."""
        known = self._edge.capabilities(worker)
        reads = self._reader.capabilities(worker)
        explains = reads.explains and isinstance(self._reader, Explainer)
        writes = reads.writes and isinstance(self._reader, Writer)
        return msgspec.structs.replace(
            reads, labels=known.labels, predicates=known.predicates, free_text=True, explains=explains, writes=writes
        )

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        """Of several frames the failure of either part is all of theirs: the worker halves the batch and asks again.
        Of a single one only that part's answers are unknown."""
        # The reader first: it is the one that runs out of memory, and the dear one to ask twice.
        read = _ask(self._reader, batch, lambda question: not self._detects(question))
        seen = _ask(self._edge, batch, self._detects)
        engine = self._edge.capabilities("").engine
        return [
            tuple(
                msgspec.structs.replace(next(from_edge), by=engine) if self._detects(question) else next(from_reader)
                for question in query.questions
            )
            for query, from_edge, from_reader in zip(batch, map(iter, seen), map(iter, read), strict=True)
        ]

    def explain(self, request: ExplainRequest, pictures: Sequence[bytes]) -> Explained:
        """The reader's. Raises EngineError also where it cannot."""
        if not isinstance(self._reader, Explainer):
            raise EngineError("engine: the model behind it does not explain", "choose the engine vlm or openai")
        return self._reader.explain(request, pictures)

    def write(self, prompt: str) -> str:
        """The reader's. Raises EngineError also where it cannot."""
        if not isinstance(self._reader, Writer):
            raise EngineError("engine: the model behind it does not write", "choose the engine openai")
        return self._reader.write(prompt)

    def close(self) -> None:
        """Both."""
        self._reader.close()
        self._edge.close()

    def _detects(self, question: AskedQuestion) -> bool:
        """All of its labels, since not seeing one that is unknown would mean nothing."""
        wanted = question.predicate
        if wanted is None or wanted.kind not in self._kinds:
            return False
        named = (*wanted.labels, *wanted.others)
        return self._labels.issuperset(named) and (wanted.kind != "objects" or bool(named))


def _ask(engine: Engine, batch: Sequence[Query], belongs: _Belongs) -> list[tuple[Answer, ...]]:
    """One engine's part of each query; a frame without a part for it is not shown to it."""
    parts = [replace(query, questions=tuple(filter(belongs, query.questions))) for query in batch]
    due = [index for index, part in enumerate(parts) if part.questions]
    answers: list[tuple[Answer, ...]] = [()] * len(batch)
    if not due:
        return answers
    shown = [parts[index] for index in due]
    try:
        given = checked(shown, engine.answer(shown))
    except (EngineError, MemoryError) as error:
        if len(batch) > 1:
            raise
        problem = error.problem if isinstance(error, EngineError) else "out of memory"
        log.warning("engine failed", extra={"camera_id": batch[0].frame.camera, "problem": str(error)})
        given = [unknown(shown[0], f"the engine failed: {problem}")]
    for index, one in zip(due, given, strict=True):
        answers[index] = one
    return answers
