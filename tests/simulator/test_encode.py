import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import PictureType

from contracts.errors import ConfigError, SourceUnsupported
from plainwatch.simulator import AccessUnits, Clip, encode_clip, file_footage
from plainwatch.simulator.encode import nal_units
from tests.simulator.rtsp_client import decoded


def _pictures(count: int, width: int = 64, height: int = 48) -> list[np.ndarray]:
    return [np.full((height, width, 3), 20 + 5 * (number % 40), np.uint8) for number in range(count)]


def _write_video(path: Path, pictures: list[np.ndarray], rate: int) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("fps", "every_s", "expected"),
    [
        (10, 0.5, [0, 5, 10, 15, 20]),
        (25, 0.5, [0, 13]),  # 12.5 frames: rounded up, without drift
        (10, 2.0, [0, 20]),
        (5, 0.1, list(range(24))),
    ],
)
def test_keyframes_come_exactly_on_schedule(fps: int, every_s: float, expected: list[int]) -> None:
    clip = encode_clip(_pictures(24), fps=fps, keyframe_every_s=every_s)

    assert [number for number, unit in enumerate(clip.units) if unit.is_key] == expected


def test_every_keyframe_brings_its_parameter_sets_and_decodes_alone(scene: AccessUnits) -> None:
    keyframes = [unit.data for unit in scene.units if unit.is_key]

    kinds = [[unit[0] & 0x1F for unit in nal_units(data)] for data in keyframes]

    assert len(keyframes) == scene.keyframes == 48
    assert all({7, 8, 5} <= set(of_one) for of_one in kinds)
    assert decoded(keyframes[-1]).shape == (360, 640, 3)


def test_there_are_no_b_frames_and_one_slice_a_picture(scene: AccessUnits) -> None:
    decoder = av.CodecContext.create("h264", "r")
    frames = [frame for unit in scene.units[:20] for frame in decoder.decode(av.Packet(unit.data))]

    slices = [sum(unit[0] & 0x1F in (1, 5) for unit in nal_units(access.data)) for access in scene.units]

    assert decoder.has_b_frames is False
    assert {PictureType(frame.pict_type) for frame in frames} == {PictureType.I, PictureType.P}
    assert set(slices) == {1}


def test_a_file_of_another_codec_keeps_its_rate_size_and_pictures(tmp_path: Path) -> None:
    path = _write_video(tmp_path / "clip.avi", _pictures(30), rate=15)

    clip = encode_clip(path)

    assert (clip.fps, clip.width, clip.height, len(clip.units)) == (Fraction(15), 64, 48, 30)
    assert abs(float(decoded(clip.units[0].data).mean()) - 20) < 4


def test_another_rate_repeats_or_leaves_out_pictures(tmp_path: Path) -> None:
    path = _write_video(tmp_path / "clip.avi", _pictures(30), rate=15)

    slower, faster = encode_clip(path, fps=5), encode_clip(path, fps=30)

    assert abs(len(slower.units) - 10) <= 1
    assert abs(len(faster.units) - 60) <= 2


def test_odd_sizes_are_made_even() -> None:
    clip = encode_clip(_pictures(2, width=65, height=49), fps=5)

    assert (clip.width, clip.height) == (64, 48)


@pytest.mark.parametrize("content", [b"", b"no video at all"])
def test_what_is_no_video_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)

    with pytest.raises(SourceUnsupported, match=r"broken\.mp4"):
        file_footage(path)


def test_a_keyframe_interval_of_zero_is_refused() -> None:
    with pytest.raises(ConfigError, match="keyframe interval"):
        encode_clip(_pictures(2), fps=5, keyframe_every_s=0)


def test_a_clip_encoded_on_demand_is_the_same_as_one_encoded_at_once(tmp_path: Path) -> None:
    path = _write_video(tmp_path / "clip.avi", _pictures(80), rate=10)
    at_once = encode_clip(path)

    clip = Clip.of_file(path)
    gops = [clip.wait_for(number, 10.0) for number in range(16)]

    assert [unit for gop in gops if gop for unit in gop] == list(at_once.units)
    assert clip.wait_for(16, 10.0) is None
    assert (clip.gop_count, clip.frame_count) == (16, 80)


def test_an_idle_clip_encodes_only_a_few_groups_ahead_and_keeps_no_thread(tmp_path: Path) -> None:
    clip = Clip.of_file(_write_video(tmp_path / "clip.avi", _pictures(200), rate=10))

    clip.wait_for(0, 10.0)
    for thread in threading.enumerate():
        if thread.name == "simulator-encoder":
            thread.join(10.0)

    assert clip.gop_count is None
    assert not [thread for thread in threading.enumerate() if thread.name == "simulator-encoder"]


def test_the_group_at_a_frame_is_the_next_one_that_begins(scene: AccessUnits) -> None:
    clip = Clip.of_units(scene)

    assert [clip.gop_at(frame) for frame in (0, 1, 5, 6, 239)] == [0, 1, 1, 2, 48]
