"""From a real camera's packets to a film behind an incident's link, through every service."""

import io
from pathlib import Path

import av
import pytest

from plainwatch.simulator import Clip, Mount, scene_footage, serve_in_thread
from tests.e2e.running import at, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

LEFT_HALF = [[0.0, 0.0], [0.3, 0.0], [0.3, 1.0], [0.0, 1.0]]


@pytest.mark.parametrize("masks", [[], [LEFT_HALF]])
def test_an_incident_gets_a_film_of_what_happened_masked_where_the_camera_is(
    tmp_path: Path, masks: list[list[list[float]]]
) -> None:
    mount = Mount("yard", Clip(scene_footage(), keyframe_every_s=1.0), loop=True)
    settings = {"PLAINWATCH_CLIP_PRE_S": "2", "PLAINWATCH_CLIP_POST_S": "2"}
    with serve_in_thread(mount) as server, running(tmp_path, settings) as site:
        camera = {"name": "yard", "url": server.url(mount.name), "probe": False, "masks": masks}
        site.client.post("/cameras", camera)
        rule = str(site.client.post("/rules", {"text": "tell me when something enters the picture"})["id"])
        site.until(lambda: bool(site.incidents(rule)), "an incident opened", within_s=60)

        site.until(lambda: "clip_url" in site.incidents(rule)[0]["evidence"], "its film is there", within_s=40)
        incident = site.incidents(rule)[0]
        video = site.client.picture(incident["evidence"]["clip_url"])

    assert incident["sequence"] >= 2
    assert at(incident["opened_at"]) >= at(incident["captured_at"])
    with av.open(io.BytesIO(video)) as film:
        frames = list(film.decode(film.streams.video[0]))
    assert frames[0].key_frame
    length_s = float(frames[-1].time or 0) - float(frames[0].time or 0)
    assert 2.5 < length_s < 6.0
    left = max(int(frame.to_ndarray(format="gray")[:, : frame.width // 4].max()) for frame in frames)
    assert left <= 8 if masks else left > 60
