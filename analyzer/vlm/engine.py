"""The engine `vlm` behind the port: free text about pictures, several cameras at once.

Takes: queries; a Loaded model that proves itself first.
Gives: margins with their mass, explanations; unknown with the reason where there is none, never a guess.
Knows nothing about: Redis, rules.

Frames are grouped by how many pictures a question wants and how long the prompt becomes, which the budget of visual
tokens makes the same for cameras of one shape; nothing is padded. In a group, vision and common prompt are read once a
frame, and each frame's own questions are packed behind it."""

import logging
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import msgspec
import torch

from analyzer.engine import Query
from analyzer.vlm.decode import InTime
from analyzer.vlm.detail import Detail, raised
from analyzer.vlm.explain import explained
from analyzer.vlm.load import Loaded
from analyzer.vlm.looking import Look, Place, Shown, closer, looks_at, show
from analyzer.vlm.no_memory import out_of_memory
from analyzer.vlm.proof import Path, Proof, prove
from analyzer.vlm.reading import Prefixed, by_shape, open_prefixes
from analyzer.vlm.remember import Memory
from analyzer.vlm.scoring import Reading, Scored, score
from analyzer.yes_no import LEAST_MASS
from contracts.errors import EngineError, Invalid
from contracts.explain import Explained, ExplainRequest
from contracts.messages import Answer, Capabilities
from contracts.plan import MOST_FRAMES
from contracts.site import AskedQuestion

log = logging.getLogger(__name__)

#: frames wait while it lasts; one more pass, and the pictures' own reading, may come on top
EXPLAIN_WITHIN_S = 10.0
#: a batch that was halved for want of memory is doubled again after so many without trouble
FORGIVEN_AFTER = 64
_MOST_SUFFIXES = 4096


