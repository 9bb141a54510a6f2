"""The gate skips only what it may, says so, and never stands in the way."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pytest

from analyzer.engine import Query, checked, unknown
from analyzer.fake import FakeEngine
from analyzer.gate.gated import GATED, GatedEngine, is_gated
from analyzer.gate.towers import Towers
from analyzer.picture import Picture
from contracts.broker import Client
from contracts.errors import EngineError
from contracts.gates import GateMemories
from contracts.messages import Answer, Keyframe
from contracts.site import AskedQuestion, Bar
from tests.analyzer.gate.colours import BLUE, GREEN, MURKY, RED, Colours, Reader

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MakeFrame = Callable[..., Keyframe]
BAR = Bar(0.5, "colours@1")


class Broken(Colours):
    def look(self, pictures: Sequence[Picture]) -> npt.NDArray[np.float32]:
        raise EngineError("gate 'colours': it failed to run", "unset PLAINWATCH_GATE")


def asked(text: str = "red", bar: Bar | None = BAR) -> AskedQuestion:
    return AskedQuestion(f"q_{text}", f"Is something {text} visible?", bar=bar)


@pytest.fixture
def inner() -> FakeEngine:
    return Reader()


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


def reasons(engine: GatedEngine, frame_of: MakeFrame, *pictures: bytes, bar: Bar = BAR) -> list[str]:
    """One picture a second."""
    frames = [frame_of(seq=n, picture=one, captured_at=NOW + timedelta(seconds=n)) for n, one in enumerate(pictures)]
    looks = [engine.answer([Query(frame, (asked(bar=bar),))])[0][0].gate for frame in frames]
    return [look.why for look in looks if look]


def test_what_was_answered_yes_goes_on_being_asked_until_it_is_gone_though_nothing_changes(
    gated: GatedEngine, frame_of: MakeFrame
) -> None:
    assert reasons(gated, frame_of, GREEN, RED, RED, RED, GREEN, GREEN) == [
        "due", "above", "likely", "likely", "likely", "shut",
    ]  # fmt: skip


def test_what_looks_alike_and_was_answered_no_is_not_asked_again_while_nothing_changes(
    client: Client, frame_of: MakeFrame
) -> None:
    class Blind(Reader):
        def _one(self, query: Query) -> tuple[Answer, ...]:
            return tuple(Answer(question.key, margin=-4.0) for question in query.questions)

    gated = GatedEngine(Blind(), Colours(), GateMemories(client), audit_rate=0.0)

    assert reasons(gated, frame_of, GREEN, RED, RED, RED) == ["due", "above", "shut", "shut"]


def test_what_a_rule_may_fire_on_is_no_clear_no_and_goes_on_being_asked(client: Client, frame_of: MakeFrame) -> None:
    class Shy(Reader):
        def _one(self, query: Query) -> tuple[Answer, ...]:
            return tuple(Answer(question.key, margin=-1.6) for question in query.questions)

    def whys(floor: float) -> list[str]:
        client.flushdb()
        question = AskedQuestion("q_red", "Is something red visible?", bar=BAR, floor=floor)
        gated = GatedEngine(Shy(), Colours(), GateMemories(client), audit_rate=0.0)
        looks = [gated.answer([Query(frame_of(seq=n, picture=GREEN), (question,))])[0][0].gate for n in range(3)]
        return [look.why for look in looks if look]

    assert whys(-2.5) == ["due", "likely", "likely"]
    assert whys(-1.1) == ["due", "shut", "shut"]


def test_a_question_that_got_no_answer_stays_due(client: Client, frame_of: MakeFrame) -> None:
    class Dumb(Reader):
        def _one(self, query: Query) -> tuple[Answer, ...]:
            return unknown(query, "the yes and the no weigh too little")

    gated = GatedEngine(Dumb(), Colours(), GateMemories(client), audit_rate=0.0)

    assert reasons(gated, frame_of, GREEN, GREEN, GREEN) == ["due"] * 3


def test_a_bar_whose_time_is_over_skips_nothing(gated: GatedEngine, frame_of: MakeFrame) -> None:
    bar = Bar(0.5, "colours@1", NOW + timedelta(seconds=2))

    assert reasons(gated, frame_of, GREEN, GREEN, GREEN, GREEN, bar=bar) == ["due", "shut", "open", "open"]


def test_an_audit_asks_all_questions_of_its_frame(inner: FakeEngine, client: Client, frame_of: MakeFrame) -> None:
    gated = GatedEngine(inner, Colours(), GateMemories(client), audit_rate=0.25, due_s=1e6)
    questions = (asked("red"), asked("green"))

    answers = [gated.answer([Query(frame_of(seq=n, picture=BLUE), questions)])[0] for n in range(60)]

    chosen = [tuple(answer.gate.why for answer in given if answer.gate) for given in answers[1:]]
    assert set(chosen) == {("audit", "audit"), ("shut", "shut")}


def test_a_look_says_whose_it_is_and_how_it_scored(gated: GatedEngine, frame_of: MakeFrame) -> None:
    looks = [gated.answer([Query(frame_of(picture=one), (asked(),))])[0][0].gate for one in (RED, MURKY)]

    assert [look.model for look in looks if look] == ["colours@1"] * 2
    assert [0.4 < look.score < 0.7 for look in looks if look] == [False, True]


def test_without_a_bar_and_with_the_bar_of_another_model_everything_is_asked(
    gated: GatedEngine, frame_of: MakeFrame
) -> None:
    questions = (asked("red", None), asked("green", Bar(0.9, "another@1")))

    looks = [
        answer.gate
        for n in range(3)
        for answer in gated.answer([Query(frame_of(seq=n, picture=BLUE), questions)])[0]
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
    gated.answer([Query(frame_of(seq=1, picture=BLUE), questions)])
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


def test_the_gate_is_named_with_the_device_that_it_really_runs_on(
    inner: FakeEngine, client: Client, towers: Towers
) -> None:
    offered = GatedEngine(inner, towers, GateMemories(client)).capabilities("analyzer-1")

    assert offered.gate == towers.name
    assert offered.gate_device == towers.device
    assert (offered.engine, offered.free_text) == ("fake", True)
