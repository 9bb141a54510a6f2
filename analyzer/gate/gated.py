"""An engine behind a gate: what looks not worth asking is not asked, and said so.

Takes: an engine, a dual tower, a memory of what was asked last.
Gives: the engine's answers with the gate's look beside each; unknown "gated" for what was skipped.
Knows nothing about: how bars are learnt, Redis.

The gate never skips a question that has no bar (too few events have proven one), that chance picked for an audit,
that was not asked about this camera for `due_s`, or whose last answer was no clear no: one yes seldom makes an
incident, so what one frame began the next ones must confirm, hold and end. Its own failure opens it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from analyzer.engine import Engine, Explainer, Query, Writer
from analyzer.gate.score import Unit, is_audited, worth_asking
from analyzer.picture import Picture, decode
from contracts.errors import EngineError, Invalid, Unavailable
from contracts.explain import Explained, ExplainRequest
from contracts.gates import Asked, GateMemory
from contracts.messages import Answer, Capabilities, GateLook, Keyframe
from contracts.site import AskedQuestion, Bar

log = logging.getLogger(__name__)

GATED = "gated"
_Why = Literal["open", "above", "likely", "audit", "due", "shut"]
AUDIT_RATE = 0.02
DUE_S = 10.0
_PICTURE_PIXELS = 224
_MOST_TEXTS = 10_000


class Looker(Protocol):
    """What the gate needs of the towers."""

    name: str
    device: str

    def look(self, pictures: Sequence[Picture]) -> npt.NDArray[np.float32]: ...
    def read(self, text: str) -> npt.NDArray[np.float32]: ...


class Memories(Protocol):
    """What the gate needs of Redis."""

    def load(self, camera: str) -> GateMemory: ...
    def keep(self, camera: str, memory: GateMemory) -> None: ...


@dataclass(frozen=True, slots=True)
class _Sifted:
    query: Query
    looks: dict[str, GateLook]
    memory: GateMemory | None = None
    embedding: bytes = b""


class GatedEngine:
    """The same port. `audit_rate`: the part of skipped questions that is asked all the same."""

    def __init__(
        self,
        engine: Engine,
        towers: Looker,
        memories: Memories,
        *,
        audit_rate: float = AUDIT_RATE,
        due_s: float = DUE_S,
    ) -> None:
        self._engine = engine
        self._towers = towers
        self._memories = memories
        self._audit_rate = audit_rate
        self._due_s = due_s
        self._texts: dict[str, Unit] = {}
        self._broken = ""

    def capabilities(self, worker: str) -> Capabilities:
        """Of the engine behind it, with the gate's name, and where that really runs."""
        offered = self._engine.capabilities(worker)
        return msgspec.structs.replace(offered, gate=self._towers.name, gate_device=self._towers.device)

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        """One look at each picture, whatever the number of questions."""
        sifted = self._sift(batch)
        asked = iter(self._engine.answer([each.query for each in sifted if each.query.questions]))
        answered = [next(asked) if each.query.questions else () for each in sifted]
        for each, given in zip(sifted, answered, strict=True):
            if each.memory is not None:
                self._keep(each.query.frame.camera, _after(each.memory, each, given))
        return [_merged(*given) for given in zip(batch, sifted, answered, strict=True)]

    def explain(self, request: ExplainRequest, pictures: Sequence[bytes]) -> Explained:
        """A rule that fires is past the gate."""
        if not isinstance(self._engine, Explainer):
            raise EngineError("engine: it explains nothing", "run the engine vlm or openai")
        return self._engine.explain(request, pictures)

    def write(self, prompt: str) -> str:
        """Without a picture there is nothing to gate."""
        if not isinstance(self._engine, Writer):
            raise EngineError("engine: it writes nothing", "run the engine openai")
        return self._engine.write(prompt)

    def close(self) -> None:
        """Of the engine behind it."""
        self._engine.close()

    def _sift(self, batch: Sequence[Query]) -> list[_Sifted]:
        try:
            embedded = self._embed(batch)
            sifted = [self._one(query, unit) for query, unit in zip(batch, embedded, strict=True)]
        except (EngineError, Unavailable) as error:
            if self._broken != error.code:
                log.warning("gate stood open", extra={"problem": str(error)})
            self._broken = error.code
            return [_Sifted(query, {}) for query in batch]
        self._broken = ""
        return sifted

    def _embed(self, batch: Sequence[Query]) -> list[Unit | None]:
        """None for a picture that cannot be decoded: the engine will say so itself."""
        pictures: dict[int, Picture] = {}
        for index, query in enumerate(batch):
            if query.questions:
                picture = _decoded(query.frame)
                pictures |= {index: picture} if picture is not None else {}
        units = self._towers.look(list(pictures.values())) if pictures else np.empty((0, 0), np.float32)
        found = dict(zip(pictures, units, strict=True))
        return [found.get(index) for index in range(len(batch))]

    def _one(self, query: Query, unit: Unit | None) -> _Sifted:
        if unit is None or not np.isfinite(unit).all():
            return _Sifted(query, {})
        frame = query.frame
        memory = self._memories.load(frame.camera)
        if memory.model != self._towers.name or memory.epoch != frame.epoch:
            memory = GateMemory(self._towers.name, frame.epoch)
        looks = {question.key: self._look(question, frame, unit, memory) for question in query.questions}
        due = tuple(question for question in query.questions if looks[question.key].why != "shut")
        known = {key: asked for key, asked in memory.asked.items() if key in looks}
        kept = msgspec.structs.replace(memory, asked=known)
        return _Sifted(replace(query, questions=due), looks, kept, unit.astype(np.float16).tobytes())

    def _look(self, question: AskedQuestion, frame: Keyframe, unit: Unit, memory: GateMemory) -> GateLook:
        before = memory.asked.get(question.key)
        seen = np.frombuffer(before.embedding, np.float16).astype(np.float32) if before else None
        score = worth_asking(unit, self._text(question.text), seen)
        return GateLook(score, self._why(question.bar, score, frame, before), self._towers.name)

    def _why(self, bar: Bar | None, score: float, frame: Keyframe, before: Asked | None) -> _Why:
        if bar is None or bar.model != self._towers.name or (bar.until and frame.captured_at >= bar.until):
            return "open"
        if score >= bar.score:
            return "above"
        if before is None or _is_due(before.at, frame.captured_at, self._due_s):
            return "due"
        if before.likely:
            return "likely"
        return "audit" if is_audited(frame.camera, frame.epoch, frame.seq, self._audit_rate) else "shut"

    def _text(self, text: str) -> Unit:
        if text not in self._texts:
            if len(self._texts) >= _MOST_TEXTS:
                self._texts.clear()
            self._texts[text] = self._towers.read(text)
        return self._texts[text]

    def _keep(self, camera: str, memory: GateMemory) -> None:
        try:
            self._memories.keep(camera, memory)
        except Unavailable as error:
            log.warning("gate's memory not kept", extra={"camera_id": camera, "problem": str(error)})


