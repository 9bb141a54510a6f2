"""The desk of jobs: pictures by their hash, errors as text, frames first."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from analyzer.desk import REST_AT_LEAST_S, JobDesk
from analyzer.edge.engine import EdgeEngine
from analyzer.explaining import ROOM, Explaining, explaining
from analyzer.fake import FakeEngine, Fault
from analyzer.site import SiteWatch
from analyzer.work import Bounds, Worker
from contracts import keys
from contracts.board import Board
from contracts.broker import Client
from contracts.bus import FrameBus
from contracts.errors import JobTimedOut, PlainwatchError
from contracts.explain import JOB, Explained, ExplainRequest
from contracts.jobs import ask
from contracts.messages import Keyframe
from contracts.pins import Pins
from contracts.service import Stop

MakeFrame = Callable[..., Keyframe]
WITHIN_S = 10.0


def now() -> datetime:
    return datetime.now(UTC)


def desk(client: Client, engine: FakeEngine, clock: Callable[[], datetime] = now) -> JobDesk:
    return JobDesk(client, [Explaining(Pins(client), engine, deadline_s=60.0, clock=clock)], clock=clock)


def worker(client: Client, engine: FakeEngine, jobs: JobDesk | None) -> Worker:
    site = SiteWatch(Board(client), engine.capabilities("w"))
    return Worker(
        FrameBus(client), Pins(client), site, engine, name="w", bounds=Bounds(1, 8, 1e9), clock=now, desk=jobs
    )


@contextmanager
def running(loop: Worker, client: Client) -> Iterator[None]:
    stop = Stop()
    thread = threading.Thread(target=loop.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        client.lpush(keys.bell(0), "1")
        thread.join(timeout=WITHIN_S)
        assert not thread.is_alive()


def explain(client: Client, request: ExplainRequest) -> Explained:
    reply = ask(client, ROOM, JOB, msgspec.msgpack.encode(request), now=now(), timeout_s=WITHIN_S)
    return msgspec.msgpack.decode(reply, type=Explained)


def waits(client: Client, *requests: ExplainRequest, timeout_s: float = 0.01, at: datetime | None = None) -> None:
    """Jobs that wait; whoever asked has gone meanwhile."""
    for request in requests:
        with pytest.raises(JobTimedOut):
            ask(client, ROOM, JOB, msgspec.msgpack.encode(request), now=at or now(), timeout_s=timeout_s)


def test_a_pinned_picture_is_explained_between_the_frames(client: Client, frame_of: MakeFrame) -> None:
    engine, picture = FakeEngine(), frame_of().picture
    jobs = desk(client, engine)
    loop = worker(client, engine, jobs)
    sha256 = Pins(client).keep("cam_1", picture, now=now())
    request = ExplainRequest("cam_1", (sha256,), ("Is a person climbing?",))

    with running(loop, client):
        explained = explain(client, request)

    assert explained == engine.explain(request, [picture])
    assert loop.figures()["explained"] == 1
    assert loop.figures()["explain_ms"] >= 0


def test_the_pictures_that_came_before_are_explained_with_it_and_without_them_nothing_is_grounded(
    client: Client, frame_of: MakeFrame
) -> None:
    engine, pictures = _Noting(), [frame_of(seq=seq).picture + bytes(seq) for seq in (1, 2, 3)]
    first, second, newest = (Pins(client).keep("cam_1", picture, now=now()) for picture in pictures)
    jobs = Explaining(Pins(client), engine, deadline_s=60.0, clock=now)
    whole = ExplainRequest("cam_1", (newest,), ("Does a person fall?",), earlier=(first, second))
    torn = ExplainRequest("cam_1", (newest,), ("Does a person fall?",), earlier=(first, "0" * 64))

    replies = [jobs.handle(msgspec.msgpack.encode(request)) for request in (whole, torn)]

    assert engine.shown == [pictures, pictures[2:]]
    assert [msgspec.msgpack.decode(reply, type=Explained).grounded for reply in replies] == [True, False]


class _Noting(FakeEngine):
    def __init__(self) -> None:
        super().__init__()
        self.shown: list[list[bytes]] = []

    def explain(self, request: ExplainRequest, pictures: Sequence[bytes]) -> Explained:
        self.shown.append(list(pictures))
        return super().explain(request, pictures)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (ExplainRequest("cam_1", ("0" * 64,), ("Is a person visible?",)), "picture '000000000000' of camera 'cam_1'"),
        (ExplainRequest("cam_1", (), ("Is a person visible?",)), "no picture or no question"),
    ],
)
def test_what_cannot_be_explained_is_said_to_whoever_asked(client: Client, request_: ExplainRequest, said: str) -> None:
    engine = FakeEngine()
    loop = worker(client, engine, desk(client, engine))

    with running(loop, client), pytest.raises(PlainwatchError, match=said):
        explain(client, request_)

    assert loop.figures()["explain_failed"] == 1


@pytest.mark.parametrize(
    ("fault", "said"), [(Fault.FAIL, "a marked picture came"), (Fault.MEMORY, "out of memory while it explained")]
)
def test_an_engine_that_fails_at_it_goes_on_working(client: Client, fault: Fault, said: str) -> None:
    engine = FakeEngine({b"marked": fault})
    sha256 = Pins(client).keep("cam_1", b"\xff\xd8 marked", now=now())

    with running(worker(client, engine, desk(client, engine)), client):
        for _ in range(2):
            with pytest.raises(PlainwatchError, match=said):
                explain(client, ExplainRequest("cam_1", (sha256,), ("Is a person visible?",)))


def test_a_request_that_cannot_be_read_is_answered_too(client: Client) -> None:
    engine = FakeEngine()

    with running(worker(client, engine, desk(client, engine)), client), pytest.raises(PlainwatchError, match="version"):
        ask(client, ROOM, JOB, b"\xc1", now=now(), timeout_s=WITHIN_S)


def test_while_frames_wait_the_engine_is_theirs_for_a_while_after_each_job(client: Client, frame_of: MakeFrame) -> None:
    times = _Clock()
    jobs = desk(client, FakeEngine(), times)
    sha256 = Pins(client).keep("cam_1", frame_of().picture, now=times())
    waits(client, *[ExplainRequest("cam_1", (sha256,), ("Is a person visible?",))] * 3, at=times() + timedelta(hours=1))

    first = jobs.turn(frames_wait=True)
    at_once = jobs.turn(frames_wait=True)
    times.go_on(REST_AT_LEAST_S)
    after_the_rest = jobs.turn(frames_wait=True)
    without_frames = jobs.turn(frames_wait=False)

    assert (first, at_once, after_the_rest, without_frames) == (True, False, True, True)
    assert jobs.figures()["explained"] == 3


def test_jobs_that_nobody_waits_for_any_more_are_passed_over(client: Client, frame_of: MakeFrame) -> None:
    times = _Clock()
    jobs = desk(client, FakeEngine(), times)
    sha256 = Pins(client).keep("cam_1", frame_of().picture, now=times())
    late, timely = (ExplainRequest("cam_1", (sha256,), (text,)) for text in ("Late?", "Timely?"))
    waits(client, late, late, at=times() - timedelta(hours=1))
    waits(client, timely, at=times())

    assert jobs.turn(frames_wait=True)

    assert jobs.figures()["explained"] == 1
    assert client.llen(keys.jobs(ROOM)) == 0


def test_an_engine_that_does_not_explain_leaves_the_jobs_to_others(client: Client) -> None:
    pins = Pins(client)

    none = explaining(pins, EdgeEngine(), explains=False, deadline_s=60.0, clock=now)
    only_said = explaining(pins, EdgeEngine(), explains=True, deadline_s=60.0, clock=now)
    some = explaining(pins, FakeEngine(), explains=True, deadline_s=60.0, clock=now)

    assert (none, only_said) == ((), ())
    assert [each.kind for each in some] == [JOB]


class _Clock:
    """Stands still until it is moved on."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self._now

    def go_on(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
