"""Questions about several frames: what the worker lays before the engine, kept by the bus alone."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from analyzer.engine import Query
from analyzer.fake import FakeEngine, Fault
from analyzer.site import SiteWatch
from analyzer.work import Bounds, Worker
from contracts import keys
from contracts.answers import AnswerStream
from contracts.board import Board
from contracts.broker import Client
from contracts.bus import FrameBus
from contracts.messages import Answer, Answers, Keyframe, Unchanged
from contracts.pins import Pins
from contracts.site import AnalyzerSite, AskedQuestion, CameraQuestions, IngestSite

MakeFrame = Callable[..., Keyframe]
Ask = Callable[..., AskedQuestion]
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class _Noting(FakeEngine):
    """What it was shown: of each query the sequence numbers of the earlier frames, and whether they must stay here."""

    def __init__(self, faults: dict[bytes, Fault] | None = None) -> None:
        super().__init__(faults)
        self.shown: list[tuple[int, list[int], bool]] = []

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        self.shown += [(each.frame.seq, [one.seq for one in each.earlier], each.keep_local) for each in batch]
        return super().answer(batch)


def worker(client: Client, engine: FakeEngine) -> Worker:
    return Worker(
        FrameBus(client),
        Pins(client),
        SiteWatch(Board(client), engine.capabilities("w")),
        engine,
        name="w",
        bounds=Bounds(1, 8, 1e9),
        clock=lambda: NOON,
    )


def publish(client: Client, *questions: AskedQuestion, keep_local: bool = False) -> None:
    site = AnalyzerSite(1, (CameraQuestions("cam_1", questions, keep_local),))
    Board(client).publish_site(IngestSite(1), site)


def analyse(client: Client, loop: Worker, *frames: Keyframe | Unchanged) -> None:
    for frame in frames:
        FrameBus(client).put(frame)
        assert loop.turn() == 1


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def earlier_of(engine: _Noting) -> list[list[int]]:
    return [earlier for _, earlier, _ in engine.shown]


def last_answer(client: Client) -> Answer:
    return answers_of(client)[-1].answers[0]


def answers_of(client: Client) -> list[Answers]:
    stream = AnswerStream(client, shard=0, consumer="test")
    stream.rewind()
    stream.read(most=100)
    messages = [each.message for each in stream.read(most=100, wait_s=0.1)]
    return [message for message in messages if isinstance(message, Answers)]


def test_the_frames_before_go_with_a_question_about_several_and_no_more_than_it_needs(
    client: Client, frame_of: MakeFrame, ask: Ask
) -> None:
    engine = _Noting()
    publish(client, ask("text", frames=3), ask("motion"))

    analyse(client, worker(client, engine), *(frame_of(seq=seq, captured_at=at(seq)) for seq in range(1, 6)))

    assert earlier_of(engine) == [[], [1], [1, 2], [2, 3], [3, 4]]
    assert last_answer(client).margin is not None


def test_the_pictures_that_a_likely_yes_was_about_are_pinned_and_named(
    client: Client, frame_of: MakeFrame, ask: Ask
) -> None:
    wide, narrow = ask("text", frames=4), ask("motion", frames=2)
    publish(client, wide, narrow)
    pictures = [b"\xff\xd8 %d \xff\xd9" % seq for seq in range(1, 7)]
    frames = [frame_of(seq=seq, picture=pictures[seq - 1], captured_at=at(10 * seq)) for seq in range(1, 7)]
    surely = _Sure({wide.key: -5.0, narrow.key: -5.0})
    loop = worker(client, surely)

    analyse(client, loop, *frames[:4])
    surely.margins[narrow.key] = 5.0
    analyse(client, loop, frames[4])
    surely.margins[wide.key] = 5.0
    analyse(client, loop, frames[5])

    about_none, about_two, about_four = answers_of(client)[3:]
    assert (about_none.earlier, about_none.evidence) == ((), None)
    assert [Pins(client).fetch("cam_1", sha256) for sha256 in about_two.earlier] == pictures[3:4]
    assert [Pins(client).fetch("cam_1", sha256) for sha256 in about_four.earlier] == pictures[2:5]


class _Sure(FakeEngine):
    """Answers with these margins, by question."""

    def __init__(self, margins: dict[str, float]) -> None:
        super().__init__()
        self.margins = margins

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        return [
            tuple(Answer(question.key, margin=self.margins[question.key]) for question in query.questions)
            for query in batch
        ]


def test_too_few_frames_make_the_answer_unknown_and_never_no(client: Client, frame_of: MakeFrame, ask: Ask) -> None:
    publish(client, ask("text", frames=2))

    analyse(client, worker(client, _Noting()), frame_of(seq=1))

    assert last_answer(client).unknown_reason == "it takes 2 pictures, and there are fewer yet"


def test_a_camera_that_is_asked_of_single_frames_has_none_kept(client: Client, frame_of: MakeFrame, ask: Ask) -> None:
    engine = _Noting()
    publish(client, ask("text"))

    analyse(client, worker(client, engine), *(frame_of(seq=seq, captured_at=at(seq)) for seq in (1, 2)))

    assert earlier_of(engine) == [[], []]
    assert client.exists(keys.recent(0, "cam_1")) == 0


def test_another_worker_knows_the_frames_before_just_as_well(client: Client, frame_of: MakeFrame, ask: Ask) -> None:
    engine = _Noting()
    publish(client, ask("text", frames=2))
    analyse(client, worker(client, FakeEngine()), frame_of(seq=1, captured_at=at(1)))

    analyse(client, worker(client, engine), frame_of(seq=2, captured_at=at(2)))

    assert earlier_of(engine) == [[1]]


def test_unchanged_frames_between_are_no_pictures(client: Client, frame_of: MakeFrame, ask: Ask) -> None:
    engine = _Noting()
    publish(client, ask("text", frames=2))
    first, last = frame_of(seq=1, captured_at=at(1)), frame_of(seq=3, captured_at=at(3))

    analyse(client, worker(client, engine), first, Unchanged("cam_1", 1, 2, at(2), same_as_seq=1), last)

    assert earlier_of(engine) == [[], [1]]


def test_a_frame_from_long_ago_or_of_an_earlier_stream_is_no_part_of_it(
    client: Client, frame_of: MakeFrame, ask: Ask
) -> None:
    engine = _Noting()
    publish(client, ask("text", frames=3))
    loop = worker(client, engine)
    of_new_epoch = frame_of(seq=3, captured_at=at(72))

    analyse(client, loop, frame_of(seq=1, captured_at=at(0)), frame_of(seq=2, captured_at=at(70)))
    analyse(client, loop, Keyframe("cam_1", 2, 3, at(72), of_new_epoch.picture, 160, 120, of_new_epoch.scene))

    assert earlier_of(engine) == [[], [], []]


def test_a_frame_on_which_the_engine_failed_is_not_shown_again(client: Client, frame_of: MakeFrame, ask: Ask) -> None:
    engine = _Noting({b"too large": Fault.MEMORY})
    publish(client, ask("text", frames=2))
    large = frame_of(seq=2, captured_at=at(2), picture=b"\xff\xd8 too large")

    analyse(client, worker(client, engine), frame_of(captured_at=at(1)), large, frame_of(seq=3, captured_at=at(3)))

    assert earlier_of(engine) == [[], [1], [1]]


def test_a_camera_whose_pictures_must_stay_here_says_so_with_each(
    client: Client, frame_of: MakeFrame, ask: Ask
) -> None:
    engine = _Noting()
    publish(client, ask("text"), keep_local=True)

    analyse(client, worker(client, engine), frame_of())

    assert engine.shown == [(1, [], True)]
