"""Kept pictures before the engine: in their order, alone where they fail, and behind live frames."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from analyzer.desk import REST_AT_LEAST_S, JobDesk
from analyzer.fake import FakeEngine, Fault
from analyzer.trying import Trying
from contracts import keys
from contracts.broker import Client
from contracts.errors import Invalid, JobTimedOut
from contracts.jobs import ask
from contracts.messages import Keyframe, Scene
from contracts.site import AskedQuestion
from contracts.trial import FRAMES_MOST, JOB, ROOM, TrialAnswers, TrialRequest

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAR = AskedQuestion("q", "Is a car visible?")
PAIR = AskedQuestion("p", "Does somebody sit down?", frames=2)


def frames(number: int, *, every_s: float = 10.0) -> tuple[Keyframe, ...]:
    return tuple(
        Keyframe("trial", 1, seq, AT + timedelta(seconds=every_s * seq), b"\xff\xd8 %d \xff\xd9" % seq, 8, 8, Scene())
        for seq in range(1, number + 1)
    )


def tried(request: TrialRequest, engine: FakeEngine | None = None) -> TrialAnswers:
    service = Trying(engine or FakeEngine(), deadline_s=60.0, clock=lambda: AT)
    return msgspec.msgpack.decode(service.handle(msgspec.msgpack.encode(request)), type=TrialAnswers)


def test_each_frame_is_answered_as_if_it_were_live_and_the_earlier_ones_are_not_answered_again() -> None:
    four = frames(4)

    whole = tried(TrialRequest(four, (CAR, PAIR)))
    rest = tried(TrialRequest(four[1:], (CAR, PAIR), earlier=1))

    assert whole.model == FakeEngine().capabilities("").model
    assert len(whole.answers) == 4 and whole.answers[0][1].unknown_reason is not None
    assert rest.answers == whole.answers[2:]


def test_what_lies_a_minute_back_is_no_part_of_what_happens() -> None:
    far = tried(TrialRequest(frames(2, every_s=61.0), (PAIR,)))

    assert all(one[0].unknown_reason for one in far.answers)


def test_a_frame_that_breaks_the_engine_takes_no_other_with_it() -> None:
    broken = tried(TrialRequest(frames(3), (CAR,)), FakeEngine({b" 2 ": Fault.FAIL}))

    assert [one[0].unknown_reason is None for one in broken.answers] == [True, False, True]


@pytest.mark.parametrize(
    "request_",
    [
        TrialRequest((), (CAR,)),
        TrialRequest(frames(1), ()),
        TrialRequest(frames(1), (CAR,), earlier=1),
        TrialRequest(frames(FRAMES_MOST + 1), (CAR,)),
    ],
)
def test_a_request_without_measure_is_refused(request_: TrialRequest) -> None:
    with pytest.raises(Invalid):
        tried(request_)


def test_live_frames_come_first(client: Client) -> None:
    times = [AT]
    trying = Trying(FakeEngine(), deadline_s=60.0, clock=lambda: times[0])
    desk = JobDesk(client, [trying], clock=lambda: times[0])
    payload = msgspec.msgpack.encode(TrialRequest(frames(8), (CAR,)))
    for _ in range(3):
        with pytest.raises(JobTimedOut):
            ask(client, ROOM, JOB, payload, now=AT + timedelta(hours=1), timeout_s=0.01, bell=keys.bell(0))

    first, at_once = desk.turn(frames_wait=True), desk.turn(frames_wait=True)
    times[0] += timedelta(seconds=REST_AT_LEAST_S)
    rested, idle, none = (desk.turn(frames_wait=each) for each in (True, False, False))

    assert (first, at_once, rested, idle, none) == (True, False, True, True, False)
    assert desk.figures()["tried"] == 24
    assert client.llen(keys.bell(0)) == 1
