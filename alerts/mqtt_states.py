"""The retained MQTT topics of every broker, kept as things stand: a sensor for each rule on each camera.

Takes: the database, the outbound policy.
Gives: Home Assistant's discovery, ON while an incident is open, OFF otherwise, and whether we are there at all.
Knows nothing about: deliveries: events go the outbox's way.

States are read, not told: whatever was missed or came late, a second later they are right."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from alerts.mqtt import MqttFailed, connected, publish, until_gone
from alerts.mqtt_topics import (
    OFFLINE,
    ONLINE,
    Broker,
    Publication,
    Sensor,
    broker_of,
    changes,
    standing,
    status_topic,
)
from alerts.webhook import user_agent
from contracts.errors import ConfigError, OutboundRefused, StoreUnreachable
from contracts.outbound import Allowed, parse_allow
from contracts.seal import Sealer
from contracts.service import Stop
from store.cameras import all_cameras
from store.database import Database
from store.endpoints import EndpointRow, endpoints_of_format
from store.incidents import open_incidents
from store.outbound import allowed_targets
from store.rules import all_rules
from store.site import site_version

if TYPE_CHECKING:
    from aiomqtt import Client

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
TIMEOUT_S = 10.0
TRY_AGAIN = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class _House:
    """What the sensors are made from."""

    endpoints: tuple[EndpointRow, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    open_pairs: frozenset[tuple[str, str]] = frozenset()
    version: int = -1


@dataclass(slots=True)
class _Line:
    """One broker's connection, held by a task of its own. `news`: set when there may be something to tell."""

    endpoint: EndpointRow
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    not_before: datetime | None = None


class MqttStates:
    """One per process; `run` in a thread of its own. `owns`: whether this process is the one that tells states."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        *,
        allow: tuple[Allowed, ...],
        owns: Callable[[], bool],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._settled = allow
        self._allow = allow
        self._owns = owns
        self._clock = clock
        self._store = ThreadPoolExecutor(1, thread_name_prefix="states")
        self._house = _House()
        self._lines: dict[str, _Line] = {}

    def run(self, stop: Stop) -> None:
        """Until it is time to end; brokers hear that we are offline then."""
        try:
            asyncio.run(self._serve(stop))
        finally:
            self._store.shutdown(wait=True)

    async def _serve(self, stop: Stop) -> None:
        while not stop.is_set():
            try:
                self._house = await asyncio.get_running_loop().run_in_executor(self._store, self._look)
            except StoreUnreachable as error:
                log.debug("states not looked at", extra={"problem": str(error)})
            self._mind_lines()
            await asyncio.sleep(LOOK_EVERY_S)
        self._house = _House()
        self._mind_lines()
        ending = [line.task for line in self._lines.values() if line.task]
        if ending:
            await asyncio.wait(ending, timeout=TIMEOUT_S)

    def _look(self) -> _House:
        if not self._owns():
            return _House()
        with self._database.read() as connection:
            endpoints = endpoints_of_format(connection, "mqtt")
            if not endpoints:
                return _House()
            extra = allowed_targets(connection, "webhook")
            at = site_version(connection)
            sensors = self._house.sensors if at == self._house.version else _sensors(connection)
            pairs = frozenset((row.rule_id, row.camera_id) for row in open_incidents(connection))
        self._allow = (*self._settled, *parse_allow(extra))
        return _House(endpoints, sensors, pairs, at)

    def _mind_lines(self) -> None:
        wanted = {endpoint.id: endpoint for endpoint in self._house.endpoints}
        for id, endpoint in wanted.items():
            line = self._lines.setdefault(id, _Line(endpoint))
            is_due = line.not_before is None or self._clock() >= line.not_before
            if line.task is None and is_due:
                line.endpoint = endpoint
                line.task = asyncio.create_task(self._hold(line))
        for id, line in list(self._lines.items()):
            line.news.set()
            if line.task is not None and line.task.done():
                line.task.result()  # a bug in one ends the service, and the supervisor restarts it
                line.task = None
            if line.task is None and id not in wanted:
                del self._lines[id]

    async def _hold(self, line: _Line) -> None:
        allow = self._allow
        try:
            broker = broker_of(self._sealer.open(line.endpoint.sealed_url))
            async with connected(broker, allow, timeout_s=TIMEOUT_S, tells_status=True) as client:
                line.not_before = None
                log.info("MQTT broker reached", extra={"endpoint_id": line.endpoint.id})
                await self._tell(line, broker, client, allow)
        except (MqttFailed, OutboundRefused, ConfigError, ValueError) as error:
            if line.not_before is None:
                log.warning("MQTT broker away", extra={"endpoint_id": line.endpoint.id, "problem": str(error)})
            line.not_before = self._clock() + TRY_AGAIN

    async def _tell(self, line: _Line, broker: Broker, client: "Client", allow: tuple[Allowed, ...]) -> None:
        gone = asyncio.create_task(until_gone(client))
        told: dict[str, bytes] = {}
        await publish(client, [Publication(status_topic(broker.prefix), ONLINE, retain=True)])
        # A policy that was changed holds at once: the address is checked anew.
        while self._is_wanted(line) and self._allow == allow:
            house = self._house
            wanted = standing(broker.prefix, house.sensors, house.open_pairs, version=user_agent().partition("/")[2])
            await publish(client, changes(told, wanted))
            told = wanted
            line.news.clear()
            await line.news.wait()
            if gone.done():
                gone.result()
        gone.cancel()
        await publish(client, [Publication(status_topic(broker.prefix), OFFLINE, retain=True)])

    def _is_wanted(self, line: _Line) -> bool:
        held = line.endpoint
        return any(one.id == held.id and one.sealed_url == held.sealed_url for one in self._house.endpoints)


def _sensors(connection: sa.Connection) -> tuple[Sensor, ...]:
    """Disarmed cameras too: a sensor that goes away takes the dashboards and automations made with it along."""
    cameras = [camera for camera in all_cameras(connection) if camera.enabled]
    return tuple(
        Sensor(rule.id, rule.name or rule.text, camera.id, camera.name)
        for rule in all_rules(connection)
        if rule.enabled
        for camera in cameras
        if not rule.cameras or camera.id in rule.cameras
    )
