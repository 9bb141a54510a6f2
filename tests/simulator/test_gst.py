from itertools import islice

import av
import numpy as np

from plainwatch.simulator import AccessUnits
from tests.simulator.gst import GstServer
from tests.simulator.rtsp_client import RawClient, decoded, is_key

OPTIONS = {"rtsp_transport": "tcp", "timeout": "5000000"}


def test_pyav_reads_the_scene_from_gstreamers_server(gst_scene: GstServer) -> None:
    with av.open(gst_scene.url(0), format="rtsp", options=OPTIONS, timeout=(10, 10)) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        frames = list(islice(container.decode(stream), 3))

    assert [(frame.width, frame.height) for frame in frames] == [(640, 360)] * 3


def test_our_own_client_reads_the_scene_from_gstreamers_server(gst_scene: GstServer, scene: AccessUnits) -> None:
    with RawClient(gst_scene.url(1)) as camera:
        camera.play("stream=0")
        unit = next(unit for _, unit in camera.units() if is_key(unit))

    sent = [decoded(access.data) for access in scene.units[:50] if access.is_key]
    assert any(np.array_equal(decoded(unit), picture) for picture in sent)
