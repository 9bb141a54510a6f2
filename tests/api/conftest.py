"""A whole API on a real port: real SQLite, real Valkey, and an ingest worker that answers probes."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from alerts.arming import is_armed
from api.app import create_app
from api.deps import Deps
from api.live import LiveBoard
from api.pictures import Pictures
from api.publish import Publisher
from api.server import listen, serve
from contracts.board import Board
from contracts.broker import Client
from contracts.bus import FrameBus
from contracts.seal import sealer_from
from contracts.service import Stop
from contracts.settings import load_settings
from store.database import Database
from tests.api.running import WAIT_S, IngestWorker, Site, now, until


class Server:
    """One app on one port for the whole run, since a server's start and end cost more than most tests."""

    def __init__(self) -> None:
        self._stop = Stop()
        self._app: FastAPI | None = None
        self._thread = threading.Thread()
        self._url = ""

    def show(self, deps: Deps) -> str:
        """From now on the app works with these parts. Gives its address."""
        if self._app is None:
            self._app = create_app(deps)
            sock = listen("127.0.0.1", 0)
            self._url = f"http://127.0.0.1:{sock.getsockname()[1]}"
            self._thread = threading.Thread(target=serve, args=(self._app, sock, self._stop), daemon=True)
            self._thread.start()
        self._app.state.deps = deps
        return self._url

    def end(self) -> None:
        self._stop.set()
        if self._app is not None:
            self._thread.join(timeout=WAIT_S)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.end()


@pytest.fixture
def site(tmp_path: Path, client: Client, server: Server) -> Iterator[Site]:
    settings = load_settings(data_dir=tmp_path / "data")
    database = Database(settings.sqlalchemy_url)
    database.migrate()
    board = Board(client)
    publisher = Publisher(database, board, is_armed=lambda camera: is_armed(camera, settings.timezone, now()))
    deps = Deps(
        database=database,
        client=client,
        live=LiveBoard(board),
        bus=FrameBus(client),
        sealer=sealer_from(settings.key_file, ""),
        settings=settings,
        pictures=Pictures(database, settings),
        clock=now,
        changed=publisher.wake,
    )
    stop = Stop()
    thread = threading.Thread(target=publisher.run, args=(stop,), daemon=True)
    thread.start()
    site = Site(deps, server.show(deps), board, publisher, httpx2.Client(verify=False))
    site.admin = site.with_scopes("admin")
    yield site
    for opened in site.opened:
        opened.close()
    stop.set()
    publisher.wake()
    thread.join(timeout=WAIT_S)
    database.close()


@pytest.fixture
def ingest(site: Site) -> Iterator[IngestWorker]:
    worker = IngestWorker(site.deps.client)
    stop = Stop()
    thread = threading.Thread(target=worker.run, args=(stop,), daemon=True)
    thread.start()
    until(lambda: site.deps.live.view(now()).alive("ingest") == 1)
    yield worker
    stop.set()
    thread.join(timeout=WAIT_S)
