"""Incidents whose explanation is still to come.

Takes: a connection inside the caller's transaction, an incident's id and what to ask about it.
Gives: the same back, one at a time, under a lease, so that no two workers ask about one incident at once.
Knows nothing about: who explains, pictures, webhooks.

A row is there until the explanation came or was given up; an attempt counts from the moment it begins, so that a
worker that dies of it does not try for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from store.schema import explanations, incidents
from store.times import to_text

#: whom to tell first when not all can be told
_URGENCY = {"critical": 0, "high": 1, "medium": 2, "low": 3, "info": 4}
_waiting = explanations.alias("waiting")


@dataclass(frozen=True, slots=True)
class Wish:
    """`attempts` counts the one that runs under this lease."""

    incident_id: str
    questions: tuple[str, ...]
    wanted_at: str
    attempts: int
    leased_until: str


def want_explanation(connection: sa.Connection, incident_id: str, questions: tuple[str, ...], *, now: datetime) -> None:
    """In the transaction that opens the incident."""
    at, asked = to_text(now), msgspec.json.encode(questions).decode()
    connection.execute(
        sa.insert(explanations).values(incident_id=incident_id, questions=asked, wanted_at=at, next_at=at)
    )


def any_wish_due(connection: sa.Connection, *, now: datetime, since: datetime, can_ask: bool) -> bool:
    """A cheap look, to spare a write transaction. Wishes from before `since` are due to be given up, others where
    there is somebody to ask."""
    old = explanations.c.wanted_at < to_text(since)
    due = sa.and_(_free(now), sa.or_(old, explanations.c.next_at <= to_text(now)) if can_ask else old)
    return connection.execute(sa.select(explanations.c.incident_id).where(due).limit(1)).first() is not None


def claim_wish(connection: sa.Connection, *, worker: str, now: datetime, until: datetime) -> Wish | None:
    """The most severe, and of those the newest; None where nothing is due."""
    due = _waiting.c.next_at <= to_text(now)
    first = _most_urgent_first().where(_free(now, _waiting), due).limit(1)
    claimed = (
        sa.update(explanations)
        .where(explanations.c.incident_id.in_(first), _free(now))
        .values(leased_until=to_text(until), leased_by=worker, attempts=explanations.c.attempts + 1)
        .returning(*explanations.c)
    )
    found = connection.execute(claimed).mappings().first()
    return _wish(found) if found else None


def give_up_wishes(
    connection: sa.Connection, *, now: datetime, since: datetime, attempts: int, most: int
) -> tuple[str, ...]:
    """Those from before `since`, those tried so often, and the least urgent beyond `most`. Gives the incidents."""
    kept = _most_urgent_first().limit(most)
    over = sa.or_(
        explanations.c.wanted_at < to_text(since),
        explanations.c.attempts >= attempts,
        explanations.c.incident_id.not_in(kept),
    )
    dropped = sa.delete(explanations).where(_free(now), over).returning(explanations.c.incident_id)
    return tuple(sorted(connection.execute(dropped).scalars()))


def put_off_wish(connection: sa.Connection, wish: Wish, *, next_at: datetime) -> None:
    """After an attempt that failed; frees the lease."""
    connection.execute(
        sa.update(explanations).where(_held(wish)).values(next_at=to_text(next_at), leased_until=None, leased_by=None)
    )


def end_wish(connection: sa.Connection, wish: Wish) -> bool:
    """It came true, or never will. False where it went on without us: another worker has it, or it was given up."""
    return connection.execute(sa.delete(explanations).where(_held(wish))).rowcount == 1


def return_wishes(connection: sa.Connection, *, worker: str) -> None:
    """At a worker's start: what it was asking when it was killed is due at once."""
    connection.execute(
        sa.update(explanations).where(explanations.c.leased_by == worker).values(leased_until=None, leased_by=None)
    )


def waiting_wishes(connection: sa.Connection) -> int:
    """Whether asked about now or not."""
    return connection.execute(sa.select(sa.func.count()).select_from(explanations)).scalar_one()


def _most_urgent_first() -> sa.Select[tuple[str]]:
    severity = sa.select(incidents.c.severity).where(incidents.c.id == _waiting.c.incident_id).scalar_subquery()
    urgency = sa.case(_URGENCY, value=severity, else_=len(_URGENCY))
    order = (urgency, _waiting.c.wanted_at.desc(), _waiting.c.incident_id.desc())
    return sa.select(_waiting.c.incident_id).order_by(*order)


def _free(now: datetime, table: sa.FromClause = explanations) -> sa.ColumnElement[bool]:
    return sa.or_(table.c.leased_until.is_(None), table.c.leased_until <= to_text(now))


def _held(wish: Wish) -> sa.ColumnElement[bool]:
    # Each claim counts an attempt, so the pair names one claim also where the clock stood still.
    return sa.and_(
        explanations.c.incident_id == wish.incident_id,
        explanations.c.leased_until == wish.leased_until,
        explanations.c.attempts == wish.attempts,
    )


def _wish(found: Mapping[Any, Any]) -> Wish:
    return Wish(
        incident_id=found["incident_id"],
        questions=msgspec.json.decode(found["questions"], type=tuple[str, ...]),
        wanted_at=found["wanted_at"],
        attempts=found["attempts"],
        leased_until=found["leased_until"],
    )
