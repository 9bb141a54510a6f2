"""Families of which no file is at hand: small models written by the test, whose outputs follow from their input."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pytest

from analyzer.edge.adapters import adapter_for
from analyzer.edge.detector import load
from analyzer.edge.fit import Fit, letterbox, stretch
from analyzer.edge.port import Candidates, Door, Doors
from analyzer.edge.suppress import MOST, suppress
from contracts.errors import EngineError

FLOAT, INT64 = 1, 7


def plain(blue: int, green: int, red: int, *, rows: int = 48, columns: int = 64) -> npt.NDArray[np.uint8]:
    return np.full((rows, columns, 3), (blue, green, red), np.uint8)


class OnnxFile:
    """ONNX is a protobuf of few fields: written here by hand, the tests need no package for it."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []

    def input(self, name: str, kind: int, shape: Sequence[int | str]) -> Self:
        self._inputs.append(_value(name, kind, shape))
        return self

    def output(self, name: str, kind: int, shape: Sequence[int | str]) -> Self:
        self._outputs.append(_value(name, kind, shape))
        return self

    def constant(self, name: str, values: npt.NDArray[np.generic]) -> Self:
        kind = INT64 if values.dtype == np.int64 else FLOAT
        dims = b"".join(_number(1, size) for size in values.shape)
        self._constants.append(dims + _number(2, kind) + _bytes(8, name.encode()) + _bytes(9, values.tobytes()))
        return self

    def node(self, op: str, inputs: Sequence[str], output: str, **attributes: int | Sequence[int]) -> Self:
        body = b"".join(_bytes(1, name.encode()) for name in inputs) + _bytes(2, output.encode())
        body += _bytes(4, op.encode())
        for name, value in attributes.items():
            body += _bytes(5, _attribute(name, value))
        self._nodes.append(body)
        return self

    def save(self, path: Path) -> Path:
        graph = b"".join(_bytes(1, node) for node in self._nodes) + _bytes(2, b"tiny")
        graph += b"".join(_bytes(5, constant) for constant in self._constants)
        graph += b"".join(_bytes(11, given) for given in self._inputs)
        graph += b"".join(_bytes(12, given) for given in self._outputs)
        path.write_bytes(_number(1, 8) + _bytes(8, _bytes(1, b"") + _number(2, 13)) + _bytes(7, graph))
        return path


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = b""
    while value > 0x7F:
        out += struct.pack("B", value & 0x7F | 0x80)
        value >>= 7
    return out + struct.pack("B", value)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return _bytes(1, name.encode()) + _number(3, value) + _number(20, 2)
    return _bytes(1, name.encode()) + b"".join(_number(8, one) for one in value) + _number(20, 7)


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    dims = b"".join(
        _bytes(1, _number(1, size) if isinstance(size, int) else _bytes(2, size.encode())) for size in shape
    )
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, dims)))


def with_a_row_for_each_picture(file: OnnxFile, constant: str, output: str) -> None:
    """`constant` (1, ...) repeated over the batch."""
    file.node("Shape", ["images"], "shape").node("Slice", ["shape", "zero", "one"], "count")
    file.node("Concat", ["count", "ones"], f"{output}_shape", axis=0)
    file.node("Expand", [constant, f"{output}_shape"], output)


def rtdetr_with_postprocessing(file: OnnxFile, path: Path) -> Path:
    """Three boxes, in pixels of the size that is asked for: a person, a car whose score is the red of the picture, and
    a class that nobody knows."""
    file.input("images", FLOAT, ["batch", 3, 32, 32]).input("orig_target_sizes", INT64, ["batch", 2])
    file.output("labels", INT64, ["batch", 3]).output("boxes", FLOAT, ["batch", 3, 4])
    file.output("scores", FLOAT, ["batch", 3])
    file.constant("zero", np.array([0], np.int64)).constant("one", np.array([1], np.int64))
    file.constant("ones", np.array([1], np.int64)).constant("two", np.array([2], np.int64))
    file.constant("three", np.array([3], np.int64))
    file.constant("classes", np.array([[0, 2, 90]], np.int64))
    unit = [[0.25, 0.5, 0.75, 1.0], [0.0, 0.0, 0.5, 0.5], [0.1, 0.1, 0.9, 0.9]]
    file.constant("unit", np.array([unit], np.float32))
    file.constant("fixed", np.array([[0.9]], np.float32))
    # labels: one row for each picture
    file.node("Shape", ["images"], "shape").node("Slice", ["shape", "zero", "one"], "count")
    file.node("Concat", ["count", "ones"], "label_shape", axis=0).node("Expand", ["classes", "label_shape"], "labels")
    # boxes: unit boxes times (w, h, w, h) of the second input
    file.node("Cast", ["orig_target_sizes"], "wide", to=FLOAT).node("Concat", ["wide", "wide"], "whwh", axis=1)
    file.node("Unsqueeze", ["whwh", "one"], "each").node("Mul", ["unit", "each"], "boxes")
    # scores: 0.9, the mean of the first plane, 0.9
    file.node("Slice", ["images", "zero", "one", "one"], "plane")
    file.node("ReduceMean", ["plane"], "red", axes=[2, 3], keepdims=0)
    file.node("Concat", ["count", "ones"], "score_shape", axis=0).node("Expand", ["fixed", "score_shape"], "sure")
    file.node("Concat", ["sure", "red", "sure"], "scores", axis=1)
    return file.save(path)


