"""A real database in a file, and real HTTP receivers."""

import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from alerts.deliver import Deliverer
from alerts.sign import new_secret
from contracts.broker import Client
from contracts.outbound import parse_allow
from contracts.seal import Sealer, sealer_from
from contracts.service import Stop
from store.database import Database
from store.deliveries import DeliveryRow, add_delivery, delivery_by_id
from store.endpoints import EndpointRow, add_endpoint
from tests.alerts.receiver import Behaviour, Clock, Receiver, start_receiver
from tests.alerts.scene import Site

PING = '{"type":"test.ping","timestamp":"2026-11-22T12:00:00.000Z","data":{}}'


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A file of SQLite, or under `ON_BOTH` a real PostgreSQL too."""
    url = f"sqlite:///{tmp_path / 'plainwatch.sqlite'}"
    if getattr(request, "param", "sqlite") == "postgresql":
        url = request.getfixturevalue("postgres").migrated()
    database = Database(url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return sealer_from(tmp_path / "secret.key", "")


@pytest.fixture
def serve() -> Iterator[Callable[..., Receiver]]:
    servers: list[ThreadingHTTPServer] = []

    def start(*behaviours: Behaviour, tls: ssl.SSLContext | None = None) -> Receiver:
        receiver, server = start_receiver(*behaviours, tls=tls)
        servers.append(server)
        return receiver

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def endpoint(database: Database, sealer: Sealer) -> Callable[..., EndpointRow]:
    """Registers an endpoint and gives its row."""

    def register(url: str, *, name: str = "", event_types: tuple[str, ...] = (), secret: str = "") -> EndpointRow:
        with database.write() as connection:
            row = EndpointRow(
                id=f"end_{name or 'one'}",
                name=name or "one",
                url=url,
                sealed_url=sealer.seal(url),
                sealed_secret=sealer.seal(secret or new_secret()),
                created_at="2026-11-22T12:00:00.000Z",
                event_types=event_types,
            )
            add_endpoint(connection, row)
        return row

    return register


@pytest.fixture
def site(database: Database, client: Client, tmp_path: Path, clock: Clock) -> Site:
    return Site(database, client, tmp_path / "evidence", clock)


@pytest.fixture
def deliver(database: Database, sealer: Sealer, clock: Clock) -> Iterator[Callable[..., None]]:
    """Starts a deliverer that may dial loopback, or what `allow` says."""
    stop = Stop()
    threads: list[threading.Thread] = []

    def start(
        *,
        allow: tuple[str, ...] = ("127.0.0.1",),
        timeout_s: float = 5.0,
        time_scale: float = 1.0,
        worker: str = "test",
    ) -> None:
        deliverer = Deliverer(
            database,
            sealer,
            allow=parse_allow(allow),
            worker=f"alerts-{worker}",
            clock=clock,
            luck=lambda: 0.0,
            timeout_s=timeout_s,
            time_scale=time_scale,
        )
        threads.append(threading.Thread(target=deliverer.run, args=(stop,)))
        threads[-1].start()

    yield start
    stop.set()
    for thread in threads:
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.fixture
def send(database: Database, clock: Clock) -> Callable[[EndpointRow], str]:
    def add(endpoint: EndpointRow) -> str:
        with database.write() as connection:
            return add_delivery(connection, endpoint_id=endpoint.id, type="test.ping", body=PING, now=clock())

    return add


@pytest.fixture
def look(database: Database) -> Callable[[str], DeliveryRow]:
    def find(delivery_id: str) -> DeliveryRow:
        with database.read() as connection:
            found = delivery_by_id(connection, delivery_id)
        assert found
        return found

    return find
