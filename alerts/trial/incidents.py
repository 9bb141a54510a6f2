"""The incidents that there would have been.

Takes: the moments of a run, in order.
Gives: for each rule its incidents, with the pictures that would have been the evidence.
Knows nothing about: how they are shown or counted."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.trial.watching import Happened, Moment
from contracts.messages import Detection
from rules.incidents.judge import UNKNOWN, Judgement
from rules.incidents.state import ChangeKind

#: some minutes of a camera: a few hundred bytes of judgement beside each picture
_RECENT_BYTES = 64 << 20
_RECENT_MOST = 4096


@dataclass(frozen=True, slots=True)
class Look:
    """What was shown of an incident at one time."""

    at: datetime
    picture: bytes
    boxes: tuple[Detection, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Incident:
    """`started_at`: when the condition began; `opened_at`: when it was told. `ended_at` None: the footage ended first.

    `looks`: of the opening, then of each time that it was told anew. `began` and `over`: of its beginning and its end,
    where those are other pictures."""

    started_at: datetime
    opened_at: datetime
    looks: tuple[Look, ...]
    zone: str | None = None
    ended_at: datetime | None = None
    end_reason: str = ""
    began: Look | None = None
    over: Look | None = None

    @property
    def confidence(self) -> float:
        """The highest that was told."""
        return max(look.confidence for look in self.looks)


@dataclass(frozen=True, slots=True)
class _Seen:
    at: datetime
    picture: bytes
    judged: Mapping[str, Judgement]


class _Recent:
    """What was seen of late: an incident is known later than it began."""

    def __init__(self) -> None:
        self._seen: deque[tuple[_Seen, int]] = deque()
        self._bytes = 0

    def keep(self, moment: Moment) -> None:
        """A picture that did not change is there once."""
        is_same = bool(self._seen) and self._seen[-1][0].picture is moment.picture
        size = 0 if is_same else len(moment.picture)
        self._seen.append((_Seen(moment.at, moment.picture, moment.judged), size))
        self._bytes += size
        while len(self._seen) > 1 and (self._bytes > _RECENT_BYTES or len(self._seen) > _RECENT_MOST):
            self._bytes -= self._seen.popleft()[1]

    def at(self, at: datetime) -> _Seen | None:
        """The newest that is not later."""
        return next((seen for seen, _ in reversed(self._seen) if seen.at <= at), None)


class Incidents:
    """Of all rules; at most one of a rule is open."""

    def __init__(self, rule_ids: Iterable[str]) -> None:
        self._by_rule: dict[str, list[Incident]] = {rule_id: [] for rule_id in rule_ids}
        self._recent = _Recent()

    def of(self, rule_id: str) -> Sequence[Incident]:
        """In the order of their opening."""
        return self._by_rule[rule_id]

    def hear(self, moment: Moment) -> None:
        """What this moment changed."""
        self._recent.keep(moment)
        for happened in moment.happened:
            self._hear(happened)

    def _hear(self, happened: Happened) -> None:
        change, told = happened.change, self._by_rule[happened.rule_id]
        seen = self._recent.at(change.at)
        look = Look(change.at, seen.picture if seen else b"", change.boxes, change.confidence)
        match change.kind:
            case ChangeKind.OPENED:
                began = self._look(happened.rule_id, change.started_at, other_than=seen)
                told.append(Incident(change.started_at, change.at, (look,), change.zone, began=began))
            case ChangeKind.UPDATED:
                told[-1] = replace(told[-1], looks=(*told[-1].looks, look), zone=change.zone or told[-1].zone)
            case ChangeKind.ENDED:
                shown = self._recent.at(told[-1].looks[-1].at)
                over = self._look(happened.rule_id, change.at, other_than=shown)
                told[-1] = replace(told[-1], ended_at=change.at, end_reason=change.reason.value, over=over)

    def _look(self, rule_id: str, at: datetime, *, other_than: _Seen | None) -> Look | None:
        """None: it is that picture, or was seen too long ago."""
        seen = self._recent.at(at)
        if seen is None or (other_than is not None and seen.at == other_than.at):
            return None
        judged = seen.judged.get(rule_id, UNKNOWN)
        return Look(seen.at, seen.picture, judged.boxes, judged.confidence)
