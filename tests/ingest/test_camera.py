"""One camera's life against a simulated camera on a real socket and a real Valkey."""

import os
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.board import Board
from contracts.broker import Client, connect
from contracts.bus import FrameBus
from contracts.leases import Leases
from contracts.seal import Sealer
from contracts.site import IngestCamera
from ingest.camera import Camera, Shared
from ingest.door import BusDoor
from ingest.source import Limits
from plainwatch.simulator import Clip, Fault, Mount, mjpeg_in_thread, scene_footage, serve_in_thread
from plainwatch.valkey import private_valkey
from tests.ingest.conftest import CLOCK, Analyst, Until


def _camera(shared: Shared, url: str, sealed: bytes = b"", epoch: int = 1) -> Camera:
    return Camera(IngestCamera("cam", "yard", url, sealed=sealed), epoch, shared)


def _stop(camera: Camera) -> None:
    camera.stop()
    camera.join(5.0)


@pytest.mark.parametrize("auth", ["digest", "basic"])
def test_a_camera_with_a_password_is_read_and_its_stream_is_measured(
    walk_clip: Clip, shared: Shared, sealer: Sealer, client: Client, analyst: Analyst, until: Until, auth: str
) -> None:
    mount = Mount("yard", walk_clip, user="admin", password="p@ss/w:rd", auth=auth)  # type: ignore[arg-type]
    with serve_in_thread(mount) as cameras:
        sealed = sealer.seal("admin:p@ss/w:rd")
        camera = _camera(shared, cameras.url("yard", with_password=False), sealed)
        camera.start()

        until(lambda: len(analyst.keyframes) >= 4 and camera.health().keyframe_interval_s is not None)
        health = camera.health()
        _stop(camera)

    assert (health.state, health.codec, health.width, health.height) == ("online", "h264", 640, 360)
    assert health.keyframe_interval_s == pytest.approx(0.5, abs=0.05)
    assert Board(client).health()["cam"].state == "online"
    assert [frame.seq for frame in analyst.keyframes] == sorted({frame.seq for frame in analyst.keyframes})


def test_a_broken_connection_goes_offline_comes_back_and_the_numbers_go_on(
    walk_clip: Clip, shared: Shared, analyst: Analyst, until: Until
) -> None:
    mount = Mount("yard", walk_clip)
    with serve_in_thread(mount) as cameras:
        camera = _camera(shared, cameras.url("yard"), epoch=7)
        camera.start()
        until(lambda: camera.health().state == "online")
        mount.misbehave(Fault.CLOSE_AFTER, 0.1)
        until(lambda: camera.health().state == "offline")
        offline = camera.health()
        mount.behave()
        until(lambda: camera.health().state == "online" and camera.health().sampled > offline.sampled + 1)
        _stop(camera)

    assert offline.reason and offline.remedy
    assert {frame.epoch for frame in analyst.keyframes} == {7}
    numbers = [frame.seq for frame in analyst.keyframes]
    assert numbers == sorted(set(numbers)) and numbers[-1] > offline.sampled


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.STOP_AFTER, Fault.SILENT_AFTER_PLAY])
def test_a_camera_that_falls_silent_is_offline_within_seconds(
    walk_clip: Clip, shared: Shared, until: Until, fault: Fault
) -> None:
    mount = Mount("yard", walk_clip)
    with serve_in_thread(mount) as cameras:
        camera = _camera(shared, cameras.url("yard"))
        if fault is not Fault.STOP_AFTER:
            mount.misbehave(fault)
        else:
            mount.misbehave(fault, 1.0)
        camera.start()
        until(lambda: camera.health().state == "offline")
        health = camera.health()
        _stop(camera)

    assert "silent" in health.reason or "did not answer" in health.reason


@pytest.mark.parametrize(
    ("fault", "value", "what"),
    [
        (Fault.UNAUTHORIZED, None, "wants a user and password"),
        (Fault.NOT_FOUND, None, "no such stream path"),
        (Fault.NO_VIDEO, None, "sends no video"),
        (Fault.GARBAGE, None, "does not speak RTSP"),
        (Fault.REDIRECT_302, "rtsp://127.0.0.1:9/x", "redirects elsewhere"),
    ],
)
def test_a_camera_that_cannot_be_read_says_why(
    walk_clip: Clip, shared: Shared, until: Until, fault: Fault, value: str | None, what: str
) -> None:
    mount = Mount("yard", walk_clip)
    mount.misbehave(fault, value)
    with serve_in_thread(mount) as cameras:
        camera = _camera(shared, cameras.url("yard"))
        camera.start()
        until(lambda: camera.health().state == "offline")
        _stop(camera)

    assert what in camera.health().reason and camera.health().remedy


