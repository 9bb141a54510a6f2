"""A site under fire with everything that belongs to it: cameras, receivers, the one key to its API.

Takes: a folder, the number of cameras.
Gives: Yard, with waits that keep the site up and watch its incidents meanwhile.
Knows nothing about: what is broken, and when."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from alerts.sign import new_secret
from contracts.errors import PlainwatchError, Unavailable
from plainwatch.chaos.lamp import lamp_that_fails
from plainwatch.chaos.orders import VARIABLE, OrderFile
from plainwatch.chaos.processes import SiteProcess
from plainwatch.chaos.receivers import Receiver, receiver
from plainwatch.client import ApiClient, Json, key_from
from plainwatch.ports import free_port
from plainwatch.simulator import Clip, Fault, Mount, Simulator, serve_in_thread
from store.database import Database

STEADY_CAMERAS = 3
KEYFRAME_EVERY_S = 0.5
LOOK_EVERY_S = 0.5
STEP_S = 0.05
READY_WITHIN_S = 90.0
RULE = "the picture goes dark"
#: long waits are made short, so that what takes days takes seconds
SETTINGS = {
    "PLAINWATCH_CAMERA_ALLOW": "127.0.0.0/8",
    "PLAINWATCH_WEBHOOK_ALLOW": "127.0.0.0/8",
    "PLAINWATCH_ENGINE": "edge",
    "PLAINWATCH_DETECTOR": "",
    "PLAINWATCH_OPEN_TIMEOUT_S": "3",
    "PLAINWATCH_READ_TIMEOUT_S": "10",
    "PLAINWATCH_MAX_AGE_S": "60",
    "PLAINWATCH_ENGINE_DEADLINE_S": "3",
    "PLAINWATCH_TIME_SCALE": "0.01",
    "PLAINWATCH_GROUP_WINDOW_S": "0",
    "PLAINWATCH_REDIS_URL": "",
    "REDIS_URL": "",
}


@dataclass(frozen=True, slots=True)
class Watched:
    """A camera and where its pictures come from."""

    id: str
    mount: Mount


@dataclass(frozen=True, slots=True)
class Told:
    """An endpoint and who stands behind it."""

    id: str
    receiver: Receiver


@dataclass
class Yard:
    """`steady` cameras and the `steady` endpoint behave always, the `moody` ones only between faults."""

    folder: Path
    site: SiteProcess
    client: ApiClient
    database: Database
    orders: OrderFile
    cameras: Simulator
    trap: Mount
    steady: tuple[Watched, ...]
    moody: Watched
    endpoint: Told
    moody_endpoint: Told
    #: every incident that the API ever showed
    seen: set[str] = field(default_factory=set)
    _looked_s: float = 0.0

    def watch(self) -> None:
        """Keeps the site up, and looks at its incidents now and then."""
        self.site.watch()
        if time.monotonic() - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = time.monotonic()
            page = self.ask(lambda: self.client.get("/incidents", limit="20"))
            self.seen |= {one["id"] for one in page["items"]} if page else set()

    def ask(self, question: Callable[[], Json]) -> Json | None:
        """None where the API does not answer just now."""
        try:
            return question()
        except PlainwatchError:
            return None

    def insist(self, question: Callable[[], Json], *, within_s: float = READY_WITHIN_S) -> Json:
        """Asks until the API answers. Raises what it said last."""
        ends_s = time.monotonic() + within_s
        while True:
            try:
                return question()
            except PlainwatchError:
                if time.monotonic() > ends_s:
                    raise
            self.wait(0.2)

    def wait(self, seconds: float) -> None:
        """The site goes on meanwhile."""
        ends_s = time.monotonic() + seconds
        while time.monotonic() < ends_s:
            self.watch()
            time.sleep(STEP_S)

    def until(self, holds: Callable[[], bool], *, within_s: float) -> bool:
        """Whether it came about in time."""
        ends_s = time.monotonic() + within_s
        while not holds():
            if time.monotonic() > ends_s:
                return False
            self.watch()
            time.sleep(STEP_S)
        return True

    @contextmanager
    def still(self) -> Iterator[None]:
        """No camera sends anything meanwhile. Shorter than ingest's patience, else it opens them anew."""
        moving = [mount for mount in self.mounts() if mount.fault(Fault.SILENT) is None]
        for mount in moving:
            mount.misbehave(Fault.SILENT)
        try:
            yield
        finally:
            for mount in moving:
                mount.behave(Fault.SILENT)

    def pid(self, service: str, *, within_s: float = READY_WITHIN_S) -> int:
        """As soon as it runs. Raises Unavailable where it does not come up."""
        if not self.until(lambda: service in self.site.pids(), within_s=within_s):
            raise Unavailable(f"service '{service}' did not start", f"see {self.folder / 'logs'}")
        return self.site.pids().get(service, 0)

    def mounts(self) -> list[Mount]:
        """Of all cameras."""
        return [camera.mount for camera in self.watched()]

    def watched(self) -> tuple[Watched, ...]:
        """All cameras."""
        return (*self.steady, self.moody)

    def told(self) -> tuple[Told, Told]:
        """Both endpoints, the steady one first."""
        return self.endpoint, self.moody_endpoint


@contextmanager
def yard(folder: Path, settings: dict[str, str]) -> Iterator[Yard]:
    """Cameras send, rules stand, endpoints listen; all of it ends with the block."""
    clip = Clip(lamp_that_fails(), keyframe_every_s=KEYFRAME_EVERY_S)
    names = [f"steady{number}" for number in range(STEADY_CAMERAS)] + ["moody"]
    mounts, trap = [Mount(name, clip) for name in names], Mount("trap", clip)
    orders = folder / "orders.json"
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        cameras = stack.enter_context(serve_in_thread(*mounts, trap))
        receivers = [stack.enter_context(receiver(new_secret(), folder)) for _ in range(2)]
        site = SiteProcess(folder, port, {**SETTINGS, **settings, VARIABLE: str(orders)})
        stack.callback(site.stop)
        client = _client(site, folder, port)
        stack.callback(client.close)
        database = Database(f"sqlite:///{folder / 'plainwatch.sqlite'}")
        stack.callback(database.close)
        watched = [_watched(client, cameras.url(mount.name), mount) for mount in mounts]
        steady, moody = (_told(client, name, each) for name, each in zip(("steady", "moody"), receivers, strict=True))
        client.post("/rules", {"text": RULE})
        outside = (tuple(watched[:-1]), watched[-1], steady, moody)
        yield Yard(folder, site, client, database, OrderFile(orders), cameras, trap, *outside)


def _client(site: SiteProcess, folder: Path, port: int) -> ApiClient:
    """As soon as the services are up."""
    ends_s = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < ends_s:
        site.watch()
        try:
            client = ApiClient(f"http://127.0.0.1:{port}", key_from(folder))
        except PlainwatchError:
            time.sleep(STEP_S)
            continue
        if client.is_ready():
            return client
        client.close()
        time.sleep(STEP_S)
    raise Unavailable(f"the site did not come up within {READY_WITHIN_S:.0f} s", f"see {folder / 'supervisor.log'}")


def _watched(client: ApiClient, url: str, mount: Mount) -> Watched:
    return Watched(client.post("/cameras", {"name": mount.name, "url": url, "probe": False})["id"], mount)


def _told(client: ApiClient, name: str, receiver: Receiver) -> Told:
    body = {"name": name, "url": receiver.url, "secret": receiver.secret, "confirm_private": True}
    return Told(client.post("/endpoints", body)["id"], receiver)
