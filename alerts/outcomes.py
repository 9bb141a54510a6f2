"""What comes of attempts: each delivery delivered, due again or dead; each endpoint healthy, failing or disabled.

Takes: what was sent and what was answered, many at a time, inside the caller's transaction.
Gives: all of it recorded, with the event that says that an endpoint was disabled; what to log.
Knows nothing about: HTTP, leases that are still to be given."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from alerts.schedule import DISABLE_AFTER, LONGEST_GAP, next_attempt, retry_after
from alerts.site_events import tell_site
from alerts.webhook import Sent
from store.deliveries import Attempt, DeliveryRow, DeliveryState, bury_pending
from store.endpoint_health import Failure, disable_endpoint, endpoint_answered, endpoint_failed, failing_span
from store.outbox import Recorded, record_attempts
from store.times import to_text

log = logging.getLogger(__name__)

GONE = 410
#: with these, Retry-After is meant for everything that we send there
THROTTLED = (429, 503)
#: of one transaction; a line costs a fifth of what a delivery costs
SAID_EACH = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt, begun at `at`."""

    delivery: DeliveryRow
    at: datetime
    sent: Sent


@dataclass(frozen=True, slots=True)
class Terms:
    """`luck` in -1..1 is asked for once an attempt; `time_scale` shortens every wait, for tests."""

    luck: Callable[[], float]
    time_scale: float = 1.0


def settle(
    connection: sa.Connection, outcomes: Sequence[Outcome], terms: Terms, *, now: datetime
) -> tuple[Recorded, ...]:
    """Those recorded; the others went on without us. `say` them after the commit."""
    made = {each.delivery.id: (_recorded(each, terms, now), each.sent) for each in outcomes}
    kept = record_attempts(connection, [recorded for recorded, _ in made.values()])
    ours = [pair for delivery_id, pair in made.items() if delivery_id in kept]
    by_endpoint: dict[str, list[Sent]] = {}
    for recorded, sent in ours:
        by_endpoint.setdefault(recorded.delivery.endpoint_id, []).append(sent)
    well = {each for each, sent in by_endpoint.items() if all(one.accepted for one in sent)}
    if well:
        endpoint_answered(connection, *sorted(well))
    # In one order in every worker: two that settle at once must not wait for each other.
    for endpoint_id in sorted(by_endpoint.keys() - well):
        _judge(connection, endpoint_id, by_endpoint[endpoint_id], terms, now)
    return tuple(recorded for recorded, _ in ours)


def say(recorded: Sequence[Recorded]) -> None:
    """One line each; where many were delivered, one for all: each has its log in the database."""
    delivered = [each for each in recorded if each.state is DeliveryState.DELIVERED]
    if len(delivered) > SAID_EACH:
        log.info("webhooks delivered", extra={"count": len(delivered)})
        delivered = []
    for each in delivered:
        log.info("webhook delivered", extra={**_ids(each), "type": each.delivery.type, "status": each.attempt.status})
    for each in recorded:
        if each.state is not DeliveryState.DELIVERED:
            said = {**_ids(each), "problem": each.attempt.error, "state": each.state.value}
            log.warning("webhook not accepted", extra=said)


def _ids(made: Recorded) -> dict[str, object]:
    delivery = made.delivery
    return {"delivery_id": delivery.id, "endpoint_id": delivery.endpoint_id, "attempt": delivery.attempts + 1}


def _recorded(outcome: Outcome, terms: Terms, now: datetime) -> Recorded:
    delivery, sent = outcome.delivery, outcome.sent
    asked = None if sent.accepted else retry_after(sent.retry_after, now=now)
    again = next_attempt(delivery.attempts + 1, now=now, luck=terms.luck(), asked=asked, time_scale=terms.time_scale)
    attempt = Attempt(to_text(outcome.at), sent.latency_ms, sent.status, sent.error or None, sent.answer or None)
    state = DeliveryState.PENDING
    if sent.accepted:
        state = DeliveryState.DELIVERED
    elif again is None or sent.status == GONE:
        state = DeliveryState.DEAD
    return Recorded(delivery, attempt, state, again or now)


def _judge(connection: sa.Connection, endpoint_id: str, made: Sequence[Sent], terms: Terms, now: datetime) -> None:
    """One endpoint's attempts, in the order in which they ended."""
    reason = ""
    for sent in made:
        if sent.accepted:
            endpoint_answered(connection, endpoint_id)
        else:
            since = endpoint_failed(connection, endpoint_id, _failure(sent, terms, now))
            if sent.status == GONE:
                reason = "answered 410: it wants no more webhooks"
            elif _failed_for_days(connection, endpoint_id, since, terms, now):
                reason = f"only failures for {DISABLE_AFTER.days} days, at last: {sent.error}"
    if reason and disable_endpoint(connection, endpoint_id, reason=reason):
        bury_pending(connection, endpoint_id=endpoint_id, reason=reason, now=now)
        tell_site(connection, "endpoint.disabled", {"endpoint": {"id": endpoint_id}, "reason": reason}, now=now)
        log.warning("endpoint disabled", extra={"endpoint_id": endpoint_id, "reason": reason})


def _failure(sent: Sent, terms: Terms, now: datetime) -> Failure:
    asked = retry_after(sent.retry_after, now=now) if sent.status in THROTTLED else None
    return Failure(sent.error, now, (asked or timedelta()) * terms.time_scale, terms.time_scale)


def _failed_for_days(
    connection: sa.Connection, endpoint_id: str, since: datetime, terms: Terms, now: datetime
) -> bool:
    limit, gap = DISABLE_AFTER * terms.time_scale, LONGEST_GAP * terms.time_scale
    return now - since > limit and failing_span(connection, endpoint_id, since=since, longest_gap=gap) > limit
