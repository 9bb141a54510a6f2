"""Rules that are asked and get no answer: an engine that fails, a zone that is gone.

Takes: what each frame's answers came to, rule by rule.
Gives: why a rule has had no answer of late; empty where it has, or where nothing was asked.
Knows nothing about: how long is too long, what is told of it.

A gate that spares the model a frame is no failure, nor is a thing that is followed before it has been seen long enough:
such answers count for nothing here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.judging import Key, Watch
from contracts.messages import Answer, Answers, StreamMessage
from rules.asking.asked import asked_key
from rules.incidents.logic import Truth
from rules.incidents.state import MachineState

#: one frame may fail
_IN_A_ROW = 3
#: who is no longer asked is not unanswered
_STALE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Silence:
    reason: str
    frames: int
    last_at: datetime


class Unanswered:
    """Written by the shards' workers, each for its own cameras, and read by the watcher."""

    def __init__(self) -> None:
        self._silent: dict[Key, _Silence] = {}

    def hear(self, watch: Watch, state: MachineState, message: StreamMessage) -> None:
        """After the machine has seen it."""
        judged = state.last_judgement
        if not isinstance(message, Answers) or judged is None or state.last_frame != (message.epoch, message.seq):
            return
        if judged.verdict is not Truth.UNKNOWN:
            self._silent.pop(watch.key, None)
            return
        reason = _reason(watch, message)
        if reason:
            before = self._silent.get(watch.key)
            frames = before.frames + 1 if before else 1
            self._silent[watch.key] = _Silence(reason, frames, message.captured_at)

    def reasons(self, now: datetime) -> dict[str, str]:
        """By rule id; of the first camera where it is so."""
        found: dict[str, str] = {}
        for (rule, _), silence in tuple(self._silent.items()):
            if silence.frames >= _IN_A_ROW and now - silence.last_at < _STALE:
                found.setdefault(rule, silence.reason)
        return found


def _reason(watch: Watch, message: Answers) -> str:
    wanted = {asked_key(watch.rule.plan, question) for question in watch.rule.plan.questions}
    given = [answer for answer in message.answers if answer.question_key in wanted]
    for answer in given:
        if answer.unknown_reason is not None and not answer.to_track and not _was_spared(answer):
            return f"camera '{watch.camera.name}': {answer.unknown_reason}"
    if watch.spec.missing_zones and given:
        return f"camera '{watch.camera.name}': it has no zone '{watch.spec.missing_zones[0]}'"
    return ""


def _was_spared(answer: Answer) -> bool:
    return answer.gate is not None and answer.gate.why == "shut"
