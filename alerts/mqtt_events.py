"""One attempt at one event over MQTT.

Takes: an endpoint's URL, a webhook's body, the outbound policy.
Gives: Sent: acknowledged means that the broker has it (PUBACK); never raises for a broker's fault.
Knows nothing about: the database, the schedule.

The connection is not kept: a policy that was tightened holds from the next attempt on."""

import asyncio
import time
from collections.abc import Callable, Sequence

from alerts.mqtt import MqttFailed, connected, publish
from alerts.mqtt_topics import broker_of, event
from alerts.webhook import TIMEOUT_S, Sent
from contracts.errors import ConfigError, OutboundRefused
from contracts.outbound import Allowed, Resolver, resolve
from contracts.redact import scrub


async def send_event(
    url: str,
    kind: str,
    body: bytes,
    *,
    allow: Callable[[], Sequence[Allowed]],
    timeout_s: float = TIMEOUT_S,
    resolver: Resolver = resolve,
) -> Sent:
    """Within the timeout, from resolving the name to the broker's acknowledgement."""
    begun_s = time.monotonic()
    error = ""
    try:
        async with asyncio.timeout(timeout_s):
            broker = broker_of(url)
            async with connected(broker, allow(), timeout_s=timeout_s, resolver=resolver) as client:
                await publish(client, [event(broker.prefix, kind, body)])
    except TimeoutError:
        error = f"no acknowledgement within {timeout_s:g} s"
    except (MqttFailed, OutboundRefused, ConfigError) as problem:
        error = scrub(str(problem))
    except ValueError as problem:
        error = f"the URL is not valid: {scrub(str(problem))}"
    return Sent(None, (time.monotonic() - begun_s) * 1000, error, acknowledged=not error)