def rtdetr_without_postprocessing(file: OnnxFile, path: Path) -> Path:
    """Two queries; the logit of the car at the second is eight times the mean red, minus four."""
    logits = np.full((1, 2, 80), -9.0, np.float32)
    logits[0, 0, 0] = 3.0
    scale = np.zeros((1, 2, 80), np.float32)
    logits[0, 1, 2], scale[0, 1, 2] = -4.0, 8.0
    boxes = np.array([[[0.5, 0.75, 0.5, 0.5], [0.25, 0.25, 0.5, 0.5]]], np.float32)
    file.input("pixel_values", FLOAT, ["batch", 3, "height", "width"])
    file.output("logits", FLOAT, ["batch", 2, 80]).output("pred_boxes", FLOAT, ["batch", 2, 4])
    file.constant("base", logits).constant("scale", scale).constant("unit", boxes).constant("zeros", boxes * 0)
    file.constant("zero", np.array([0], np.int64)).constant("one", np.array([1], np.int64))
    file.node("Slice", ["pixel_values", "zero", "one", "one"], "plane")
    file.node("ReduceMean", ["plane"], "red", axes=[2, 3], keepdims=0).node("Unsqueeze", ["red", "one"], "reds")
    file.node("Mul", ["reds", "scale"], "added").node("Add", ["added", "base"], "logits")
    file.node("Mul", ["reds", "zeros"], "nothing").node("Add", ["nothing", "unit"], "pred_boxes")
    return file.save(path)


def test_rtdetr_with_postprocessing_sees_red_planes_first_and_gives_boxes_of_the_picture(
    tmp_path: Path
) -> None:
    detector = load(rtdetr_with_postprocessing(OnnxFile(), tmp_path / "tiny_rtdetr.onnx"))

    red, black = detector.detect([plain(0, 0, 204), plain(255, 255, 0)])

    assert detector.family == "rtdetr"
    assert [(seen.label, round(seen.score, 2)) for seen in red.detections] == [("person", 0.9), ("car", 0.8)]
    assert red.detections[0].box == pytest.approx((0.25, 0.5, 0.75, 1.0))
    assert red.detections[1].box == pytest.approx((0.0, 0.0, 0.5, 0.5))
    assert [seen.label for seen in black.detections] == ["person"]


def test_rtdetr_without_postprocessing_is_read_from_logits_and_centres(tmp_path: Path) -> None:
    detector = load(rtdetr_without_postprocessing(OnnxFile(), tmp_path / "tiny_dfine.onnx"))

    red, black = detector.detect([plain(0, 0, 255), plain(255, 255, 0)])

    assert detector.input_size == (640, 640)
    assert [seen.label for seen in red.detections] == ["car", "person"]
    assert red.detections[0].score == pytest.approx(0.982, abs=0.001)
    assert red.detections[0].box == pytest.approx((0.0, 0.0, 0.5, 0.5))
    assert red.detections[1].box == pytest.approx((0.25, 0.5, 0.75, 1.0))
    assert [seen.label for seen in black.detections] == ["person"]


def test_a_picture_of_which_the_model_gives_nan_fails_alone(tmp_path: Path) -> None:
    # log(mean red - 0.5): a number for red pictures, NaN for the others
    file = OnnxFile().input("pixel_values", FLOAT, ["batch", 3, 32, 32])
    file.output("logits", FLOAT, ["batch", 1, 80]).output("pred_boxes", FLOAT, ["batch", 1, 4])
    file.constant("zero", np.array([0], np.int64)).constant("one", np.array([1], np.int64))
    file.constant("half", np.array([0.4], np.float32)).constant("logits_of_one", np.ones((1, 1, 80), np.float32))
    file.constant("unit", np.full((1, 1, 4), 0.5, np.float32))
    file.node("Slice", ["pixel_values", "zero", "one", "one"], "plane")
    file.node("ReduceMean", ["plane"], "red", axes=[2, 3], keepdims=0).node("Unsqueeze", ["red", "one"], "reds")
    file.node("Sub", ["reds", "half"], "less").node("Log", ["less"], "log")
    file.node("Mul", ["log", "logits_of_one"], "logits")
    file.node("Mul", ["reds", "unit"], "pred_boxes")
    detector = load(file.save(tmp_path / "tiny_nan.onnx"))

    sights = detector.detect([plain(0, 0, 255), plain(0, 0, 0), plain(0, 0, 255)])

    assert [bool(sight.failed) for sight in sights] == [False, True, False]
    assert sights[1].detections == ()


