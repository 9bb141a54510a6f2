"""The gate against real footage with labels: what happens is never gated, and quiet stretches partly are."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import pytest

from ingest.gate import Gate
from ingest.masks import Masks
from ingest.scene import SceneHistory
from ingest.view import view_of

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Judged:
    at_s: float
    is_unchanged: bool
    has_foreground: bool


def _judged(path: Path, every_s: float = 0.5) -> list[Judged]:
    history, gate, masks = SceneHistory(is_live=True), Gate(), Masks(())
    judged: list[Judged] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for number, frame in enumerate(container.decode(stream)):
            at_s = number / float(stream.average_rate or 25)
            if judged and at_s - judged[-1].at_s < every_s - 0.01:
                continue
            view, at = view_of(frame, masks), START + timedelta(seconds=at_s)
            assert view
            scene = history.look(view, at)
            same_as = gate.same_as(view, scene, history.noise, at)
            if same_as is None:
                gate.sent(len(judged) + 1, view, scene, at)
            judged.append(Judged(at_s, same_as is not None, bool(scene.foreground)))
    return judged


def _within(judged: list[Judged], intervals: list[tuple[float, float]]) -> list[Judged]:
    return [one for one in judged if any(first <= one.at_s <= last for first, last in intervals)]


@pytest.mark.assets
@pytest.mark.parametrize(
    ("clip", "happens"),
    [
        ("intel_person-bicycle-car-detection.mp4", ["a car is visible", "a person is riding a bicycle"]),
        ("intel_person-bicycle-car-detection.mp4", ["a person is walking"]),
        ("intel_one-by-one-person-detection.mp4", ["a person is visible"]),
        ("aboda_video4.avi", ["a person on foot is on the pavement"]),
    ],
)
def test_no_picture_of_an_event_is_gated_and_quiet_ones_are(assets: Path, clip: str, happens: list[str]) -> None:
    labels = json.loads((assets / "clips" / "events.json").read_text())["clips"][clip]
    events = [span for label in labels if label["statement"] in happens for span in label["true"]]

    judged = _judged(assets / "clips" / clip)

    inside = _within(judged, events)
    assert inside and not any(one.is_unchanged for one in inside)
    assert any(one.is_unchanged for one in judged)


@pytest.mark.assets
def test_a_bag_left_behind_stays_in_the_foreground_when_its_owner_is_gone(assets: Path) -> None:
    judged = _judged(assets / "clips" / "aboda_video4.avi")

    assert all(one.has_foreground for one in _within(judged, [(23.4, 27.8)]))
