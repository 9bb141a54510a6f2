"""The loop against a real Valkey: every frame gets exactly one outcome."""

import logging
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from analyzer.edge.engine import EdgeEngine
from analyzer.engine import Engine, Query
from analyzer.fake import FakeEngine, Fault
from analyzer.site import SiteWatch
from analyzer.work import Bounds, Worker
from contracts import keys
from contracts.answers import AnswerStream
from contracts.board import Board
from contracts.broker import Client, connect
from contracts.bus import FrameBus
from contracts.messages import Answer, Answers, Keyframe, Missed, Scene, StreamMessage, Unchanged
from contracts.pins import Pins
from contracts.service import Stop
from contracts.site import AnalyzerSite, AskedQuestion, CameraQuestions, IngestSite

MakeFrame = Callable[..., Keyframe]
Ask = Callable[..., AskedQuestion]

NAME = "analyzer-1"
WITHIN_S = 20.0
CAMERAS = ("cam_1", "cam_2", "cam_3")


def publish(client: Client, site: dict[str, tuple[AskedQuestion, ...]], *, version: int = 1) -> None:
    cameras = tuple(CameraQuestions(camera, questions) for camera, questions in site.items())
    Board(client).publish_site(IngestSite(version), AnalyzerSite(version, cameras))


def real_clock() -> datetime:
    return datetime.now(UTC)


