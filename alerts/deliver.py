"""The deliverer: sends what is due, records what came of it, gives up in the open.

Takes: deliveries in the database.
Gives: attempts, and each delivery delivered or dead; the endpoint's status.
Knows nothing about: incidents.

At least once: a kill between the endpoint's answer and our record sends again, under the same id. The lease on a
delivery outlasts its attempt, and counts against the endpoint, so that a slow one never holds more than its share."""

import asyncio
import logging
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar, TypeVarTuple

import msgspec

from alerts.schedule import next_attempt, retry_after
from alerts.webhook import TIMEOUT_S, Message, Sent, WebhookSender
from contracts.errors import ConfigError, StoreUnreachable
from contracts.outbound import Allowed, parse_allow
from contracts.seal import Sealer
from contracts.service import Stop
from store.database import Database
from store.deliveries import (
    Attempt,
    DeliveryRow,
    DeliveryState,
    add_deliveries,
    anything_due,
    bury_pending,
    lease_due,
    record_attempt,
    return_leases,
)
from store.endpoint_health import disable_endpoint, endpoint_answered, endpoint_failed
from store.endpoints import EndpointRow, endpoint_by_id
from store.outbound import allowed_targets
from store.times import to_text

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2
AWAY_WAIT_S = 1.0
AT_ONCE = 32
PER_ENDPOINT = 2
LEASE = timedelta(seconds=25)
DISABLE_AFTER = timedelta(days=5)
GONE = 410

Given = TypeVarTuple("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Leased:
    delivery: DeliveryRow
    endpoint: EndpointRow


class Deliverer:
    """One per process; `run` in a thread of its own. `allow`: targets that the settings open."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        *,
        allow: tuple[Allowed, ...],
        worker: str,
        clock: Callable[[], datetime],
        luck: Callable[[], float] = lambda: random.uniform(-1, 1),
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._settled = allow
        self._allow = allow
        self._worker = worker
        self._clock = clock
        self._luck = luck
        self._timeout_s = timeout_s
        self._store = ThreadPoolExecutor(1, thread_name_prefix="outbox")
        self._away = False

    def run(self, stop: Stop) -> None:
        """Until it is time to end; what is being sent then is sent again by the next one."""
        try:
            asyncio.run(self._serve(stop))
        finally:
            self._store.shutdown(wait=True)

    async def _serve(self, stop: Stop) -> None:
        running: set[asyncio.Task[None]] = set()
        returned = False
        async with WebhookSender(lambda: self._allow, timeout_s=self._timeout_s) as sender:
            while not stop.is_set():
                try:
                    if not returned:
                        await self._in_store(self._return_leases)
                        returned = True
                    leased = await self._in_store(self._lease, AT_ONCE - len(running))
                    self._away = False
                except StoreUnreachable as error:
                    self._say_away(error)
                    await asyncio.sleep(AWAY_WAIT_S)
                    continue
                running |= {asyncio.create_task(self._deliver(sender, one, stop)) for one in leased}
                await self._pause(running)
                for task in [task for task in running if task.done()]:
                    running.remove(task)
                    task.result()  # a bug in one ends the service, and the supervisor restarts it
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _pause(self, running: set[asyncio.Task[None]]) -> None:
        if len(running) >= AT_ONCE:
            await asyncio.wait(running, timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(LOOK_EVERY_S)

    async def _deliver(self, sender: WebhookSender, leased: _Leased, stop: Stop) -> None:
        delivery, endpoint = leased.delivery, leased.endpoint
        begun = self._clock()
        try:
            message = Message(
                url=self._sealer.open(endpoint.sealed_url),
                secret=self._sealer.open(endpoint.sealed_secret),
                message_id=delivery.message_id,
                body=delivery.body.encode(),
            )
            sent = await sender.send(message, now=begun)
        except ConfigError as error:
            sent = Sent(None, 0.0, str(error))
        while not stop.is_set():
            try:
                return await self._in_store(self._record, delivery, begun, sent)
            except StoreUnreachable as error:
                self._say_away(error)
                await asyncio.sleep(AWAY_WAIT_S)

    def _return_leases(self) -> None:
        with self._database.write() as connection:
            return_leases(connection, worker=self._worker)

    def _lease(self, most: int) -> list[_Leased]:
        now = self._clock()
        with self._database.read() as connection:
            if most <= 0 or not anything_due(connection, now=now):
                return []
            extra = allowed_targets(connection, "webhook")
        self._allow = (*self._settled, *parse_allow(extra))
        with self._database.write() as connection:
            rows = lease_due(
                connection, worker=self._worker, now=now, until=now + LEASE, most=most, per_endpoint=PER_ENDPOINT
            )
            found = [(row, endpoint_by_id(connection, row.endpoint_id)) for row in rows]
        return [_Leased(row, endpoint) for row, endpoint in found if endpoint]

    def _record(self, delivery: DeliveryRow, at: datetime, sent: Sent) -> None:
        now = self._clock()
        made = delivery.attempts + 1
        again = next_attempt(made, now=now, luck=self._luck(), asked=retry_after(sent.retry_after, now=now))
        attempt = Attempt(to_text(at), sent.latency_ms, sent.status, sent.error or None, sent.answer or None)
        state = DeliveryState.PENDING
        if sent.accepted:
            state = DeliveryState.DELIVERED
        elif again is None or sent.status == GONE:
            state = DeliveryState.DEAD
        with self._database.write() as connection:
            if not record_attempt(connection, delivery, attempt, state=state, next_at=again or now):
                return
            if sent.accepted:
                endpoint_answered(connection, delivery.endpoint_id)
            else:
                since = endpoint_failed(connection, delivery.endpoint_id, reason=sent.error, now=now)
                reason = _reason_to_disable(sent, since, now)
                if reason and disable_endpoint(connection, delivery.endpoint_id, reason=reason):
                    bury_pending(connection, endpoint_id=delivery.endpoint_id, reason=reason, now=now)
                    body = _disabled_body(delivery.endpoint_id, reason, now)
                    add_deliveries(connection, type="endpoint.disabled", body=body, incident_id=None, now=now)
        said = {"delivery_id": delivery.id, "endpoint_id": delivery.endpoint_id, "attempt": made}
        if sent.accepted:
            log.info("webhook delivered", extra={**said, "type": delivery.type, "status": sent.status})
        else:
            log.warning("webhook not accepted", extra={**said, "problem": sent.error, "state": state.value})

    async def _in_store(self, work: Callable[[*Given], Result], *given: *Given) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._store, work, *given)

    def _say_away(self, error: StoreUnreachable) -> None:
        if not self._away:
            log.warning("outbox not reached", extra={"problem": str(error)})
        self._away = True


def _reason_to_disable(sent: Sent, since: datetime, now: datetime) -> str:
    if sent.status == GONE:
        return "answered 410: it wants no more webhooks"
    if now - since > DISABLE_AFTER:
        return f"only failures for {DISABLE_AFTER.days} days, at last: {sent.error}"
    return ""


def _disabled_body(endpoint_id: str, reason: str, now: datetime) -> str:
    data = {"endpoint": {"id": endpoint_id}, "reason": reason}
    return msgspec.json.encode({"type": "endpoint.disabled", "timestamp": to_text(now), "data": data}).decode()
