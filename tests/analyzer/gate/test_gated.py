"""The gate skips only what it may, says so, and never stands in the way."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pytest
import simplejpeg

from analyzer.engine import Query, checked
from analyzer.fake import FakeEngine
from analyzer.gate.gated import GATED, GatedEngine, is_gated
from analyzer.gate.towers import Towers
from analyzer.picture import Picture
from contracts.broker import Client
from contracts.errors import EngineError
from contracts.gates import GateMemories
from contracts.messages import Keyframe
from contracts.site import AskedQuestion, Bar

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MakeFrame = Callable[..., Keyframe]


class Colours:
    """A dual tower that a person can follow: a picture is its mean colour, a text names one."""

    name = "colours@1"

    def __init__(self) -> None:
        self.looks: list[int] = []

    def look(self, pictures: Sequence[Picture]) -> npt.NDArray[np.float32]:
        self.looks.append(len(pictures))
        means = np.stack([picture.reshape(-1, 3).mean(axis=0)[::-1] for picture in pictures]).astype(np.float32)
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    def read(self, text: str) -> npt.NDArray[np.float32]:
        # As far from a picture of its own colour as SigLIP's texts are: a cosine of about 0.15.
        index = next(index for index, colour in enumerate(("red", "green", "blue")) if colour in text)
        unit = np.full(3, -0.02, np.float32)
        unit[index] = 0.15
        return unit


class Broken(Colours):
    def look(self, pictures: Sequence[Picture]) -> npt.NDArray[np.float32]:
        raise EngineError("gate 'colours': it failed to run", "unset PLAINWATCH_GATE")


def painted(red: int, green: int, blue: int) -> bytes:
    picture = np.empty((64, 64, 3), np.uint8)
    picture[:] = (red, green, blue)
    return bytes(simplejpeg.encode_jpeg(picture, quality=95, colorspace="RGB"))


RED, GREEN = painted(250, 5, 5), painted(5, 250, 5)


def asked(text: str = "red", bar: Bar | None = Bar(0.5, "colours@1")) -> AskedQuestion:  # noqa: B008 - frozen
    return AskedQuestion(f"q_{text}", f"Is something {text} visible?", bar=bar)


@pytest.fixture
def inner() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def gated(inner: FakeEngine, client: Client) -> GatedEngine:
    return GatedEngine(inner, Colours(), GateMemories(client), audit_rate=0.0)


def test_what_was_never_asked_is_asked_and_what_is_unlike_is_then_skipped(
    gated: GatedEngine, inner: FakeEngine, frame_of: MakeFrame
) -> None:
    later = frame_of(seq=2, picture=GREEN, captured_at=NOW + timedelta(seconds=1))

    first = gated.answer([Query(frame_of(seq=1, picture=GREEN), (asked(),))])[0][0]
    second = gated.answer([Query(later, (asked(),))])[0]

    assert first.gate is not None
    assert (first.gate.why, first.unknown_reason) == ("due", None)
    assert [(answer.unknown_reason, answer.gate.why) for answer in second if answer.gate] == [(GATED, "shut")]
    assert is_gated(second)
    assert inner.batches == [1, 0]


def test_what_is_like_the_question_is_asked_when_it_appears_and_not_again_while_nothing_changes(
    gated: GatedEngine, frame_of: MakeFrame
) -> None:
    frames = [
        frame_of(seq=n, picture=one, captured_at=NOW + timedelta(seconds=n)) for n, one in enumerate((GREEN, RED, RED))
    ]

    looks = [gated.answer([Query(frame, (asked(),))])[0][0].gate for frame in frames]

    assert [look.why for look in looks if look] == ["due", "above", "shut"]


def test_without_a_bar_and_with_the_bar_of_another_model_everything_is_asked(
    gated: GatedEngine, frame_of: MakeFrame
) -> None:
    questions = (asked("red", None), asked("green", Bar(0.9, "another@1")))

    looks = [
        answer.gate
        for n in range(3)
        for answer in gated.answer([Query(frame_of(seq=n, picture=painted(5, 5, 250)), questions)])[0]
    ]

    assert [look.why for look in looks if look] == ["open"] * 6


def test_nothing_is_skipped_for_longer_than_the_time_given(gated: GatedEngine, frame_of: MakeFrame) -> None:
    whys = []

    for second in range(0, 25, 2):
        frame = frame_of(seq=second, picture=GREEN, captured_at=NOW + timedelta(seconds=second))
        look = gated.answer([Query(frame, (asked(),))])[0][0].gate
        whys.append(look.why if look else "")

    assert [second for second, why in zip(range(0, 25, 2), whys, strict=True) if why == "due"] == [0, 10, 20]


def test_chance_asks_about_the_given_part_of_what_would_be_skipped(
    inner: FakeEngine, client: Client, frame_of: MakeFrame
) -> None:
    gated = GatedEngine(inner, Colours(), GateMemories(client), audit_rate=0.25, due_s=1e6)

    whys = [
        look.why
        for n in range(400)
        if (look := gated.answer([Query(frame_of(seq=n, picture=GREEN), (asked(),))])[0][0].gate)
    ]

    assert 60 <= whys.count("audit") <= 140
    assert whys.count("audit") + whys.count("shut") == 399


def test_only_the_questions_that_pass_reach_the_engine(gated: GatedEngine, frame_of: MakeFrame) -> None:
    questions = (asked("red"), asked("green"))
    gated.answer([Query(frame_of(seq=1, picture=painted(5, 5, 250)), questions)])
    query = Query(frame_of(seq=2, picture=GREEN, captured_at=NOW + timedelta(seconds=1)), questions)

    answers = checked([query], gated.answer([query]))[0]

    assert [answer.unknown_reason for answer in answers] == [GATED, None]
    assert not is_gated(answers)


def test_a_gate_that_fails_stands_open(inner: FakeEngine, client: Client, frame_of: MakeFrame) -> None:
    gated = GatedEngine(inner, Broken(), GateMemories(client))

    answers = [gated.answer([Query(frame_of(seq=n, picture=GREEN), (asked(),))])[0][0] for n in range(3)]

    assert [answer.unknown_reason for answer in answers] == [None] * 3


def test_a_new_stream_of_the_camera_forgets_what_was_asked(
    inner: FakeEngine, client: Client, frame_of: MakeFrame
) -> None:
    gated = GatedEngine(inner, Colours(), GateMemories(client), audit_rate=0.0)
    before = frame_of(seq=9, picture=GREEN)
    after = Keyframe("cam_1", 2, 1, NOW, GREEN, 64, 64, before.scene)

    looks = [gated.answer([Query(frame, (asked(),))])[0][0].gate for frame in (before, after)]

    assert [look.why for look in looks if look] == ["due", "due"]


def test_cameras_are_looked_at_together(inner: FakeEngine, client: Client, frame_of: MakeFrame) -> None:
    towers = Colours()
    gated = GatedEngine(inner, towers, GateMemories(client))

    gated.answer([Query(frame_of(f"cam_{n}", picture=GREEN), (asked(),)) for n in range(5)])

    assert towers.looks == [5]


def test_real_towers_stand_in_the_same_place(
    inner: FakeEngine, client: Client, towers: Towers, frame_of: MakeFrame
) -> None:
    gated = GatedEngine(inner, towers, GateMemories(client))

    answer = gated.answer([Query(frame_of(picture=GREEN), (asked(bar=Bar(0.5, towers.name)),))])[0][0]

    assert answer.gate is not None
    assert 0.0 <= answer.gate.score <= 1.0
    assert answer.gate.why in ("due", "above")
