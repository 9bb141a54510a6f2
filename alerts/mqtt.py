"""One connection to an MQTT broker that the outbound policy allows.

Takes: Broker, the allow-list of the moment.
Gives: a connected client; events published at QoS 1; MqttFailed with the reason.
Knows nothing about: topics, endpoints, the database.

The library resolves and dials by itself: it is given the address that was checked, and the broker's certificate is
checked for the name of the URL all the same."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from alerts.mqtt_topics import OFFLINE, Broker, Publication, status_topic
from contracts.errors import ConfigError, PlainwatchError, SourceUnreachable
from contracts.outbound import Allowed, Resolver, pin_address, resolve
from contracts.redact import scrub

if TYPE_CHECKING:
    from aiomqtt import Client

#: also how long its TLS may stay silent while it connects
KEEPALIVE_S = 20


class MqttFailed(PlainwatchError):
    """The broker was not reached, refused us, or acknowledged nothing."""

    code = "mqtt"


class _NamedContext(ssl.SSLContext):
    """Checks certificates for `name`, whichever address is dialled."""

    name = ""

    def wrap_socket(self, *given: Any, **named: Any) -> ssl.SSLSocket:  # noqa: ANN401 - the base's
        """Shakes hands here: the library leaves the socket open where that fails."""
        wrapped = super().wrap_socket(*given, **(named | {"server_hostname": self.name}))
        wrapped.settimeout(KEEPALIVE_S)
        try:
            wrapped.do_handshake()
        except OSError:
            wrapped.close()
            raise
        return wrapped


@asynccontextmanager
async def connected(
    broker: Broker,
    allow: Sequence[Allowed],
    *,
    timeout_s: float,
    tells_status: bool = False,
    resolver: Resolver = resolve,
) -> AsyncIterator["Client"]:
    """`tells_status`: should we vanish, the broker says on our status topic that we are offline.

    Raises OutboundRefused, MqttFailed."""
    if find_spec("aiomqtt") is None:
        raise ConfigError("MQTT endpoints need the package aiomqtt", "install plainwatch[mqtt]")
    import aiomqtt

    address = await _pinned(broker, allow, resolver)
    will = aiomqtt.Will(status_topic(broker.prefix), OFFLINE, qos=1, retain=True) if tells_status else None
    client = aiomqtt.Client(
        address,
        broker.port,
        username=broker.user or None,
        password=broker.password or None,
        will=will,
        timeout=timeout_s,
        keepalive=KEEPALIVE_S,
        tls_context=_tls(broker.host) if broker.is_tls else None,
    )
    try:
        async with client:
            yield client
    except (aiomqtt.MqttError, ssl.SSLError, ValueError) as error:
        raise MqttFailed(
            f"broker '{broker.host}' did not take it: {scrub(str(error))}", "check its address, user and password"
        ) from error


async def publish(client: "Client", publications: Sequence[Publication]) -> None:
    """Returns when the broker has acknowledged each."""
    for one in publications:
        await client.publish(one.topic, one.payload, qos=1, retain=one.retain)


async def until_gone(client: "Client") -> None:
    """Raises the library's error when the connection breaks; we have subscribed to nothing, so nothing else comes."""
    async for _ in client.messages:
        pass


async def _pinned(broker: Broker, allow: Sequence[Allowed], resolver: Resolver) -> str:
    try:
        return await asyncio.to_thread(pin_address, broker.host, broker.port, allow, resolver)
    except SourceUnreachable as error:
        raise MqttFailed(error.problem, error.remedy) from error


def _tls(name: str) -> ssl.SSLContext:
    context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.name = name
    context.load_default_certs()
    return context
