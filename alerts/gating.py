"""How the gates before the model learn: an event's best score once, and what became of events since a gate closed.

Takes: the machines' changes with the gate's looks in the answers; events that are over.
Gives: GateEvent, one for each event; gates that close and open again, in the batch's own transaction.
Knows nothing about: pictures, embeddings, who skips.

A frame's score for a rule is the smallest of its questions': with `and` all of them must be asked, and with `or` that
is the careful side, since the question that fires may have scored higher. Only frames that the rule affirmed are an
event's: a person who leaves changes the picture too, and nobody sees the event in that frame any more.
Events in memory are lost with the process, and then not counted."""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.judging import Change, ChangeKind, Key, Watch
from contracts.messages import Answers, StreamMessage, Unchanged
from rules.asking.asked import asked_key
from rules.incidents.logic import Truth
from rules.incidents.state import MachineState
from rules.learning.gate import gateable
from store.gates import GateKey
from store.rules import RuleRow

#: of one event; with more, its later frames no longer count
MOST_FRAMES = 1000
_OVER_BY_ITSELF = {"cleared", "window"}


@dataclass(frozen=True, slots=True)
class Chances:
    """How the gate looks at what it would skip, as the settings say: by chance, and when it is due."""

    audit_rate: float = 0.02
    due_s: float = 10.0


@dataclass(frozen=True, slots=True)
class GateEvent:
    """One event, over. `score`: the best of its frames'. `was_open`: so was the gate, for all of them.

    `stands_for`: how many events like it there were, if its score lies below the bar."""

    key: GateKey
    score: float
    was_open: bool
    stands_for: float = 1.0


@dataclass(frozen=True, slots=True)
class _Look:
    at: datetime
    score: float
    model: str
    is_open: bool
    is_above: bool


@dataclass(slots=True)
class _Following:
    """One rule on one camera: the frames affirmed of late, and the event that is open."""

    looks: deque[_Look] = field(default_factory=lambda: deque(maxlen=MOST_FRAMES))
    last_yes: datetime | None = None
    started_at: datetime | None = None


class GateEvents:
    """What one shard's worker follows; it sees every message after the rule's machine did."""

    def __init__(self, chances: Chances = Chances()) -> None:
        self._chances = chances
        self._following: dict[Key, _Following] = {}

    def hear(
        self, watch: Watch, state: MachineState, message: StreamMessage | None, changes: Iterable[Change]
    ) -> tuple[GateEvent, ...]:
        """`state` as it is after the message. No message: time alone moved it."""
        if not gateable(watch.rule.plan):
            return ()
        followed = self._following.setdefault(watch.key, _Following())
        _follow(followed, watch.rule, state, message)
        over: list[GateEvent] = []
        for change in changes:
            if change.kind is ChangeKind.OPENED:
                followed.started_at = change.started_at
            elif change.kind is ChangeKind.ENDED and followed.started_at is not None:
                event = self._event(watch, followed) if change.reason.value in _OVER_BY_ITSELF else None
                over += [event] if event else []
                self._following[watch.key] = followed = _Following()
        return tuple(over)

    def _event(self, watch: Watch, followed: _Following) -> GateEvent | None:
        """None where the gate closed or opened in its midst, or never looked."""
        began, last = followed.started_at, followed.last_yes
        if began is None or last is None:
            return None
        # What must last is missed all the same where it is found too late to last.
        hold_s = watch.spec.hold_s if watch.rule.plan.temporal.kind == "sustained" else 0.0
        found_by = last - timedelta(seconds=hold_s)
        looks = [look for look in followed.looks if began <= look.at <= found_by]
        if not looks or len({(look.model, look.is_open) for look in looks}) > 1:
            return None
        key = GateKey(watch.rule.id, watch.rule.version, watch.camera.group, looks[0].model)
        # Above the published bar and below this rule's own: asked because of another rule, and never by luck.
        stands_for = 1.0 if any(look.is_above for look in looks) else self._rarity((last - began).total_seconds())
        return GateEvent(key, max(look.score for look in looks), looks[0].is_open, stands_for)

    def _rarity(self, seen_s: float) -> float:
        """1 / the chance that an event that lasts so long is looked at: surely if it lasts until one is due."""
        chance = min(1.0, seen_s / self._chances.due_s)
        return 1.0 / max(chance, self._chances.audit_rate)


def _follow(followed: _Following, rule: RuleRow, state: MachineState, message: StreamMessage | None) -> None:
    judged = state.last_judgement
    if judged is None or judged.main.stay is not Truth.YES:
        return
    if isinstance(message, Unchanged) and state.last_frame == (message.epoch, message.same_as_seq):
        followed.last_yes = message.captured_at
    if not isinstance(message, Answers) or state.last_frame != (message.epoch, message.seq):
        return
    followed.last_yes = message.captured_at
    look = _look_of(rule, message)
    if look is None or (followed.started_at is not None and len(followed.looks) == MOST_FRAMES):
        return
    followed.looks.append(look)


def _look_of(rule: RuleRow, message: Answers) -> _Look | None:
    """None where no gate looked. What a detector answers has no look: it is always asked."""
    keys = {asked_key(rule.plan, question) for question in rule.plan.questions}
    looks = [answer.gate for answer in message.answers if answer.gate and answer.question_key in keys]
    if not looks or not all(math.isfinite(look.score) and look.model == looks[0].model for look in looks):
        return None
    return _Look(
        message.captured_at,
        min(look.score for look in looks),
        looks[0].model,
        all(look.why == "open" for look in looks),
        all(look.why == "above" for look in looks),
    )
