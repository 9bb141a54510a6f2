"""The deliverer: sends what is due, records what came of it, gives up in the open.

Takes: deliveries in the database.
Gives: attempts, and each delivery delivered or dead; the endpoint's status.
Knows nothing about: incidents.

At least once: a kill between the endpoint's answer and our record sends again, under the same id. The lease on a
delivery outlasts its attempt, and counts against the endpoint, so that a slow one never holds more than its share.
One turn is one transaction: it records all that ended since the last one, and leases what there is room for."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar, TypeVarTuple

from alerts.apprise_events import AppriseSender
from alerts.formats.choose import LEVEL_FORMATS, service_of
from alerts.lanes import Lanes
from alerts.mqtt_events import send_event
from alerts.outcomes import Outcome, Terms, say, settle
from alerts.webhook import TIMEOUT_S, Message, Sent, WebhookSender
from contracts.errors import ConfigError, StoreUnreachable
from contracts.outbound import Allowed, parse_allow
from contracts.seal import Sealer
from contracts.service import Stop
from store.clock_set_back import SLACK, mend_times
from store.database import Database
from store.deliveries import DeliveryRow
from store.endpoints import EndpointRow, endpoints_by_ids
from store.incidents import ended_at
from store.outbound import allowed_targets
from store.outbox import Room, anything_due, lease_turn, return_leases
from store.times import to_text

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2
AWAY_WAIT_S = 1.0
LEASE = timedelta(seconds=25)
OPENED_MAX = 1024

Given = TypeVarTuple("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Leased:
    delivery: DeliveryRow
    endpoint: EndpointRow
    over_at: str


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
        time_scale: float = 1.0,
    ) -> None:
        self._database = database
        # Opening costs as much as signing; the key that opens lies in this process anyway.
        self._open = lru_cache(maxsize=OPENED_MAX)(sealer.open)
        self._settled = allow
        self._allow = allow
        self._worker = worker
        self._clock = clock
        self._terms = Terms(luck, time_scale)
        self._timeout_s = timeout_s
        self._apprise = AppriseSender(lambda: self._allow, timeout_s=timeout_s)
        self._store = ThreadPoolExecutor(1, thread_name_prefix="outbox")
        self._lanes = Lanes()
        self._away = False
        self._ended: list[Outcome] = []
        self._turned_at: datetime | None = None

    def run(self, stop: Stop) -> None:
        """Until it is time to end; what is being sent then is sent again by the next one."""
        try:
            asyncio.run(self._serve(stop))
        finally:
            self._store.shutdown(wait=True)

    async def _serve(self, stop: Stop) -> None:
        running: set[asyncio.Task[None]] = set()
        wake, returned = asyncio.Event(), False
        async with WebhookSender(lambda: self._allow, timeout_s=self._timeout_s) as sender:
            while not stop.is_set():
                wake.clear()
                try:
                    if not returned:
                        await self._in_store(self._return_leases)
                        returned = True
                    leased = await self._turn()
                    self._away = False
                except StoreUnreachable as error:
                    self._say_away(error)
                    await asyncio.sleep(AWAY_WAIT_S)
                    continue
                for one in leased:
                    task = asyncio.create_task(self._deliver(sender, one))
                    task.add_done_callback(lambda _: wake.set())
                    running.add(task)
                await _woken(wake)
                for task in [task for task in running if task.done()]:
                    running.remove(task)
                    task.result()
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        await self._in_store(self._record_last)

    async def _turn(self) -> list[_Leased]:
        """Raises StoreUnreachable, and then what ended is recorded by the next turn that succeeds."""
        ended = tuple(self._ended)
        leased = await self._in_store(self._record_and_lease, ended, self._lanes.room(at_s=time.monotonic()))
        del self._ended[: len(ended)]
        return leased

    async def _deliver(self, sender: WebhookSender, leased: _Leased) -> None:
        begun = self._clock()
        is_suspect = leased.endpoint.status != "healthy"
        self._lanes.begin(leased.delivery.id, leased.endpoint.id, is_suspect=is_suspect, at_s=time.monotonic())
        try:
            sent = await self._send(sender, leased, begun)
        except ConfigError as error:
            sent = Sent(None, 0.0, str(error))
        except Exception as error:  # a bug of ours with one endpoint must not stop what others wait for
            log.exception("webhook not sent", extra={"delivery_id": leased.delivery.id})
            sent = Sent(None, 0.0, f"an error of ours ({type(error).__name__}): see the log of alerts")
        finally:
            self._lanes.end(leased.delivery.id)
        self._ended.append(Outcome(leased.delivery, begun, sent))

    async def _send(self, sender: WebhookSender, leased: _Leased, begun: datetime) -> Sent:
        message = self._prepared(leased.delivery, leased.endpoint, leased.over_at)
        if leased.endpoint.format == "apprise":
            return await self._apprise.send(message.url, message.body)
        if leased.endpoint.format != "mqtt":
            return await sender.send(message, now=begun)
        kind, body = leased.delivery.type, message.body
        return await send_event(message.url, kind, body, allow=lambda: self._allow, timeout_s=self._timeout_s)

    def _prepared(self, delivery: DeliveryRow, endpoint: EndpointRow, over_at: str) -> Message:
        """Raises ConfigError where a secret does not open."""
        old = endpoint.sealed_old_secret if (endpoint.old_secret_until or "") > to_text(self._clock()) else None
        return Message(
            url=self._open(endpoint.sealed_url),
            secret=self._open(endpoint.sealed_secret),
            message_id=delivery.message_id,
            body=delivery.body.encode(),
            old_secrets=(self._open(old),) if old else (),
            service=service_of(endpoint.format),
            over_at=over_at,
        )

    def _return_leases(self) -> None:
        with self._database.write() as connection:
            return_leases(connection, worker=self._worker)

    def _record_and_lease(self, ended: Sequence[Outcome], room: Room) -> list[_Leased]:
        now = self._clock()
        self._watch_clock(now)
        with self._database.read() as connection:
            if not ended and (room.most <= 0 or not anything_due(connection, now=now)):
                return []
            extra = allowed_targets(connection, "webhook")
        self._allow = (*self._settled, *parse_allow(extra))
        with self._database.write() as connection:
            recorded = settle(connection, ended, self._terms, now=now) if ended else ()
            rows = lease_turn(connection, room, worker=self._worker, now=now, until=now + LEASE)
            known = endpoints_by_ids(connection, {row.endpoint_id for row in rows})
            level = {row.incident_id for row in rows if _is_level(row, known)}
            over = ended_at(connection, {each for each in level if each}) if level else {}
        say(recorded)
        leased = [(row, known[row.endpoint_id]) for row in rows if row.endpoint_id in known]
        return [_Leased(row, endpoint, over.get(row.incident_id or "", "")) for row, endpoint in leased]

    def _watch_clock(self, now: datetime) -> None:
        """At the start nobody knows what the clock did meanwhile."""
        if self._turned_at is None or now < self._turned_at - SLACK:
            with self._database.write() as connection:
                mended = mend_times(connection, now=now)
            if mended:
                log.warning("clock was set back", extra={"deliveries": mended})
        self._turned_at = now

    def _record_last(self) -> None:
        if not self._ended:
            return
        try:
            with self._database.write() as connection:
                recorded = settle(connection, self._ended, self._terms, now=self._clock())
        except StoreUnreachable as error:
            self._say_away(error)
            return
        say(recorded)

    async def _in_store(self, work: Callable[[*Given], Result], *given: *Given) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._store, work, *given)

    def _say_away(self, error: StoreUnreachable) -> None:
        if not self._away:
            log.warning("outbox not reached", extra={"problem": str(error)})
        self._away = True


def _is_level(row: DeliveryRow, known: dict[str, EndpointRow]) -> bool:
    return row.endpoint_id in known and known[row.endpoint_id].format in LEVEL_FORMATS


async def _woken(wake: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_EVERY_S):
            await wake.wait()
    except TimeoutError:
        return
