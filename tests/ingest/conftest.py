import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from contracts.board import Board
from contracts.broker import Client
from contracts.bus import FrameBus
from contracts.leases import Leases
from contracts.messages import Keyframe, Missed
from contracts.seal import Sealer
from contracts.site import IngestCamera
from ingest.camera import Camera, Shared
from ingest.door import BusDoor
from ingest.fleet import Fleet
from ingest.opening import Opener
from ingest.source import Clock, Limits
from plainwatch.simulator import AccessUnits, Clip, encode_clip
from plainwatch.simulator.scene import scene_picture

CLOCK = Clock(lambda: datetime.now(UTC), time.monotonic)
Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def clock() -> Clock:
    return CLOCK


@pytest.fixture
def until() -> Until:
    """Polls until it holds; fails after 20 s."""

    def wait(holds: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < deadline_s, "it did not come true within 20 s"
            time.sleep(0.05)

    return wait


@pytest.fixture(scope="session")
def walk() -> AccessUnits:
    """Four seconds of the drawn scene, 10 pictures a second, a keyframe twice a second."""
    return encode_clip([scene_picture(4.5 + number / 10, noise_seed=number) for number in range(40)], fps=10)


@pytest.fixture
def walk_clip(walk: AccessUnits) -> Clip:
    return Clip.of_units(walk)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """A media root; tests copy into it what they need."""
    root = tmp_path / "media"
    root.mkdir()
    return root


@pytest.fixture
def odd_media(media: Path, assets: Path) -> Path:
    """A media root that holds all streams that go wrong."""
    for path in (assets / "clips_odd").iterdir():
        if path.suffix in (".mp4", ".avi", ".ts"):
            shutil.copyfile(path, media / path.name)
    return media


@pytest.fixture(scope="session")
def sealer() -> Sealer:
    return Sealer([Fernet.generate_key()])


@pytest.fixture
def opener(sealer: Sealer, media: Path) -> Opener:
    """Loopback is allowed, waits are short."""
    return Opener(sealer, media, ("127.0.0.1",), Limits(open_timeout_s=2.0, read_timeout_s=1.0), CLOCK)


@pytest.fixture
def shared(client: Client, opener: Opener) -> Shared:
    return Shared(
        Board(client),
        BusDoor(FrameBus(client), CLOCK.monotonic_s),
        CLOCK,
        opener.limits,
        "ingest-test",
        lambda spec: opener.open(spec.url, spec.sealed, spec.sampling, ()),
    )


@pytest.fixture
def fleet(client: Client, shared: Shared) -> Iterator[Fleet]:
    def make(spec: IngestCamera, epoch: int) -> Camera:
        return Camera(spec, epoch, shared)

    made = Fleet(Board(client), Leases(client, worker=shared.worker), CLOCK, shared.worker, make)
    yield made
    made.close()


class Analyst:
    """Takes every frame and answers nothing: an independent count of what came through the bus."""

    def __init__(self, client: Client) -> None:
        self.keyframes: list[Keyframe] = []
        self.unchanged: dict[str, int] = {}
        self._bus = FrameBus(client)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="analyst")
        self._thread.start()

    def count(self, camera: str) -> tuple[int, int]:
        """(keyframes, unchanged)."""
        return sum(frame.camera == camera for frame in self.keyframes), self.unchanged.get(camera, 0)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            frames = self._bus.take(shard=0, worker="analyst", most=8, now=CLOCK.now(), visible_for_s=30)
            if not frames:
                self._bus.wait(shard=0, seconds=0.2)
            for frame in frames:
                message = frame.message
                if isinstance(message, Keyframe):
                    self.keyframes.append(message)
                    done = Missed(frame.camera, frame.epoch, frame.seq, frame.captured_at, "gated")
                    self._bus.finish(frame, done, worker="analyst")
                else:
                    self.unchanged[frame.camera] = self.unchanged.get(frame.camera, 0) + message.count
                    self._bus.finish(frame, message, worker="analyst")


@pytest.fixture
def analyst(client: Client) -> Iterator[Analyst]:
    made = Analyst(client)
    yield made
    made.stop()


class ScriptedServer:
    """Sends these bytes to whoever connects; an empty text is silence. Keeps what it was asked."""

    def __init__(self, *answers: bytes, drip_s: float = 0.0, hangs_up: bool = False) -> None:
        self.asked: list[bytes] = []
        self.connections = 0
        self._answers = answers
        self._drip_s = drip_s
        self._hangs_up = hangs_up
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="scripted-server")
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            with connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(0.1)
        answers = iter(self._answers)
        while not self._stop.is_set():
            try:
                asked = connection.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                return
            if not asked or self._hangs_up:
                return
            self.asked.append(asked)
            if not self._send(connection, next(answers, b"")):
                return

    def _send(self, connection: socket.socket, answer: bytes) -> bool:
        pieces = [answer[at : at + 1] for at in range(len(answer))] if self._drip_s else [answer]
        for piece in pieces:
            try:
                connection.sendall(piece)
            except OSError:
                return False
            if self._drip_s and self._stop.wait(self._drip_s):
                return False
        return True


Serve = Callable[..., ScriptedServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts scripted servers that end with the test."""
    servers: list[ScriptedServer] = []

    def start(*answers: bytes, drip_s: float = 0.0, hangs_up: bool = False) -> ScriptedServer:
        servers.append(ScriptedServer(*answers, drip_s=drip_s, hangs_up=hangs_up))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
