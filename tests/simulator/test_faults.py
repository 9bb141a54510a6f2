from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, pairwise

import av
import numpy as np
import pytest

from contracts.errors import ConfigError
from plainwatch.simulator import AccessUnits, Clip, Fault, Mount, encode_clip, serve_in_thread
from plainwatch.simulator.faults import parse_misbehaviour
from plainwatch.simulator.scene import scene_picture
from tests.simulator.rtsp_client import RawClient, is_key

QUIET_S = 0.4  # eight pictures would have come in this time


@pytest.fixture(scope="module")
def walk() -> AccessUnits:
    """Two seconds, 20 pictures a second, a keyframe every fifth of a second."""
    pictures = [scene_picture(4.5 + number / 20, noise_seed=number) for number in range(40)]
    return encode_clip(pictures, fps=20, keyframe_every_s=0.2)


@contextmanager
def _camera(walk: AccessUnits) -> Iterator[tuple[Mount, RawClient]]:
    mount = Mount("yard", Clip.of_units(walk), user="admin", password="right")
    with serve_in_thread(mount) as cameras, RawClient(cameras.url("yard")) as client:
        yield mount, client


def test_a_silent_camera_accepts_the_connection_and_never_answers(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        mount.misbehave(Fault.SILENT)
        camera.send("OPTIONS")

        assert not camera.hears_within(QUIET_S)


def test_a_camera_that_falls_silent_stops_its_running_media_too(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        camera.play()
        mount.misbehave(Fault.SILENT)
        camera._buffer = b""
        while camera.hears_within(QUIET_S):
            camera.receive_some()
        camera.send("GET_PARAMETER")

        assert not camera.hears_within(QUIET_S)


def test_silent_after_play_answers_play_and_sends_no_media_until_it_is_lifted(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        mount.misbehave(Fault.SILENT_AFTER_PLAY)

        assert camera.play().status == 200
        assert not camera.hears_within(QUIET_S)
        mount.behave(Fault.SILENT_AFTER_PLAY)
        assert is_key(next(camera.units())[1])


def test_drip_sends_one_byte_at_a_time(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        mount.misbehave(Fault.DRIP)
        camera.send("OPTIONS")

        assert [camera.receive_some(), camera.receive_some()] == [b"R", b"T"]


def test_stop_after_ends_the_media_and_keeps_the_connection(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        camera.play()
        units = camera.units()
        next(units)
        mount.misbehave(Fault.STOP_AFTER, 0.3)
        received = 1
        while camera.hears_within(QUIET_S):
            next(units)
            received += 1

        assert mount.counts().sent_frames == received
        assert camera.ask("GET_PARAMETER").status == 200


def test_close_after_ends_the_connection_in_mid_stream(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        camera.play()
        units = camera.units()
        received = list(islice(units, 3))
        mount.misbehave(Fault.CLOSE_AFTER, 0.2)
        received += units

    assert mount.counts().sent_frames == len(received)


def test_unauthorized_refuses_the_right_password(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        mount.misbehave(Fault.UNAUTHORIZED)

        assert camera.describe().status == 401


def test_redirect_sends_describe_elsewhere(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        mount.misbehave(Fault.REDIRECT_302, "rtsp://127.0.0.1:1/elsewhere")

        answer = camera.describe()

    assert (answer.status, answer.headers["Location"]) == (302, "rtsp://127.0.0.1:1/elsewhere")


def test_not_found_denies_a_mount_that_is_there(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        mount.misbehave(Fault.NOT_FOUND)

        assert camera.describe().status == 404


def test_never_keyframe_sends_everything_else(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        mount.misbehave(Fault.NEVER_KEYFRAME)
        camera.play()

        units = [unit for _, unit in islice(camera.units(), 12)]

    assert units[:3] == [unit.data for unit in walk.units[1:4]]
    assert not any(is_key(unit) for unit in units)
    assert mount.sent_keyframes == 0


def test_no_video_describes_and_plays_audio_only(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        mount.misbehave(Fault.NO_VIDEO)
        sdp = camera.describe().body
        camera.play()

        assert "m=audio" in sdp
        assert "m=video" not in sdp
        assert len(next(camera.packets()).payload) == 160


def test_garbage_is_not_rtsp(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        mount.misbehave(Fault.GARBAGE)
        camera.send("OPTIONS")

        poured = b"".join(camera.receive_some() for _ in range(3))

    assert len(poured) > 4096
    assert b"RTSP/1.0" not in poured


def test_a_timestamp_jump_is_seen_once_there_and_once_back(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        camera.play()
        units = camera.units()
        before = next(units)[0]
        mount.misbehave(Fault.TIMESTAMP_JUMP, -100.0)
        ahead = [timestamp for timestamp, _ in islice(units, 12)]
        mount.behave()
        after = [timestamp for timestamp, _ in islice(units, 12)]

    steps = {(later - sooner) % 2**32 for sooner, later in pairwise([before, *ahead, *after])}
    assert steps == {4500, (4500 - 9_000_000) % 2**32, 4500 + 9_000_000}


def test_a_resolution_change_comes_in_the_running_stream(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        camera.play()
        pictures = camera.keyframe_pictures()
        before = next(pictures).shape
        mount.misbehave(Fault.RESOLUTION_CHANGE)
        after = [picture.shape for picture in islice(pictures, 4)]

    assert before == (360, 640, 3)
    assert after[-1] == (180, 320, 3)


def test_a_frozen_camera_sends_the_same_picture_again_and_again(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        mount.misbehave(Fault.FREEZE)
        camera.play()
        timestamps, units = zip(*islice(camera.units(), 16), strict=True)

    decoder = av.CodecContext.create("h264", "r")
    frames = [frame for unit in units for frame in decoder.decode(av.Packet(unit))]
    pictures = [frame.to_ndarray(format="gray").astype(int) for frame in frames]
    assert {later - sooner for sooner, later in pairwise(timestamps)} == {4500}
    assert max(float(np.abs(picture - pictures[0]).mean()) for picture in pictures) < 0.5


@pytest.mark.parametrize("fault", [Fault.DARK, Fault.COVERED])
def test_a_dark_or_covered_camera_shows_little_and_still_has_noise(walk: AccessUnits, fault: Fault) -> None:
    with _camera(walk) as (mount, camera):
        mount.misbehave(fault)
        camera.play()
        first, second = (picture.astype(int) for picture in islice(camera.keyframe_pictures(), 2))

    assert first.std() < 12
    assert (first.mean() < 20) == (fault is Fault.DARK)
    assert np.abs(first - second).mean() > 0.1


def test_a_camera_that_behaves_again_is_as_before(walk: AccessUnits) -> None:
    with _camera(walk) as (mount, camera):
        mount.misbehave(Fault.DARK)
        camera.play()
        pictures = camera.keyframe_pictures()
        dark = next(pictures)
        mount.behave()
        later = [picture.mean() for picture in islice(pictures, 4)]

    assert dark.mean() < 20
    assert later[-1] > 60


@pytest.mark.parametrize("text", ["unheard_of", "redirect_302", "close_after=soon"])
def test_a_fault_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="fault '"):
        parse_misbehaviour(text)