def worker(
    client: Client,
    engine: Engine,
    *,
    shards: int = 1,
    batch_frames: int = 8,
    max_age_s: float = 1e9,
    clock: Callable[[], datetime] = real_clock,
) -> Worker:
    return Worker(
        FrameBus(client, shards=shards),
        Pins(client, shards=shards),
        SiteWatch(Board(client), engine.capabilities(NAME)),
        engine,
        name=NAME,
        bounds=Bounds(shards, batch_frames, max_age_s),
        clock=clock,
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
        client.lpush(keys.bell(0), "1")  # so that it need not wait for the end of its wait
        thread.join(timeout=WITHIN_S)
        assert not thread.is_alive()


def outcomes(client: Client, count: int, *, shard: int = 0) -> list[StreamMessage]:
    """The first `count` messages of the answer stream; fewer fail the test after a while."""
    stream = AnswerStream(client, shard=shard, consumer="test")
    stream.rewind()
    read: list[StreamMessage] = []
    deadline = time.monotonic() + WITHIN_S
    while len(read) < count and time.monotonic() < deadline:
        delivered = stream.read(most=100, wait_s=0.1)
        read += [one.message for one in delivered if one.message]
        stream.ack([one.id for one in delivered])
    assert len(read) == count, f"{len(read)} of {count} outcomes came"
    return read


def ids(messages: Sequence[StreamMessage]) -> list[tuple[str, int]]:
    return sorted((message.camera, message.seq) for message in messages)


def test_every_frame_of_three_cameras_is_answered_once(client: Client, frame_of: MakeFrame, ask: Ask) -> None:
    bus = FrameBus(client)
    publish(client, {camera: (ask("motion"), ask("dark")) for camera in CAMERAS}, version=7)
    read: list[StreamMessage] = []

    with running(worker(client, EdgeEngine()), client):
        for seq in range(1, 11):
            for camera in CAMERAS:
                bus.put(frame_of(camera, seq=seq, scene=Scene(motion=0.1, warm=True)))
            read += outcomes(client, len(CAMERAS))

    assert ids(read) == sorted((camera, seq) for camera in CAMERAS for seq in range(1, 11))
    for message in read:
        assert isinstance(message, Answers)
        assert [answer.question_key for answer in message.answers] == ["q_motion", "q_dark"]
        assert message.site_version == 7
        assert message.model.engine == "edge"
        assert message.infer_ms >= 0
    assert all(bus.in_flight(camera) == 0 for camera in CAMERAS)
    assert AnswerStream(client, shard=0, consumer="test").depth() == 0


def test_frames_of_all_shards_are_served(client: Client, frame_of: MakeFrame, ask: Ask) -> None:
    shards = 4
    cameras = [f"cam_{number}" for number in range(12)]
    bus = FrameBus(client, shards=shards)
    publish(client, {camera: (ask("motion"),) for camera in cameras})
    for camera in cameras:
        bus.put(frame_of(camera))

    with running(worker(client, EdgeEngine(), shards=shards, batch_frames=2), client):
        expected = Counter(keys.shard_of(camera, shards) for camera in cameras)
        read = [one for shard, count in expected.items() for one in outcomes(client, count, shard=shard)]

    assert ids(read) == sorted((camera, 1) for camera in cameras)


def test_a_camera_without_questions_is_analysed_at_no_cost_to_the_model(client: Client, frame_of: MakeFrame) -> None:
    engine = FakeEngine()
    publish(client, {})
    FrameBus(client).put(frame_of("cam_1"))

    with running(worker(client, engine), client):
        read = outcomes(client, 1)

    assert isinstance(read[0], Answers)
    assert read[0].answers == ()
    assert engine.batches == []


def test_questions_that_are_published_later_are_asked_from_then_on(
    client: Client, frame_of: MakeFrame, ask: Ask
) -> None:
    bus = FrameBus(client)
    publish(client, {}, version=1)
    answered: tuple[Answer, ...] = ()
    asked_by = 0

    with running(worker(client, FakeEngine()), client):
        bus.put(frame_of("cam_1", seq=1))
        before = outcomes(client, 1)[0]
        publish(client, {"cam_1": (ask("motion"),)}, version=2)
        for seq in range(2, 200):
            bus.put(frame_of("cam_1", seq=seq))
            after = outcomes(client, 1)[0]
            assert isinstance(after, Answers)
            answered, asked_by = after.answers, after.site_version
            if answered:
                break
            threading.Event().wait(0.05)

    assert isinstance(before, Answers)
    assert before.answers == ()
    assert [answer.question_key for answer in answered] == ["q_motion"]
    assert asked_by == 2


def test_frames_wait_until_a_site_was_published(client: Client, frame_of: MakeFrame, ask: Ask) -> None:
    loop = worker(client, FakeEngine())
    FrameBus(client).put(frame_of("cam_1"))

    assert loop.turn() == 0

    assert FrameBus(client).in_flight("cam_1") == 1


def test_an_old_frame_reaches_no_model(client: Client, frame_of: MakeFrame, ask: Ask) -> None:
    engine = FakeEngine()
    now = datetime.now(UTC)
    publish(client, {camera: (ask("motion"),) for camera in CAMERAS})
    FrameBus(client).put(frame_of("cam_1", captured_at=now - timedelta(seconds=60)))
    FrameBus(client).put(frame_of("cam_2", captured_at=now))

    with running(worker(client, engine, max_age_s=20), client):
        read = {message.camera: message for message in outcomes(client, 2)}

    assert isinstance(read["cam_1"], Missed)
    assert read["cam_1"].reason == "stale"
    assert isinstance(read["cam_2"], Answers)
    assert 0 < read["cam_2"].queue_ms < 20_000
    assert engine.batches == [1]


def test_a_frame_that_grew_too_old_while_others_were_looked_at_reaches_no_model(
    client: Client, frame_of: MakeFrame, ask: Ask
) -> None:
    moment = [datetime.now(UTC)]

    class TakesItsTime(FakeEngine):
        def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
            moment[0] += timedelta(seconds=30)
            return super().answer(batch)

    engine, bus = TakesItsTime(), FrameBus(client)
    publish(client, {camera: (ask("motion"),) for camera in CAMERAS})
    bus.put(frame_of("cam_1", captured_at=moment[0]))
    bus.take(shard=0, worker="one that died", most=1, now=moment[0], visible_for_s=60)
    bus.reclaim(shard=0, now=moment[0], worker="one that died")
    bus.put(frame_of("cam_2", captured_at=moment[0]))

    worker(client, engine, max_age_s=20, clock=lambda: moment[0]).turn()

    read = {message.camera: message for message in outcomes(client, 2)}
    assert isinstance(read["cam_2"], Answers)
    assert isinstance(read["cam_1"], Missed)
    assert read["cam_1"].reason == "stale"
    assert engine.batches == [1]


def test_unchanged_frames_pass_with_their_count_whatever_their_age(client: Client, ask: Ask) -> None:
    engine = FakeEngine()
    publish(client, {"cam_1": (ask("motion"),)})
    first = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    for seq in (2, 3, 4):
        FrameBus(client).put(Unchanged("cam_1", 1, seq, first + timedelta(seconds=seq), same_as_seq=1))

    with running(worker(client, engine, max_age_s=20), client):
        read = outcomes(client, 1)

    assert isinstance(read[0], Unchanged)
    assert (read[0].seq, read[0].same_as_seq, read[0].count) == (4, 1, 3)
    assert engine.batches == []


def test_one_frame_that_fails_takes_no_other_with_it(client: Client, frame_of: MakeFrame, ask: Ask) -> None:
    cameras = [f"cam_{number}" for number in range(8)]
    publish(client, {camera: (ask("motion"), ask("dark")) for camera in cameras})
    for number, camera in enumerate(cameras):
        fault = {3: b"\xff\xd8 fails", 6: b"\xff\xd8 too large"}.get(number)
        FrameBus(client).put(frame_of(camera, picture=fault) if fault else frame_of(camera))
    engine = FakeEngine({b"fails": Fault.FAIL, b"too large": Fault.MEMORY})

    with running(worker(client, engine), client):
        read = {message.camera: message for message in outcomes(client, 8)}

    reasons = {camera: _reasons(message) for camera, message in read.items()}
    assert reasons.pop("cam_3") == ["the engine failed: fake engine: a marked picture came"] * 2
    assert reasons.pop("cam_6") == ["the engine failed: out of memory"] * 2
    assert set(map(str, reasons.values())) == {"[None, None]"}
    assert engine.batches[:2] == [8, 4]


def test_a_number_that_is_none_is_published_as_unknown(client: Client, frame_of: MakeFrame, ask: Ask) -> None:
    publish(client, {"cam_1": (ask("motion"),)})
    FrameBus(client).put(frame_of(picture=b"\xff\xd8 odd"))

    with running(worker(client, FakeEngine({b"odd": Fault.NAN})), client):
        read = outcomes(client, 1)

    assert isinstance(read[0], Answers)
    assert read[0].answers == (Answer("q_motion", unknown_reason="the engine gave no number"),)


def test_a_likely_yes_is_pinned_before_its_answer_is_published(client: Client, frame_of: MakeFrame, ask: Ask) -> None:
    publish(client, {"cam_1": (ask("motion"),), "cam_2": (ask("motion"),)})
    likely, unlikely = Scene(motion=0.1, warm=True), Scene(motion=0.0, warm=True)
    frame = frame_of("cam_1", scene=likely)
    FrameBus(client).put(frame)
    FrameBus(client).put(frame_of("cam_2", scene=unlikely))

    with running(worker(client, EdgeEngine()), client):
        read = {message.camera: message for message in outcomes(client, 2)}

    assert isinstance(read["cam_1"], Answers)
    assert isinstance(read["cam_2"], Answers)
    assert Pins(client).fetch("cam_1", read["cam_1"].evidence or "") == frame.picture
    assert read["cam_2"].evidence is None
    assert Pins(client).last("cam_1") is None


def test_a_question_of_absence_keeps_the_last_picture_although_the_answer_is_no(
    client: Client, frame_of: MakeFrame, ask: Ask
) -> None:
    publish(client, {"cam_1": (ask("motion", pin_always=True),)})
    frame = frame_of("cam_1", scene=Scene(warm=True))
    FrameBus(client).put(frame)

    with running(worker(client, EdgeEngine()), client):
        outcomes(client, 1)

    last = Pins(client).last("cam_1")
    assert last is not None
    assert (last.picture, last.captured_at) == (frame.picture, frame.captured_at)


def test_what_the_worker_can_answer_is_on_the_board(client: Client) -> None:
    loop = worker(client, EdgeEngine())

    loop.turn()

    offered = client.hget(keys.CAPABILITIES, NAME)
    assert "foreground" in str(offered)


def test_a_frame_that_was_given_out_three_times_is_put_aside_with_its_bytes(
    client: Client, frame_of: MakeFrame, ask: Ask
) -> None:
    bus, engine = FrameBus(client), FakeEngine()
    publish(client, {"cam_1": (ask("motion"),)})
    bus.put(frame_of("cam_1", seq=5))
    for _ in range(2):
        bus.take(shard=0, worker=NAME, most=1, now=datetime.now(UTC), visible_for_s=60)
        bus.reclaim(shard=0, now=datetime.now(UTC), worker=NAME)

    with running(worker(client, engine), client):
        read = outcomes(client, 1)

    assert isinstance(read[0], Missed)
    assert (read[0].seq, read[0].reason) == (5, "poison")
    assert client.llen(keys.poison(0)) == 1
    assert engine.batches == []


def test_after_a_death_the_frames_that_were_held_go_one_by_one(client: Client, frame_of: MakeFrame, ask: Ask) -> None:
    bus, engine = FrameBus(client), FakeEngine()
    publish(client, {camera: (ask("motion"),) for camera in CAMERAS})
    for camera in CAMERAS:
        bus.put(frame_of(camera))
    bus.take(shard=0, worker=NAME, most=8, now=datetime.now(UTC), visible_for_s=60)

    with running(worker(client, engine), client):
        read = outcomes(client, 3)

    assert ids(read) == [(camera, 1) for camera in CAMERAS]
    assert engine.batches == [1, 1, 1]


def test_frames_of_another_worker_that_is_gone_are_taken_over_after_their_deadline(
    client: Client, frame_of: MakeFrame, ask: Ask
) -> None:
    bus = FrameBus(client)
    publish(client, {"cam_1": (ask("motion"),)})
    bus.put(frame_of("cam_1"))
    bus.take(shard=0, worker="another", most=1, now=datetime.now(UTC), visible_for_s=0.5)

    with running(worker(client, FakeEngine()), client):
        read = outcomes(client, 1)

    assert ids(read) == [("cam_1", 1)]


def test_a_slow_engine_keeps_its_frames_for_longer() -> None:
    assert Bounds(1, 8, 10.0).visible_for_s == 45.0
    assert Bounds(1, 8, 10.0, engine_deadline_s=120.0).visible_for_s == 180.0


DOOMED = """
import sys
from datetime import UTC, datetime
from analyzer.fake import FakeEngine, Fault
from analyzer.site import SiteWatch
from analyzer.work import Bounds, Worker
from contracts.board import Board
from contracts.broker import connect
from contracts.bus import FrameBus
from contracts.pins import Pins
from contracts.service import Stop

client = connect(sys.argv[1])
engine = FakeEngine({b"stuck": Fault.HANG, b"deadly": Fault.ABORT})
site = SiteWatch(Board(client), engine.capabilities("analyzer-1"))
bounds = Bounds(1, 8, 1e9, engine_deadline_s=float(sys.argv[2]))
Worker(FrameBus(client), Pins(client), site, engine, name="analyzer-1", bounds=bounds,
       clock=lambda: datetime.now(UTC)).run(Stop())
"""


def doomed(url: str, *, engine_deadline_s: float = 60.0) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", DOOMED, url, str(engine_deadline_s)], stderr=subprocess.PIPE, text=True
    )