class HangingSource:
    """A read that never returns, as FFmpeg has them; `release` ends it."""

    def __init__(self) -> None:
        self.is_released = False
        self.is_live = True

    def pictures(self):  # type: ignore[no-untyped-def]  # noqa: ANN201
        while not self.is_released:
            time.sleep(0.02)
        yield from ()

    def facts(self):  # type: ignore[no-untyped-def]  # noqa: ANN201
        from ingest.source import StreamFacts

        return StreamFacts()

    def close(self) -> None:
        """Does not help, and that is the point."""


def test_a_reader_that_hangs_is_given_up_counted_and_replaced(shared: Shared, until: Until) -> None:
    hanging: list[HangingSource] = []

    def open_hanging(_spec: IngestCamera) -> HangingSource:
        hanging.append(HangingSource())
        return hanging[-1]

    impatient = replace(shared, open=open_hanging, limits=Limits(0.1, 0.05))
    camera = _camera(impatient, "rtsp://127.0.0.1/x")
    camera.start()

    def one_is_given_up_and_another_reads() -> bool:
        camera.watch()
        return camera.hung_readers == 1 and len(hanging) == 2

    until(one_is_given_up_and_another_reads)
    health = camera.health()
    _stop(camera)
    for source in hanging:
        source.is_released = True
    until(lambda: camera.hung_readers == 0)

    assert health.state == "offline" and "no pictures" in health.reason


def test_another_owner_fences_the_camera_and_it_stops_by_itself(
    walk_clip: Clip, shared: Shared, client: Client, until: Until
) -> None:
    leases = Leases(client, worker="old")
    epoch = leases.acquire("cam", now=CLOCK.now())
    assert epoch
    with serve_in_thread(Mount("yard", walk_clip)) as cameras:
        camera = _camera(shared, cameras.url("yard"), epoch=epoch)
        camera.start()
        until(lambda: camera.health().state == "online")
        leases.release("cam")
        Leases(client, worker="new").acquire("cam", now=CLOCK.now())
        until(lambda: camera.is_fenced)
        camera.join(5.0)

    health = camera.health()
    assert health.dropped["fenced"] == 1


def test_while_the_bus_is_away_pictures_are_read_on_and_counted(
    walk_clip: Clip, shared: Shared, tmp_path: Path, until: Until
) -> None:
    server = private_valkey(tmp_path)
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(server.socket.exists)
        client = connect(server.url)
        bus = FrameBus(client)
        own = replace(shared, door=BusDoor(bus, CLOCK.monotonic_s), board=Board(client))
        with serve_in_thread(Mount("yard", walk_clip)) as cameras:
            camera = _camera(own, cameras.url("yard"))
            camera.start()
            until(lambda: camera.health().sampled >= 2)
            os.kill(process.pid, signal.SIGSTOP)
            until(lambda: camera.health().dropped.get("bus_down", 0) >= 2)
            os.kill(process.pid, signal.SIGCONT)
            lost = camera.health().sampled
            until(lambda: camera.health().sampled > lost + 3)
            dropped = camera.health().dropped["bus_down"]
            _stop(camera)
        client.close()
    finally:
        process.kill()
        process.wait()

    assert camera.health().state == "online"
    assert camera.health().sampled > dropped


def test_an_mjpeg_camera_is_read_like_any_other(
    shared: Shared, sealer: Sealer, analyst: Analyst, until: Until
) -> None:
    with mjpeg_in_thread(scene_footage(), user="root", password="x y") as simulated:
        url = f"http://127.0.0.1:{simulated.port}/{simulated.path}"
        camera = _camera(shared, url, sealer.seal("root:x y"))
        camera.start()
        until(lambda: sum(analyst.count("cam")) >= 4)
        health = camera.health()
        _stop(camera)

    assert (health.state, health.codec) == ("online", "mjpeg")
    assert analyst.keyframes[0].picture.startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("fault", "value", "what"),
    [
        (Fault.UNAUTHORIZED, None, "rejected the user or password"),
        (Fault.REDIRECT_302, "http://127.0.0.1:9/x", "redirects elsewhere"),
        (Fault.SILENT, None, "did not answer"),
        (Fault.STOP_AFTER, 0.3, "did not answer"),
        (Fault.CLOSE_AFTER, 0.3, "ended the stream"),
        (Fault.GARBAGE, None, "does not speak HTTP"),
    ],
)
def test_an_mjpeg_camera_that_misbehaves_says_why(
    shared: Shared, sealer: Sealer, until: Until, fault: Fault, value: float | str | None, what: str
) -> None:
    with mjpeg_in_thread(scene_footage(), user="root", password="x") as simulated:
        simulated.misbehave(fault, value)
        camera = _camera(shared, f"http://127.0.0.1:{simulated.port}/{simulated.path}", sealer.seal("root:x"))
        camera.start()
        until(lambda: camera.health().state == "offline")
        _stop(camera)

    assert what in camera.health().reason
