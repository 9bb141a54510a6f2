from collections.abc import Iterator

import pytest

from plainwatch.simulator import AccessUnits, encode_clip, scene_footage
from tests.simulator.gst import GstServer, gst_server, why_no_gst, write_units


@pytest.fixture(scope="session")
def scene() -> AccessUnits:
    """The whole drawn scene, encoded once; tests that only need some of it see its beginning."""
    return encode_clip(scene_footage(fps=10.0))


@pytest.fixture(scope="session")
def gst_scene(scene: AccessUnits, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GstServer]:
    """The scene from GStreamer's server on two mounts."""
    if why_no_gst():
        pytest.skip(why_no_gst())
    path = write_units(scene, tmp_path_factory.mktemp("gst") / "scene.au")
    with gst_server(path, mounts=2) as server:
        yield server