def test_a_kill_between_take_and_finish_loses_no_frame_and_answers_none_twice(
    valkey: str, client: Client, frame_of: MakeFrame, ask: Ask
) -> None:
    publish(client, {camera: (ask("motion"),) for camera in CAMERAS})
    for camera in CAMERAS:
        FrameBus(client).put(frame_of(camera, picture=b"\xff\xd8 stuck"))
    process = doomed(valkey)
    _until(lambda: client.hlen(keys.taken(0)) == 3)

    process.send_signal(signal.SIGKILL)
    process.communicate()
    with running(worker(client, FakeEngine()), client):
        read = outcomes(client, 3)

    assert ids(read) == [(camera, 1) for camera in CAMERAS]
    assert AnswerStream(client, shard=0, consumer="test").depth() == 0


def test_a_model_that_hangs_ends_the_process_and_says_where(
    valkey: str, client: Client, frame_of: MakeFrame, ask: Ask
) -> None:
    publish(client, {"cam_1": (ask("motion"),)})
    FrameBus(client).put(frame_of("cam_1", picture=b"\xff\xd8 stuck"))

    process = doomed(valkey, engine_deadline_s=0.2)
    _, said = process.communicate(timeout=WITHIN_S)

    assert process.returncode == 1
    assert "Timeout" in said
    assert "fake.py" in said
    assert FrameBus(client).in_flight("cam_1") == 1