class VlmEngine:
    """Called from one thread. `clock`: monotonic seconds, for `answer_deadline_s` and `explain_within_s`.

    The latter is a budget, well below the time after which the process is taken for dead: an explanation is up to a
    hundred passes of the model, which two cores may need a minute for. It is not taken in slices between batches: who
    wants frames to go first in a queue of jobs lets them (analyzer/desk.py gives them three times as long afterwards).

    `remembered`: how many pictures are kept as the model left them, so that an explanation need not look again."""

    def __init__(
        self,
        loaded: Loaded,
        *,
        clock: Callable[[], float],
        batch_frames: int = 8,
        answer_deadline_s: float = math.inf,
        explain_within_s: float = EXPLAIN_WITHIN_S,
        detail: Detail = "off",
        least_mass: float = LEAST_MASS,
        remembered: int = 8,
    ) -> None:
        with _failing(loaded):
            self.proof: Proof = prove(loaded)
        self._loaded: Loaded | None = replace(
            loaded, shares_prefix=self.proof.path != "vision_shared", freezes=self.proof.freezes
        )
        self._ref, self._device = loaded.ref, loaded.device.type
        self._clock = clock
        self._batch_frames = self._most = batch_frames
        self._untroubled = 0
        self._deadline_s = answer_deadline_s
        self._explain_within_s = explain_within_s
        self._detail = detail
        self._least_mass = least_mass
        self._memory: Memory[tuple[tuple[int, int], ...]] = Memory(most=remembered)
        self._suffixes: dict[tuple[str, str], list[int]] = {}

    @property
    def path(self) -> Path:
        """How a picture is shared between its questions."""
        return self.proof.path

    def capabilities(self, worker: str) -> Capabilities:
        """Any question; predicates are answered by their words."""
        offered = Capabilities(worker, "vlm", self._ref, free_text=True, device=self._device)
        return msgspec.structs.replace(offered, explains=self.proof.explains)

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        """MemoryError: not even one frame fits."""
        loaded, in_time = self._open(), self._within(self._deadline_s)
        with _failing(loaded):
            found = looks_at(loaded, batch, self._detail)
            readings = self._read(loaded, batch, found.looks, in_time)
            if self._detail == "crop":
                self._look_closer(loaded, batch, found.looks, readings, in_time)
        return [
            tuple(
                self._answer(question, readings.get((index, at)), found.reasons.get((index, at), "deadline"))
                for at, question in enumerate(query.questions)
            )
            for index, query in enumerate(batch)
        ]

    def explain(self, request: ExplainRequest, pictures: Sequence[bytes]) -> Explained:
        """From what the model still remembers of the pictures, else by looking again.

        As much of it as there is time for; EngineError where there is none for a single word."""
        loaded, in_time, seen = self._open(), self._within(self._explain_within_s), pictures[-MOST_FRAMES:]
        if not self.proof.explains:
            raise EngineError(
                f"model '{self._ref.name}': it does not explain: {self.proof.reason}", "choose another checkpoint"
            )
        if not seen:
            raise Invalid(f"explanation for camera '{request.camera}': it names no picture", "give at least one")
        with _failing(loaded):
            shown = show(loaded, seen, self._detail, times=2)
            # What only tiles showed is sought where it was seen: the last of them is the whole, and boxes lie in it.
            prefixed = self._opened(loaded, shown)
            said = explained(loaded, prefixed, shown.pictures, request.questions, request.lang, in_time=in_time)
        if not said.text and not in_time():
            raise EngineError(
                f"model '{self._ref.name}': it had no time left for a word after it had looked",
                "choose a smaller model, or raise PLAINWATCH_ENGINE_DEADLINE_S",
            )
        return said

    def close(self) -> None:
        """Gives the memory back; safe to call twice."""
        self._loaded = None
        self._memory.clear()
        _give_back(self._device)

    def _open(self) -> Loaded:
        if self._loaded is None:
            raise EngineError(f"model '{self._ref.name}': it was closed", "start the analyzer again")
        return self._loaded

    def _opened(self, loaded: Loaded, shown: Shown) -> Prefixed:
        kept = self._memory.get(shown.key)
        if kept is not None:
            return Prefixed(kept.prefix, kept.beside)
        return open_prefixes(loaded, [shown.views], tiled=shown.tiled)[0]

    def _within(self, seconds: float) -> InTime:
        started = self._clock()
        return lambda: self._clock() - started < seconds

    def _read(
        self, loaded: Loaded, batch: Sequence[Query], looks: Sequence[Look], in_time: InTime
    ) -> dict[Place, Reading]:
        """Group by group; a group that does not fit comes again in halves."""
        readings: dict[Place, Reading] = {}
        waiting = [[looks[index] for index in group] for group in by_shape([look.prepared for look in looks])]
        while waiting and in_time():
            group = waiting.pop()
            most = max(1, self._most // group[0].pictures)
            if len(group) > most:
                waiting.append(group[most:])
                group = group[:most]
            scored = self._score(loaded, batch, group, in_time)
            if scored is None:
                waiting.append(group)
                continue
            self._remember(batch, group, scored)
            for look, row in zip(group, scored.readings, strict=True):
                readings.update(zip(look.places, row, strict=False))  # fewer where time ran out
        return readings

    def _score(
        self, loaded: Loaded, batch: Sequence[Query], group: Sequence[Look], in_time: InTime
    ) -> Scored | None:
        """None: there was no memory for it, and the next try will be smaller."""
        rows = [[self._suffix(loaded, batch[query].questions[at]) for query, at in look.places] for look in group]
        try:
            scored = score(loaded, self.proof.path, [look.prepared for look in group], rows, in_time)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error) or (len(group) == 1 and not len(self._memory)):
                raise
        else:
            self._forgive()
            return scored
        # Only here, with the error gone, is what it held free.
        self._memory.clear()
        _give_back(self._device)
        self._most, self._untroubled = max(1, len(group) * group[0].pictures // 2), 0
        log.warning("batch halved for want of memory", extra={"model": self._ref.name, "frames": self._most})
        return None

    def _forgive(self) -> None:
        self._untroubled += 1
        if self._most < self._batch_frames and self._untroubled >= FORGIVEN_AFTER:
            self._most, self._untroubled = min(self._batch_frames, 2 * self._most), 0

    def _look_closer(
        self,
        loaded: Loaded,
        batch: Sequence[Query],
        looks: Sequence[Look],
        readings: dict[Place, Reading],
        in_time: InTime,
    ) -> None:
        again = [
            closer(loaded, batch[look.places[0][0]], look, [readings[place].margin for place in look.places])
            for look in looks
            if all(place in readings for place in look.places)
        ]
        second = self._read(loaded, batch, [look for look in again if look], in_time)
        for place, reading in second.items():
            if reading.mass >= self._least_mass and raised(readings[place].margin, reading.margin) == reading.margin:
                readings[place] = reading

    def _remember(self, batch: Sequence[Query], group: Sequence[Look], scored: Scored) -> None:
        """Only what may have to be explained: each takes tens of MiB."""
        if scored.prefix is None or not self.proof.freezes or not self.proof.explains:
            return
        for row, (look, readings) in enumerate(zip(group, scored.readings, strict=True)):
            floors = [batch[query].questions[at].floor for query, at in look.places]
            if look.key and any(one.margin >= floor for one, floor in zip(readings, floors, strict=False)):
                self._memory.put(look.key, scored.prefix.row(row), look.prepared.sizes)

    def _suffix(self, loaded: Loaded, question: AskedQuestion) -> list[int]:
        key = (question.text, question.lang)
        if key not in self._suffixes:
            if len(self._suffixes) >= _MOST_SUFFIXES:
                self._suffixes.clear()
            self._suffixes[key] = loaded.layout.question_ids(*key)
        return self._suffixes[key]

    def _answer(self, question: AskedQuestion, reading: Reading | None, reason: str) -> Answer:
        if reading is None:
            return Answer(question.key, unknown_reason=reason)
        if not math.isfinite(reading.margin) or not math.isfinite(reading.mass):
            return Answer(question.key, unknown_reason="the model gave no number")
        if reading.mass < self._least_mass:
            said = f"the model did not answer yes or no (mass {reading.mass:.2f})"
            return Answer(question.key, mass=reading.mass, unknown_reason=said)
        return Answer(question.key, margin=reading.margin, mass=reading.mass)


@contextmanager
def _failing(loaded: Loaded) -> Iterator[None]:
    """torch's failures as ours."""
    try:
        yield
    except RuntimeError as error:
        if out_of_memory(error):
            raise MemoryError(f"model '{loaded.ref.name}': no memory left, even for one frame") from error
        problem = (str(error).strip() or "no reason given").splitlines()[0][:200]
        raise EngineError(f"model '{loaded.ref.name}': it failed: {problem}", "see the log, and report this") from error


def _give_back(device: str) -> None:
    if device == "cuda":
        torch.cuda.empty_cache()
