"""A camera that no rule watches: a rule is tried on its recent pictures, which are gone with the camera."""

from itertools import pairwise
from pathlib import Path

import pytest
import simplejpeg

from plainwatch.simulator import Clip, Mount, serve_in_thread
from tests.e2e.running import at, running

pytestmark = [pytest.mark.assets, pytest.mark.slow, pytest.mark.timeout(120)]

CLIP = "opencv_vtest.avi"  # people walk through it from its first second to its last


def test_a_camera_without_a_rule_is_archived_and_its_pictures_go_with_it(assets: Path, tmp_path: Path) -> None:
    mount = Mount("gate", Clip.of_file(assets / "clips" / CLIP), loop=True)
    settings = {
        "PLAINWATCH_ARCHIVE_EVERY_S": "1",
        "PLAINWATCH_DETECTOR": str(assets / "models" / "yolox_nano.onnx"),
    }
    with serve_in_thread(mount) as server, running(tmp_path, settings) as site:
        body = {"name": "gate", "url": server.url(mount.name), "probe": False}
        camera = str(site.client.post("/cameras", body)["id"])
        path, folder = f"/cameras/{camera}/archive", tmp_path / "archive" / camera

        site.until(lambda: len(list(site.client.items(path))) >= 3, "three pictures are archived", within_s=60)
        listed = list(site.client.items(path))
        picture = site.client.picture(listed[0]["url"])
        begun = site.client.post("/rules/backtest", {"text": "a person is visible", "camera": "gate"})
        tried = f"/rules/backtests/{begun['id']}"
        site.until(lambda: site.client.get(tried)["state"] == "done", "the backtest is done", within_s=30)
        found = site.client.get(tried)
        site.client.delete(f"/cameras/{camera}")
        site.until(lambda: not folder.exists(), "the archive of a removed camera is gone", within_s=30)

    assert found["looked_at"] == found["pictures"] >= 3
    assert found["result"]["engine"] == "edge" and found["result"]["incidents_total"] >= 1
    times = [at(one["at"]) for one in listed]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    assert all(gap >= 1.0 for gap in gaps)
    assert simplejpeg.decode_jpeg(picture).shape[2] == 3
    assert all(one["epoch"] > 0 and one["seq"] > 0 for one in listed)
