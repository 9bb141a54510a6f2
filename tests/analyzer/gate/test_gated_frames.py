"""What the loop makes of a frame whose questions were skipped."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from analyzer.gate.gated import GatedEngine
from analyzer.site import SiteWatch
from analyzer.work import Bounds, Worker
from contracts.answers import AnswerStream
from contracts.board import Board
from contracts.broker import Client
from contracts.bus import FrameBus
from contracts.gates import GateMemories
from contracts.messages import Answers, Keyframe, Missed, StreamMessage
from contracts.pins import Pins
from contracts.site import AnalyzerSite, AskedQuestion, Bar, CameraQuestions, IngestSite
from tests.analyzer.gate.colours import GREEN, Colours, Reader

MakeFrame = Callable[..., Keyframe]
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BAR = Bar(0.5, Colours.name)


@pytest.fixture
def loop(client: Client) -> Worker:
    engine = GatedEngine(Reader(), Colours(), GateMemories(client), audit_rate=0.0)
    site = SiteWatch(Board(client), engine.capabilities("w"))
    bounds = Bounds(1, 8, 1e9)
    return Worker(FrameBus(client), Pins(client), site, engine, name="w", bounds=bounds, clock=lambda: NOON)


def outcomes(client: Client, loop: Worker, frame_of: MakeFrame, *questions: AskedQuestion) -> list[StreamMessage]:
    """Of two equal frames, one a second after the other."""
    site = AnalyzerSite(1, (CameraQuestions("cam_1", questions),))
    Board(client).publish_site(IngestSite(1), site)
    for seq in (1, 2):
        FrameBus(client).put(frame_of(seq=seq, picture=GREEN, captured_at=NOON + timedelta(seconds=seq)))
        assert loop.turn() == 1
    stream = AnswerStream(client, shard=0, consumer="test")
    stream.rewind()
    stream.read(most=100)
    return [each.message for each in stream.read(most=100, wait_s=0.1) if each.message]


def asked(colour: str, bar: Bar | None = BAR, frames: int = 1) -> AskedQuestion:
    return AskedQuestion(f"q_{colour}", f"Is something {colour} visible?", frames=frames, bar=bar)


def test_a_frame_of_which_nothing_was_asked_is_missed_as_gated_and_counted_so(
    client: Client, loop: Worker, frame_of: MakeFrame
) -> None:
    first, second = outcomes(client, loop, frame_of, asked("red"), asked("blue"))

    assert isinstance(first, Answers)
    assert isinstance(second, Missed)
    assert (second.reason, second.count, second.seq) == ("gated", 1, 2)
    assert (loop.figures()["analysed"], loop.figures()["gated"]) == (1.0, 1.0)
    assert FrameBus(client).in_flight("cam_1") == 0


def test_a_frame_of_which_something_was_asked_is_answered(client: Client, loop: Worker, frame_of: MakeFrame) -> None:
    _, second = outcomes(client, loop, frame_of, asked("red"), asked("blue", bar=None))

    assert isinstance(second, Answers)
    assert [answer.unknown_reason for answer in second.answers] == ["gated", None]
    assert loop.figures()["gated"] == 0.0


def test_a_gated_frame_is_remembered_for_questions_about_several(
    client: Client, loop: Worker, frame_of: MakeFrame
) -> None:
    outcomes(client, loop, frame_of, asked("red"), asked("blue", frames=2))

    assert [frame.seq for frame in FrameBus(client).recent("cam_1")] == [1, 2]
