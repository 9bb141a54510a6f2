"""A real database in a file, and real HTTP receivers."""

from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from alerts.sign import new_secret
from contracts.broker import Client
from contracts.seal import Sealer, sealer_from
from store.database import Database
from store.endpoints import EndpointRow, add_endpoint
from tests.alerts.receiver import Behaviour, Clock, Receiver, start_receiver
from tests.alerts.scene import Site


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'plainwatch.sqlite'}")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return sealer_from(tmp_path / "secret.key", "")


@pytest.fixture
def serve() -> Iterator[Callable[..., Receiver]]:
    servers: list[ThreadingHTTPServer] = []

    def start(*behaviours: Behaviour) -> Receiver:
        receiver, server = start_receiver(*behaviours)
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
