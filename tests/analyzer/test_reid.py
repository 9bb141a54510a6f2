"""A re-identification model on real people."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import simplejpeg

from analyzer.edge.detector import Detector, load
from analyzer.edge.engine import EdgeEngine
from analyzer.edge.reid import Recogniser, load_recogniser
from analyzer.engine import Query
from analyzer.picture import Picture
from contracts.errors import ConfigError, EngineError
from contracts.messages import Detection, Keyframe
from contracts.site import AskedQuestion
from rules.tracks.likeness import likeness


@pytest.fixture(scope="module")
def osnet(assets: Path) -> Recogniser:
    return load_recogniser(assets / "models" / "osnet_x0_25_doitall6.onnx")


@pytest.fixture(scope="module")
def nano(assets: Path) -> Detector:
    return load(assets / "models" / "yolox_nano.onnx")


@pytest.fixture(scope="module")
def room(assets: Path) -> dict[int, Picture]:
    """By second: one person from 7 to 19, another from 23 to 44, nobody in between."""
    pictures: dict[int, Picture] = {}
    with av.open(str(assets / "clips" / "intel_one-by-one-person-detection.mp4")) as clip:
        for number, frame in enumerate(clip.decode(video=0)):
            if number in {120, 140, 300, 320}:
                pictures[number // 10] = frame.to_ndarray(format="bgr24")
            if number > 320:
                return pictures
    return pictures


def look(osnet: Recogniser, nano: Detector, picture: Picture) -> bytes:
    seen = osnet.described(nano.detect([picture])[0].detections, picture)
    return next(each.look for each in seen if each.label == "person")


def test_the_same_person_looks_alike_and_another_does_not(
    osnet: Recogniser, nano: Detector, room: dict[int, Picture]
) -> None:
    first, again, other = (look(osnet, nano, room[second]) for second in (12, 14, 30))

    same, different = likeness(first, again), likeness(first, other)

    assert same is not None and different is not None
    assert same > 0.75 > different
    assert len(first) == 512


def test_only_people_that_are_large_enough_are_described(osnet: Recogniser, room: dict[int, Picture]) -> None:
    whole = (0.2, 0.1, 0.6, 0.9)
    seen = (Detection("chair", 0.9, whole), Detection("person", 0.9, (0.5, 0.5, 0.505, 0.51)))

    assert osnet.described(seen, room[12]) == seen


def test_looks_go_with_what_is_to_be_tracked_and_with_nothing_else(
    osnet: Recogniser,
    nano: Detector,
    room: dict[int, Picture],
    frame_of: Callable[..., Keyframe],
    ask: Callable[..., AskedQuestion],
) -> None:
    jpeg = bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(room[12]), quality=90, colorspace="BGR"))
    questions = (ask("objects", "person"), ask("stays", "person"))

    ((plain, tracked),) = EdgeEngine(nano, osnet).answer([Query(frame_of(picture=jpeg), questions)])

    assert [each.look for each in plain.detections] == [b""] * len(plain.detections)
    assert any(each.look for each in tracked.detections if each.label == "person")


def test_what_is_no_such_model_is_named(assets: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PLAINWATCH_REID"):
        load_recogniser(tmp_path / "gone.onnx")
    with pytest.raises(EngineError, match=r"yolox_nano\.onnx"):
        load_recogniser(assets / "models" / "yolox_nano.onnx")
