"""The process as the supervisor starts it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.answers import AnswerStream
from contracts.board import Board
from contracts.broker import Client
from contracts.bus import FrameBus
from contracts.messages import Answers, Capabilities, Keyframe
from contracts.site import AnalyzerSite, AskedQuestion, CameraQuestions, IngestSite

WITHIN_S = 20.0
MakeFrame = Callable[..., Keyframe]
Ask = Callable[..., AskedQuestion]


def start(valkey: str, data_dir: Path, **settings: str) -> "subprocess.Popen[str]":
    variables = {f"PLAINWATCH_{name.upper()}": value for name, value in settings.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLAINWATCH_")}
    own = {"PLAINWATCH_REDIS_URL": valkey, "PLAINWATCH_DATA_DIR": str(data_dir), "PLAINWATCH_WORKER": "analyzer-1"}
    return subprocess.Popen(
        [sys.executable, "-m", "analyzer"], env={**kept, **own, **variables}, stderr=subprocess.PIPE, text=True
    )


def test_it_offers_what_its_detector_can_answers_and_ends_when_told(
    valkey: str, client: Client, assets: Path, tmp_path: Path, frame_of: MakeFrame, ask: Ask
) -> None:
    questions = CameraQuestions("cam_1", (ask("objects", "bus"), ask("objects", "train")))
    Board(client).publish_site(IngestSite(1), AnalyzerSite(1, (questions,)))
    process = start(valkey, tmp_path, detector=str(assets / "models" / "yolox_nano.onnx"))

    offered = _offered(client)
    bus_picture = (assets / "images" / "demo_bus.jpg").read_bytes()
    FrameBus(client).put(frame_of("cam_1", picture=bus_picture, captured_at=datetime.now(UTC)))
    answers = _first_answers(client)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=WITHIN_S)

    assert process.returncode == 0
    assert offered.model.name == "yolox_nano.onnx"
    assert "bus" in offered.labels
    assert [(answer.count, (answer.margin or 0.0) > 0) for answer in answers.answers] == [(1, True), (0, False)]
    assert answers.evidence


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({"engine": "crystal-ball"}, 2, "'crystal-ball' is no engine"),
        ({"detector": "no-such-model"}, 2, "neither a file nor a known model"),
        ({"detector_url": "http://127.0.0.1:9/m.onnx", "detector_sha256": "0" * 64}, 4, "cannot be fetched"),
    ],
)
def test_what_is_set_wrongly_ends_it_with_a_word_on_what_to_do(
    valkey: str, tmp_path: Path, settings: dict[str, str], code: int, said: str
) -> None:
    process = start(valkey, tmp_path, **settings)

    _, written = process.communicate(timeout=WITHIN_S)

    assert process.returncode == code
    assert said in written
    assert "Traceback" not in written


def _offered(client: Client) -> Capabilities:
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        offered = Board(client).capabilities(now=datetime.now(UTC))
        if offered:
            return offered[0]
        time.sleep(0.02)
    pytest.fail("nothing was offered")


def _first_answers(client: Client) -> Answers:
    stream = AnswerStream(client, shard=0, consumer="test")
    stream.rewind()
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        for delivered in stream.read(most=1, wait_s=0.1):
            if isinstance(delivered.message, Answers):
                return delivered.message
    pytest.fail("nothing was answered")
