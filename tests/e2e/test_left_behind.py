"""The bag of real footage, through the pure stages alone: from pictures to incidents, without processes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import pytest
import simplejpeg

from analyzer.edge.detector import load
from analyzer.edge.engine import EdgeEngine
from analyzer.engine import Query
from contracts.messages import Answers, Keyframe, ModelRef
from ingest.masks import Masks
from ingest.scene import SceneHistory
from ingest.view import view_of
from rules.asking.asked import asked_key
from rules.asking.questions import asked_questions
from rules.incidents.judge import judge
from rules.incidents.machine import step
from rules.incidents.spec import spec_for
from rules.incidents.state import Change, ChangeKind, MachineState, Observation
from rules.plan.compile import compile_rule
from rules.tracks.following import follow
from rules.tracks.state import Tracks

pytestmark = pytest.mark.assets

START = datetime(2026, 1, 1, tzinfo=UTC)
MODEL = ModelRef("yolox_nano", "1", "edge")
#: by eye: he steps away from the bag at 19.5, is out of the picture from 22.9 to 28, and walks past it until 39
OWNER_AWAY_S = 19.5
NOBODY_UNTIL_S = 28.0


@dataclass(frozen=True)
class Happened:
    kind: ChangeKind
    at_s: float
    change: Change


def keyframes(path: Path, every_s: float) -> Iterator[Keyframe]:
    history, due_s, seq = SceneHistory(is_live=True), 0.0, 0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for number, frame in enumerate(container.decode(stream)):
            at_s = number / float(stream.average_rate or 25)
            if at_s < due_s - 0.01:
                continue
            due_s, seq, at = due_s + every_s, seq + 1, START + timedelta(seconds=at_s)
            view = view_of(frame, Masks(()))
            assert view
            jpeg = simplejpeg.encode_jpeg(frame.to_ndarray(format="bgr24"), colorspace="BGR")
            yield Keyframe("cam", 1, seq, at, bytes(jpeg), frame.width, frame.height, history.look(view, at))


def run(text: str, clip: Path, engine: EdgeEngine, *, every_s: float) -> list[Happened]:
    plan = compile_rule(text)
    spec = spec_for(plan, rule_id="rul_1", version=1)
    questions, wanted = asked_questions([plan]), {asked_key(plan, each): each.predicate for each in plan.questions}
    tracks, state, happened = Tracks(), MachineState(), []
    for frame in keyframes(clip, every_s):
        (given,) = engine.answer([Query(frame, questions)])
        answers = Answers("cam", 1, frame.seq, frame.captured_at, 1, MODEL, given, 0.0, 0.0)
        tracks, told = follow(tracks, answers, wanted, {})
        judgement = judge(spec, {answer.question_key: answer for answer in (told or answers).answers})
        state, changes = step(spec, state, Observation(frame.captured_at, judgement, (1, frame.seq)))
        at_s = (frame.captured_at - START).total_seconds()
        happened += [Happened(change.kind, at_s, change) for change in changes]
    return happened


@pytest.fixture(scope="module")
def engine(assets: Path) -> EdgeEngine:
    return EdgeEngine(load(assets / "models" / "yolox_nano.onnx"))


@pytest.mark.parametrize("every_s", [0.5, 5.0])
def test_the_bag_opens_one_incident_once_its_owner_was_away_for_five_seconds(
    assets: Path, engine: EdgeEngine, every_s: float
) -> None:
    happened = run("a bag is left alone for 5 seconds", assets / "clips" / "aboda_video4.avi", engine, every_s=every_s)

    (opened,) = happened
    assert opened.kind is ChangeKind.OPENED
    assert OWNER_AWAY_S + 5.0 <= opened.at_s <= max(NOBODY_UNTIL_S, OWNER_AWAY_S + 5.0 + 2 * every_s)
    assert opened.change.started_at == opened.change.at - timedelta(seconds=5)
    (box,) = opened.change.boxes
    assert box.box[0] == pytest.approx(0.62, abs=0.03)
    assert box.box[3] == pytest.approx(0.85, abs=0.03)


def test_in_a_car_park_where_nothing_is_put_down_nothing_was_left(assets: Path, engine: EdgeEngine) -> None:
    clip = assets / "clips" / "intel_person-bicycle-car-detection.mp4"

    assert run("something is left behind for 5 seconds", clip, engine, every_s=0.5) == []
