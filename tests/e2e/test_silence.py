"""A camera that stops, freezes or is covered is told to people, and its return; signed, once each, also over a kill."""

import json
import time
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from plainwatch.receiver import verify
from plainwatch.simulator import Clip, Fault, Mount, scene_footage, serve_in_thread
from tests.alerts.receiver import Receiver, start_receiver
from tests.e2e.running import Running, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

#: the waits of a day, made short
SOON = {"PLAINWATCH_CAMERA_OFFLINE_AFTER_S": "4", "PLAINWATCH_CONDITION_AFTER_S": "2"}


def test_silence_is_told_and_its_end(tmp_path: Path) -> None:
    mount = Mount("gate", Clip(scene_footage()), loop=True)
    receiver, server = start_receiver()
    with running(tmp_path, SOON) as site, serve_in_thread(mount) as cameras:
        secret = add_receiver(site, receiver)
        camera = site.client.post("/cameras", {"name": "gate", "url": cameras.url("gate"), "probe": False})
        status = lambda: site.camera(camera["id"])["status"]["state"]  # noqa: E731
        site.until(lambda: status() == "online", "the camera is online", within_s=30)
        site.watch_for(6.0)  # the usual view is learnt

        for fault, kind in (
            (Fault.STOP_AFTER, "camera.offline"),
            (Fault.FREEZE, "camera.frozen"),
            (Fault.COVERED, "camera.covered"),
        ):
            told = len(types(receiver))
            mount.misbehave(fault)
            site.until(lambda kind=kind, told=told: types(receiver)[told:] == [kind], kind, within_s=45)
            if fault is Fault.STOP_AFTER:
                site.kill("alerts")
            mount.behave(fault)
            site.until(
                lambda told=told: types(receiver)[told + 1 :] == ["camera.online"], f"the end of {kind}", within_s=60
            )
        site.watch_for(3.0)
        listed = [one["type"] for one in site.client.items("/events/site")][::-1]
    shut(server)

    assert types(receiver) == listed
    assert types(receiver)[::2] == ["camera.offline", "camera.frozen", "camera.covered"]
    for one in receiver.received:
        assert verify(secret, one.headers, one.body, now_s=time.time()) == ""
    assert {json.loads(one.body)["data"]["camera"]["id"] for one in receiver.received} == {camera["id"]}


def add_receiver(site: Running, receiver: Receiver) -> str:
    """Gives the secret of its endpoint."""
    body = {"name": "phone", "url": receiver.url, "event_types": [f"camera.{kind}" for kind in KINDS]}
    return str(site.client.post("/endpoints", body)["secret"])


KINDS = ("offline", "online", "frozen", "covered")


def types(receiver: Receiver) -> list[str]:
    """Of what came, in order; what a kill sent twice has the same id, and counts once."""
    first: dict[str, str] = {}
    for one in list(receiver.received):
        first.setdefault(one.headers["webhook-id"], json.loads(one.body)["type"])
    return list(first.values())


def shut(server: ThreadingHTTPServer) -> None:
    server.shutdown()
    server.server_close()
