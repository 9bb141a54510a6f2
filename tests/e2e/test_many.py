"""Twenty cameras from a server that is not ours: none starves, and every frame is accounted for.

PLAINWATCH_SOAK_S makes it longer than the suite has time for."""

import os
from pathlib import Path

import pytest

from plainwatch.simulator import encode_clip
from tests.e2e.running import Json, conserved, running
from tests.simulator.gst import gst_server, why_no_gst, write_units

pytestmark = [pytest.mark.assets, pytest.mark.slow]

CAMERAS = 20
SECONDS = float(os.environ.get("PLAINWATCH_SOAK_S", "30"))
#: a keyframe every half second is sent; the sampling takes at most one in 0.4 s
EXPECTED_PER_S = 2.0


@pytest.mark.timeout(int(SECONDS) + 180)
def test_twenty_cameras_on_two_cores_none_starved_and_conservation_exact(assets: Path, tmp_path: Path) -> None:
    if why_no_gst():
        pytest.skip(why_no_gst())
    units = write_units(encode_clip(assets / "clips" / "opencv_vtest.avi"), tmp_path / "square.au")
    detector = {"PLAINWATCH_DETECTOR": str(assets / "models" / "yolox_nano.onnx")}
    with gst_server(units, mounts=CAMERAS) as server, running(tmp_path / "site", detector) as site:
        site.client.post("/rules", {"text": "more than 3 people"})
        for index in range(CAMERAS):
            site.client.post("/cameras", {"name": f"camera {index}", "url": server.url(index), "probe": False})

        def cameras() -> list[Json]:
            return list(site.client.items("/cameras"))

        site.until(
            lambda: all(camera["frames"]["analysed"] > 0 for camera in cameras()), "every camera answered", within_s=90
        )
        before = {camera["id"]: camera["frames"] for camera in cameras()}
        site.watch_for(SECONDS)
        after = {camera["id"]: camera["frames"] for camera in cameras()}
        for camera in cameras():
            site.client.patch(f"/cameras/{camera['id']}", {"enabled": False})
        site.until(
            lambda: all(camera["frames"]["in_flight"] == 0 for camera in cameras()), "nothing in flight", within_s=30
        )
        settled = cameras()

    served = {name: fates(after[name]) - fates(before[name]) for name in after}
    sampled = {name: after[name]["sampled"] - before[name]["sampled"] for name in after}
    assert min(sampled.values()) >= EXPECTED_PER_S * SECONDS * 0.85, sampled
    assert min(served.values()) >= 0.5 * max(served.values()), served
    assert min(served.values()) >= SECONDS / 5, served
    for camera in settled:
        assert conserved(camera["frames"]), camera["frames"]
        assert "broker" not in camera["frames"]["dropped"], camera["frames"]
    assert site.told == []


def fates(frames: Json) -> int:
    """Frames that got an answer."""
    return int(frames["analysed"] + frames["unchanged"])