def test_a_frame_that_kills_is_put_aside_after_two_deaths_and_no_other_frame_suffers(
    valkey: str, client: Client, frame_of: MakeFrame, ask: Ask
) -> None:
    cameras = [f"cam_{number}" for number in range(6)]
    publish(client, {camera: (ask("motion"),) for camera in cameras})
    for camera in cameras:
        picture = b"\xff\xd8 deadly" if camera == "cam_2" else b"\xff\xd8\xff\xd9"
        FrameBus(client).put(frame_of(camera, picture=picture))

    deaths = [_dies(valkey) for _ in range(2)]
    with running(worker(client, FakeEngine({b"deadly": Fault.FAIL})), client):
        read = {message.camera: message for message in outcomes(client, 6)}

    assert deaths == [-signal.SIGABRT, -signal.SIGABRT]
    assert isinstance(poisoned := read.pop("cam_2"), Missed)
    assert poisoned.reason == "poison"
    assert all(isinstance(message, Answers) and _reasons(message) == [None] for message in read.values())


def test_redis_being_away_is_waited_out_and_the_answer_is_sent_afterwards(
    valkey: str, client: Client, frame_of: MakeFrame, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bus = FrameBus(client)
    publish(client, {"cam_1": (ask("motion"),)})
    asked, go_on = threading.Event(), threading.Event()
    engine = _Waiting(asked, go_on)
    own = connect(valkey)

    with running(worker(own, engine), client):
        bus.put(frame_of("cam_1"))
        assert asked.wait(WITHIN_S)
        client.config_set("maxmemory", "1")  # every script that writes is refused from now on
        try:
            go_on.set()
            _until(lambda: caplog.messages.count("bus went away") == 1)
        finally:
            client.config_set("maxmemory", "512mb")
        read = outcomes(client, 1)
        _until(lambda: "bus is back" in caplog.messages)
    own.close()

    assert isinstance(read[0], Answers)
    assert _reasons(read[0]) == [None]
    assert engine.batches == [1]
    assert bus.in_flight("cam_1") == 0
    assert caplog.messages.count("bus went away") == 1


class _Waiting(FakeEngine):
    """An engine in the middle of whose work something may happen."""

    def __init__(self, asked: threading.Event, go_on: threading.Event) -> None:
        super().__init__()
        self._asked = asked
        self._go_on = go_on

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        self._asked.set()
        assert self._go_on.wait(WITHIN_S)
        return super().answer(batch)


def _dies(valkey: str) -> int:
    process = doomed(valkey)
    process.communicate(timeout=WITHIN_S)
    return process.returncode


def _reasons(message: StreamMessage) -> list[str | None]:
    assert isinstance(message, Answers)
    return [answer.unknown_reason for answer in message.answers]


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
        threading.Event().wait(0.01)
