"""From signs to episodes: when something has been wrong long enough to tell, and right long enough to be over.

Takes: signs, the episodes that go on, the current time.
Gives: what begins and what ends.
Knows nothing about: what the signs are about, the database, webhooks.

Who comes and goes has to stay right for longer each time, so that a loose plug is told once and not all night."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.signs import Key, Kind, Sign
from store.conditions import ConditionRow

STEADY = timedelta(seconds=5)
STEADY_MOST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Begins:
    """To be told as wrong."""

    sign: Sign
    since: datetime


@dataclass(frozen=True, slots=True)
class Ends:
    """To be told as over."""

    row: ConditionRow


@dataclass(frozen=True, slots=True)
class Patience:
    """How long it must be wrong first; those that are missing are told at once."""

    before: Mapping[Kind, timedelta] = field(default_factory=dict)

    def of(self, kind: Kind) -> timedelta:
        """Zero where the sign itself has waited."""
        return self.before.get(kind, timedelta(0))


class Episodes:
    """What is remembered here is only how long it has looked so; who restarts waits anew, and tells nothing twice."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._wrong: dict[Key, datetime] = {}
        self._right: dict[Key, datetime] = {}

    def weigh(
        self, signs: Iterable[Sign], active: Mapping[Key, ConditionRow], now: datetime
    ) -> tuple[tuple[Begins, ...], tuple[Ends, ...]]:
        """All signs there are: those that are not among them are forgotten."""
        wrong, right, begins, ends = {}, {}, [], []
        for sign in signs:
            row = active.get(sign.key)
            if sign.wrong is True:
                wrong[sign.key] = _earlier(self._wrong.get(sign.key), now)
                if row is None and now - wrong[sign.key] >= self._patience.of(sign.kind):
                    begins.append(Begins(sign, sign.since or wrong[sign.key]))
            elif sign.wrong is False:
                right[sign.key] = _earlier(self._right.get(sign.key), now)
                if row is not None and now - right[sign.key] >= _steady(row):
                    ends.append(Ends(row))
        self._wrong, self._right = wrong, right
        return tuple(begins), tuple(ends)


def _earlier(known: datetime | None, now: datetime) -> datetime:
    """A clock that was set back begins the count anew."""
    return now if known is None or known > now else known


def _steady(row: ConditionRow) -> timedelta:
    return min(STEADY_MOST, STEADY * (1 << min(row.episodes - 1, 10)))