def is_gated(answers: Sequence[Answer]) -> bool:
    """Whether nothing at all was asked about a frame."""
    return bool(answers) and all(answer.unknown_reason == GATED for answer in answers)


def _merged(query: Query, sifted: _Sifted, answered: tuple[Answer, ...]) -> tuple[Answer, ...]:
    given = {answer.question_key: answer for answer in answered}
    merged = []
    for question in query.questions:
        look = sifted.looks.get(question.key)
        answer = given.get(question.key) or Answer(question.key, unknown_reason=GATED)
        merged.append(msgspec.structs.replace(answer, gate=look))
    return tuple(merged)


def _after(memory: GateMemory, sifted: _Sifted, answered: Sequence[Answer]) -> GateMemory:
    """A question that got no answer was not asked: it stays due."""
    at = sifted.query.frame.captured_at
    floors = {question.key: question.floor for question in sifted.query.questions}
    asked = {
        answer.question_key: Asked(at, sifted.embedding, not _is_clear_no(answer, floors[answer.question_key]))
        for answer in answered
        if answer.unknown_reason is None
    }
    return msgspec.structs.replace(memory, asked=memory.asked | asked)


def _is_clear_no(answer: Answer, floor: float) -> bool:
    return answer.margin is not None and answer.margin < floor


def _is_due(asked_at: datetime, now: datetime, due_s: float) -> bool:
    """Also when the clock was set back."""
    return abs((now - asked_at).total_seconds()) >= due_s


def _decoded(frame: Keyframe) -> Picture | None:
    try:
        return decode(frame.picture, width=_PICTURE_PIXELS, height=_PICTURE_PIXELS)
    except Invalid:
        return None
