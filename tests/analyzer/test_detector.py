"""Detectors on real photographs, and on small files made for the purpose."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from analyzer.edge.detector import Detector, load
from analyzer.picture import decode
from contracts.errors import EngineError
from contracts.messages import Detection

MODELS = {"yolox_nano.onnx": "yolox", "nanodet_m.onnx": "nanodet", "FastestDet.onnx": "fastestdet"}
Box = tuple[float, float, float, float]


@pytest.fixture(scope="module")
def detectors(assets: Path) -> dict[str, Detector]:
    return {family: load(assets / "models" / file) for file, family in MODELS.items()}


@pytest.fixture(scope="module")
def see(assets: Path, detectors: dict[str, Detector]) -> Callable[[str, str], tuple[Detection, ...]]:
    def look(family: str, image: str) -> tuple[Detection, ...]:
        detector = detectors[family]
        width, height = detector.input_size
        picture = decode((assets / "images" / image).read_bytes(), width=width, height=height)
        return detector.detect([picture])[0].detections

    return look


def scores(seen: tuple[Detection, ...], label: str) -> list[float]:
    return [round(one.score, 2) for one in seen if one.label == label]


def overlap(a: Box, b: Box) -> float:
    wide = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    high = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return wide * high / (areas - wide * high)


@pytest.mark.parametrize("family", MODELS.values())
def test_each_family_is_recognised_by_the_shape_of_its_file(detectors: dict[str, Detector], family: str) -> None:
    assert detectors[family].family == family
    assert len(detectors[family].revision) == 16


@pytest.mark.parametrize(
    ("family", "bus", "persons"),
    [
        ("yolox", 0.90, [0.86, 0.81, 0.70]),
        ("nanodet", 0.63, [0.76, 0.48, 0.48]),
        ("fastestdet", 0.79, [0.88, 0.88]),
    ],
)
def test_the_bus_and_its_people_score_as_published(
    see: Callable[[str, str], tuple[Detection, ...]], family: str, bus: float, persons: list[float]
) -> None:
    seen = see(family, "demo_bus.jpg")

    assert scores(seen, "bus")[0] == pytest.approx(bus, abs=0.02)
    assert scores(seen, "person")[: len(persons)] == pytest.approx(persons, abs=0.02)


@pytest.mark.parametrize("other", ["nanodet", "fastestdet"])
def test_two_families_find_the_same_bus_and_people_in_the_same_places(
    see: Callable[[str, str], tuple[Detection, ...]], other: str
) -> None:
    ours, theirs = see("yolox", "demo_bus.jpg"), see(other, "demo_bus.jpg")

    for one in (seen for seen in ours if seen.score > 0.6):
        best = max(overlap(one.box, seen.box) for seen in theirs if seen.label == one.label)
        assert best > 0.6, (one, best)


@pytest.mark.parametrize(
    ("image", "label", "at_least"),
    [
        ("mway_018.3s.jpg", "car", 3),
        ("vtest_043.0s.jpg", "person", 3),
        ("obo_035.0s.jpg", "person", 1),
        ("jetson_city_5.jpg", "bus", 1),
        ("jetson_horse_1.jpg", "horse", 1),
        ("jetson_bird_0.jpg", "bird", 1),
    ],
)
def test_what_was_labelled_by_eye_is_found(
    see: Callable[[str, str], tuple[Detection, ...]], image: str, label: str, at_least: int
) -> None:
    assert sum(score >= 0.4 for score in scores(see("yolox", image), label)) >= at_least


def test_what_was_labelled_absent_is_not_found(
    assets: Path, see: Callable[[str, str], tuple[Detection, ...]]
) -> None:
    items = json.loads((assets / "images" / "labels.json").read_text())["items"]
    absent = [
        (item["image"], item["statement"].split()[1])
        for item in items
        if not item["answer"] and item["statement"] in {f"a {label} is visible" for label in ("person", "car", "bus")}
    ]

    wrong = [(image, label) for image, label in absent if scores(see("yolox", image), label)[:1] > [0.5]]

    assert len(absent) > 10
    assert wrong == []


def test_padding_is_undone_exactly(assets: Path, detectors: dict[str, Detector]) -> None:
    # A tall, a wide and a square picture hold the same bus: in pixels it must be in the same place.
    bus = decode((assets / "images" / "demo_bus.jpg").read_bytes(), width=810, height=1080)
    wide = np.full((1080, 1620, 3), 114, np.uint8)
    wide[:, :810] = bus
    square = np.full((1080, 1080, 3), 114, np.uint8)
    square[:, 270:] = bus

    boxes = []
    for picture, left in ((bus, 0), (wide, 0), (square, 270)):
        best = next(one for one in detectors["yolox"].detect([picture])[0].detections if one.label == "bus")
        pixels = np.array(best.box) * np.array([picture.shape[1], picture.shape[0]] * 2)
        boxes.append(pixels - np.array([left, 0, left, 0]))

    assert np.abs(boxes[0] - boxes[2]).max() < 12
    assert np.abs(boxes[0] - boxes[1]).max() < 40  # the wide one is seen at two thirds of the size


def test_boxes_lie_within_the_picture_and_scores_above_the_floor(
    see: Callable[[str, str], tuple[Detection, ...]],
) -> None:
    for family in MODELS.values():
        for image in ("demo_bus.jpg", "vtest_007.1s.jpg", "jetson_peds_0.jpg"):
            for seen in see(family, image):
                x1, y1, x2, y2 = seen.box
                assert 0 <= x1 < x2 <= 1
                assert 0 <= y1 < y2 <= 1
                assert 0.25 <= seen.score <= 1


def test_a_file_that_is_no_model_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "holiday.onnx"
    file.write_bytes(b"no model at all")

    with pytest.raises(EngineError, match=r"holiday\.onnx.*cannot be loaded"):
        load(file)


def test_a_model_of_another_kind_is_refused_with_what_is_supported(assets: Path) -> None:
    with pytest.raises(EngineError) as refused:
        load(assets / "models" / "osnet_x0_25_doitall6.onnx")

    assert "osnet_x0_25_doitall6.onnx" in str(refused.value)
    assert "features[?,512]" in str(refused.value)
    assert "YOLOX" in refused.value.remedy


def test_a_gpu_that_is_required_and_not_used_is_an_error(assets: Path, detectors: dict[str, Detector]) -> None:
    if detectors["yolox"].device == "cuda":
        pytest.skip("this machine runs the model on a GPU")

    with pytest.raises(EngineError, match="PLAINWATCH_REQUIRE_GPU"):
        load(assets / "models" / "yolox_nano.onnx", require_gpu=True)