def test_yolox_cells_become_boxes_where_a_batch_is_allowed(tmp_path: Path) -> None:
    # A 32 x 32 input has 16 + 4 + 1 cells; the last, of stride 32, holds a dog 16 x 8 at (24, 16).
    raw = np.zeros((1, 21, 85), np.float32)
    raw[0, 20, :5] = (0.75, 0.5, np.log(0.5), np.log(0.25), 0.8)
    raw[0, 20, 5 + 16] = 0.5
    file = OnnxFile().input("images", FLOAT, ["batch", 3, 32, 32]).output("output", FLOAT, ["batch", 21, 85])
    file.constant("raw", raw).constant("zero", np.array([0], np.int64)).constant("one", np.array([1], np.int64))
    file.constant("ones", np.array([1, 1], np.int64))
    with_a_row_for_each_picture(file, "raw", "output")
    detector = load(file.save(tmp_path / "tiny_yolox.onnx"))

    sights = detector.detect([plain(1, 2, 3, rows=32, columns=32), plain(1, 2, 3, rows=16, columns=32)])

    assert detector.family == "yolox"
    assert [(seen.label, round(seen.score, 3)) for seen in sights[0].detections] == [("dog", 0.4)]
    assert sights[0].detections[0].box == pytest.approx((0.5, 0.375, 1.0, 0.625))
    # Of a picture half as high only the upper half of the input is the picture.
    assert sights[1].detections[0].box == pytest.approx((0.5, 0.75, 1.0, 1.0))


def test_nanodet_plus_is_read_from_one_output(tmp_path: Path) -> None:
    # A 64 x 64 input has 64 + 16 + 4 + 1 cells; that of stride 16 in row 1, column 2 reaches out one stride each way.
    raw = np.zeros((1, 85, 112), np.float32)
    cell = 64 + 1 * 4 + 2
    raw[0, cell, 15] = 0.7
    raw[0, cell, 80:] = -50.0
    raw[0, cell, 81::8] = 50.0
    file = OnnxFile().input("data", FLOAT, [1, 3, 64, 64]).output("output", FLOAT, [1, 85, 112])
    file.constant("raw", raw).node("Identity", ["raw"], "output")
    detector = load(file.save(tmp_path / "tiny_plus.onnx"))

    sights = detector.detect([plain(1, 2, 3), plain(1, 2, 3)])

    assert detector.family == "nanodet"
    assert len(sights) == 2
    assert [(seen.label, round(seen.score, 2)) for seen in sights[1].detections] == [("cat", 0.7)]
    assert sights[1].detections[0].box == pytest.approx((0.25, 0.0, 0.75, 0.5))


@pytest.mark.parametrize(
    "outputs",
    [
        (Door("output", (1, 3549, 25)),),  # YOLOX with 20 classes
        (Door("logits", (None, 300, 92)), Door("pred_boxes", (None, 300, 4))),  # DETR
        (Door("output0", (1, 84, 8400)),),  # YOLOv8
    ],
)
def test_kin_that_would_be_read_wrongly_is_refused(outputs: tuple[Door, ...]) -> None:
    doors = Doors((Door("images", (1, 3, 416, 416)),), outputs)

    with pytest.raises(EngineError, match="not one we read"):
        adapter_for("kin.onnx", doors)


def test_letterbox_and_stretch_know_the_way_back() -> None:
    wide = plain(9, 9, 9, rows=30, columns=70)

    canvas, boxed = letterbox(wide, 64, 64)
    filled, stretched = stretch(wide, 64, 32)

    assert (boxed, stretched) == (Fit(64, 27), Fit(64, 32))
    assert (canvas[:27] == 9).all()
    assert (canvas[27:] == 114).all()
    assert filled.shape == (32, 64, 3)
    assert boxed.to_unit(np.array([[0, 0, 64, 27], [32, 13.5, 80, 64]], np.float32)).tolist() == [
        [0, 0, 1, 1],
        [0.5, 0.5, 1, 1],
    ]


def test_overlapping_boxes_of_a_class_are_one_thing_and_of_two_classes_are_two() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 10, 10], [50, 50, 60, 60]], np.float32)
    found = Candidates(boxes, np.array([0.6, 0.9, 0.5, 0.3], np.float32), np.array([1, 1, 2, 1]))

    kept = suppress(found, 0.5)

    assert kept.scores.tolist() == pytest.approx([0.9, 0.5, 0.3])
    assert kept.labels.tolist() == [1, 2, 1]
    assert suppress(found, None).scores.tolist() == pytest.approx([0.9, 0.6, 0.5, 0.3])


def test_a_crowd_is_bounded() -> None:
    corners = np.arange(500, dtype=np.float32)[:, None] * 20
    boxes = np.concatenate([corners, corners, corners + 10, corners + 10], axis=1)

    kept = suppress(Candidates(boxes, np.full(500, 0.5, np.float32), np.zeros(500, np.int64)), 0.5)

    assert len(kept.scores) == MOST
