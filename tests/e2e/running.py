"""A whole Plainwatch for a test: real services, a real receiver, cameras by the simulator.

Takes: a folder and settings.
Gives: Running, with waits that watch the services meanwhile.
Knows nothing about: what is tested."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from plainwatch.client import ApiClient
from plainwatch.house import House
from plainwatch.ports import free_port

Json = dict[str, Any]
LOOPBACK = "127.0.0.0/8"


@dataclass
class Running:
    """`told`: what the supervisor said of services that died."""

    house: House
    client: ApiClient
    folder: Path
    told: list[str] = field(default_factory=list)

    def until(self, holds: Callable[[], bool], what: str, *, within_s: float) -> None:
        """Fails with `what` when it does not come about."""
        deadline = time.monotonic() + within_s
        while not holds():
            self.house.watch()
            assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
            time.sleep(0.05)

    def watch_for(self, seconds: float) -> None:
        """Lets the services work for a while."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.house.watch()
            time.sleep(0.05)

    def camera(self, camera_id: str) -> Json:
        return self.client.get(f"/cameras/{camera_id}")

    def incidents(self, rule_id: str) -> list[Json]:
        """Oldest first."""
        return [one for one in self.client.items("/incidents") if one["rule"]["id"] == rule_id][::-1]

    def kill(self, service: str) -> None:
        """kill -9, and wait until another process stands in its place."""
        before = self.house.supervisor.pids()[service]
        os.kill(before, signal.SIGKILL)
        pids = self.house.supervisor.pids
        self.until(lambda: pids().get(service, before) != before, f"{service} is back", within_s=15)


@contextmanager
def running(folder: Path, environment: Mapping[str, str]) -> Iterator[Running]:
    """Everything on loopback is allowed, as a home lab's admin would allow the own network."""
    told: list[str] = []
    allowed = {"PLAINWATCH_CAMERA_ALLOW": LOOPBACK, "PLAINWATCH_WEBHOOK_ALLOW": LOOPBACK}
    house = House(
        folder, host="127.0.0.1", port=free_port(), environment={**allowed, **environment}, notify=told.append
    )
    try:
        client = house.start()
        try:
            yield Running(house, client, folder, told)
        finally:
            client.close()
    finally:
        house.stop()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def conserved(frames: Json) -> bool:
    """Promise 4: every sampled frame is answered, unchanged, dropped with a reason, or in flight."""
    accounted = frames["analysed"] + frames["unchanged"] + sum(frames["dropped"].values()) + frames["in_flight"]
    return bool(frames["sampled"] == accounted and frames["in_flight"] >= 0)
