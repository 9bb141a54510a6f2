"""The incidents that there would have been.

Takes: the moments of a run, in order.
Gives: for each rule its incidents, with the pictures that would have been the evidence.
Knows nothing about: how they are shown or counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.trial.watching import Happened, Moment
from contracts.messages import Detection
from rules.incidents.state import ChangeKind


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

    `looks`: of the opening, then of each time that it was told anew."""

    started_at: datetime
    opened_at: datetime
    looks: tuple[Look, ...]
    zone: str | None = None
    ended_at: datetime | None = None
    end_reason: str = ""

    @property
    def confidence(self) -> float:
        """The highest that was told."""
        return max(look.confidence for look in self.looks)


class Incidents:
    """Of all rules; at most one of a rule is open."""

    def __init__(self, rule_ids: Iterable[str]) -> None:
        self._by_rule: dict[str, list[Incident]] = {rule_id: [] for rule_id in rule_ids}

    def of(self, rule_id: str) -> Sequence[Incident]:
        """In the order of their opening."""
        return self._by_rule[rule_id]

    def hear(self, moment: Moment) -> None:
        """What this moment changed."""
        for happened in moment.happened:
            self._hear(happened, moment.picture)

    def _hear(self, happened: Happened, picture: bytes) -> None:
        change, told = happened.change, self._by_rule[happened.rule_id]
        look = Look(change.at, picture, change.boxes, change.confidence)
        match change.kind:
            case ChangeKind.OPENED:
                told.append(Incident(change.started_at, change.at, (look,), change.zone))
            case ChangeKind.UPDATED:
                told[-1] = replace(told[-1], looks=(*told[-1].looks, look), zone=change.zone or told[-1].zone)
            case ChangeKind.ENDED:
                told[-1] = replace(told[-1], ended_at=change.at, end_reason=change.reason.value)
