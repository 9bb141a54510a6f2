"""The alert worker's part without its database: machines, frames without an answer, the passing of time.

Takes: one camera's rules, the outcome of each frame.
Gives: a Moment for each: what was judged, and which would-be incidents it changed.
Knows nothing about: engines, buses, what is shown of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.consume import TICK_EVERY
from alerts.following import Follower
from alerts.judging import Change, Judges, States, Watch
from contracts.messages import Answers, StreamMessage
from rules.incidents.judge import UNKNOWN, Judgement


@dataclass(frozen=True, slots=True)
class Happened:
    """A rule's incident opened, was seen better, or ended."""

    rule_id: str
    change: Change


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame. `picture`: its JPEG, or that of the frame it equals. Mappings are by rule id.

    `answers`: what the rule was judged by, where anything was said anew; `judged`: what was made of it."""

    at: datetime
    outcome: StreamMessage
    picture: bytes
    answers: Mapping[str, Answers]
    judged: Mapping[str, Judgement]
    happened: tuple[Happened, ...]


class Watcher:
    """What the alert worker is to a live camera: its machines, the frames without an answer, the passing of time."""

    def __init__(self, judges: Judges, watches: Sequence[Watch], starts_at: datetime) -> None:
        self._judges = judges
        self._watches = watches
        self._states: States = {}
        self._follower = Follower()
        self._seq = 0
        self._picture = b""
        self._ticked_at = starts_at

    def hear(self, outcome: StreamMessage, picture: bytes | None = None) -> Moment:
        """Each in its turn. `picture` None: that of the frame before is still what is seen."""
        told = self._follower.hear(self._judges, outcome)
        message = told.message
        self._picture = picture or self._picture
        happened = self._pass_time(message.captured_at)
        skipped, self._seq = message.seq - self._seq - 1, message.seq
        answers: dict[str, Answers] = {}
        for watch in self._watches:
            said = told.again if watch.follows and told.again else message
            answers |= {watch.rule.id: said} if isinstance(said, Answers) else {}
            changes = self._judges.hear(watch, self._states, message, skipped=skipped, again=told.again)
            happened += [Happened(watch.rule.id, change) for change in changes]
        if message.captured_at - self._ticked_at >= TICK_EVERY:
            happened += self._tick(message.captured_at)
        judged = {watch.rule.id: self._states[watch.key].last_judgement or UNKNOWN for watch in self._watches}
        return Moment(message.captured_at, message, self._picture, answers, judged, tuple(happened))

    def _pass_time(self, now: datetime) -> list[Happened]:
        """Between two frames that are far apart."""
        happened: list[Happened] = []
        while self._ticked_at + TICK_EVERY < now:
            happened += self._tick(self._ticked_at + TICK_EVERY)
        return happened

    def _tick(self, now: datetime) -> list[Happened]:
        self._ticked_at = now
        moved, changes = self._judges.tick(self._states, now)
        self._states |= moved
        return [Happened(watch.rule.id, change) for watch, change in changes]
