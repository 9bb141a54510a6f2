"""Zones that a label file draws on its clips."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.errors import Invalid
from plainwatch.cli.app import app
from plainwatch.evaluate.labels import read_labels
from store.cameras import Zone


def written(folder: Path, zones: object) -> Path:
    file = folder / "labels.json"
    statement = {"statement": "a car is in the parking area", "true": [[0, 3.2]], "false": [[4.2, 27.5]]}
    file.write_text(json.dumps({"zones": zones, "clips": {CLIP: [statement]}}))
    return file


CLIP = "intel_person-bicycle-car-detection.mp4"
WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]]


def test_a_clip_has_the_zones_that_its_labels_draw(tmp_path: Path) -> None:
    file = written(tmp_path, {CLIP: {"gate": [[0, 0], [1, 1]]}, "another.mp4": {"yard": WHOLE}})

    (labelled,) = read_labels(file, lambda _clip: (25.0, 10.0))

    assert labelled.zones == (Zone("gate", ((0.0, 0.0), (1.0, 1.0))),)


@pytest.mark.parametrize("polygon", [[[0, 0]], [[0, 0], [1, 2], [1, 1]]])
def test_a_zone_outside_the_picture_is_refused_in_words(tmp_path: Path, polygon: object) -> None:
    file = written(tmp_path, {CLIP: {"gate": polygon}})

    with pytest.raises(Invalid, match="zone 'gate' is no part of a picture"):
        read_labels(file, lambda _clip: (25.0, 10.0))


def test_a_statement_about_a_place_is_answered_where_the_place_is_drawn(
    assets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAINWATCH_DETECTOR", str(assets / "models" / "yolox_nano.onnx"))
    clip = str(assets / "clips" / CLIP)
    told = {}

    for name, zones in (("drawn", {CLIP: {"parking area": WHOLE}}), ("not drawn", {})):
        arguments = ["evaluate", clip, "--labels", str(written(tmp_path, zones)), "--json"]
        (told[name],) = json.loads(CliRunner().invoke(app, arguments).stdout)["statements"]

    assert (told["drawn"]["status"], told["drawn"]["event_recall"]) == ("answered", 1.0)
    assert "'parking area' is no zone" in told["not drawn"]["reason"]
