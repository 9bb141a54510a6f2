"""kill -9 of everything, one after the other, in the middle of a rule that takes ten seconds."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plainwatch.simulator import Clip, Mount, serve_in_thread
from tests.e2e.running import Running, at, conserved, running

pytestmark = [pytest.mark.assets, pytest.mark.slow, pytest.mark.timeout(180)]

RULE = "a person is visible for 10 seconds"
#: the first two visits of the clip: when somebody is in the room, in seconds
FIRST, SECOND = (7.0, 19.5), (23.0, 44.0)
LATE_S = 4.0
VICTIMS = (("ingest", 9.0), ("analyzer", 11.0), ("alerts", 13.0), ("api", 14.0), ("valkey", 27.0))


def test_ten_seconds_stay_ten_seconds_when_every_service_is_killed_meanwhile(assets: Path, tmp_path: Path) -> None:
    clip = Clip.of_file(assets / "clips" / "intel_one-by-one-person-detection.mp4")
    mount = Mount("room", clip, loop=False, start="server")
    with (
        running(tmp_path, {"PLAINWATCH_DETECTOR": str(assets / "models" / "yolox_nano.onnx")}) as site,
        serve_in_thread(mount) as cameras,
    ):
        body = {"name": "room", "url": cameras.url("room"), "probe": False, "enabled": False}
        camera = site.client.post("/cameras", body)
        rule = site.client.post("/rules", {"text": RULE})
        site.client.patch(f"/cameras/{camera['id']}", {"enabled": True})
        site.until(lambda: bool(mount.playbacks), "the camera is being read", within_s=60)
        zero = began(mount)
        for service, clip_s in VICTIMS:
            wait_for_clip(site, mount, clip_s)
            site.kill(service)
        site.until(lambda: len(site.incidents(rule["id"])) >= 2, "the second visit's incident", within_s=40)
        site.watch_for(3.0)

        opened = [(at(one["captured_at"]) - zero) / timedelta(seconds=1) for one in site.incidents(rule["id"])]
        frames = site.camera(camera["id"])["frames"]

    assert len(opened) == 2, opened
    for (begins, _), found in zip((FIRST, SECOND), opened, strict=True):
        assert begins + 9.0 <= found <= begins + 10.0 + LATE_S, opened
    assert conserved(frames), frames
    assert len(site.told) == len(VICTIMS)


def wait_for_clip(site: Running, mount: Mount, clip_s: float) -> None:
    """Until the camera stands at this second of its clip."""
    zero = began(mount)
    site.until(
        lambda: datetime.now(UTC) - zero >= timedelta(seconds=clip_s), f"second {clip_s} of the clip", within_s=60
    )


def began(mount: Mount) -> datetime:
    """When the clip's first frame was due."""
    assert mount.began_s is not None
    return datetime.now(UTC) - timedelta(seconds=time.monotonic() - mount.began_s)
