from collections.abc import Callable
from datetime import datetime, timedelta

from analyzer.engine import Query
from analyzer.fake import FakeEngine
from analyzer.keeping import PictureKeeper
from analyzer.site import SiteWatch
from analyzer.work import Bounds, Worker
from contracts.board import Board
from contracts.broker import Client
from contracts.bus import FrameBus
from contracts.messages import Answer, Keyframe
from contracts.pins import Pins
from contracts.site import AnalyzerSite, AskedQuestion, CameraQuestions, IngestSite

MakeFrame = Callable[..., Keyframe]
AT = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
YES, NO = (Answer("q", margin=3.0),), (Answer("q", margin=-6.0),)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def test_a_picture_is_kept_for_the_archive_once_per_interval(client: Client, frame_of: MakeFrame) -> None:
    pins = Pins(client)
    keeper, kept = PictureKeeper(pins, lambda: AT), []

    for seq in range(25):
        keeper.archive(frame_of(seq=seq, captured_at=after(seq)), 10.0)
        last = pins.last("cam_1")
        assert last is not None
        kept.append(last.seq)

    assert sorted(set(kept)) == [0, 10, 20]


def test_nothing_is_kept_where_no_archive_is_wanted(client: Client, frame_of: MakeFrame) -> None:
    PictureKeeper(Pins(client), lambda: AT).archive(frame_of(), 0.0)

    assert Pins(client).last("cam_1") is None


def test_the_frames_just_after_a_yes_are_pinned_too(client: Client, frame_of: MakeFrame) -> None:
    keeper = PictureKeeper(Pins(client), lambda: AT)

    def pinned(seconds: float, given: tuple[Answer, ...]) -> bool:
        return keeper.evidence(Query(frame_of(captured_at=after(seconds)), ()), given) is not None

    assert [pinned(0, NO), pinned(1, YES), pinned(3, NO), pinned(4, NO), pinned(5, NO)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_a_camera_that_no_rule_asks_about_is_archived(client: Client, frame_of: MakeFrame) -> None:
    board, bus, engine = Board(client), FrameBus(client), FakeEngine()
    board.publish_site(IngestSite(1), AnalyzerSite(1, (CameraQuestions("cam_1", archive_every_s=10.0),)))
    frame = frame_of(seq=7)
    bus.put(frame)
    site = SiteWatch(board, engine.capabilities("analyzer-1"))

    Worker(bus, Pins(client), site, engine, name="analyzer-1", bounds=Bounds(1, 8, 1e9), clock=lambda: AT).turn()

    last = Pins(client).last("cam_1")
    assert last is not None
    assert (last.picture, last.epoch, last.seq) == (frame.picture, frame.epoch, 7)


def test_what_a_rule_may_fire_on_is_pinned_however_little_the_model_leans_to_yes(
    client: Client, frame_of: MakeFrame
) -> None:
    asked = (AskedQuestion("q", "Is it?", floor=-2.5),)

    def pinned(margin: float, questions: tuple[AskedQuestion, ...]) -> bool:
        keeper = PictureKeeper(Pins(client), lambda: AT)
        return keeper.evidence(Query(frame_of(), questions), (Answer("q", margin=margin),)) is not None

    assert [pinned(-1.6, asked), pinned(-2.5, asked), pinned(-2.6, asked)] == [True, True, False]
    assert not pinned(-1.6, (AskedQuestion("q", "Is it?"),))
