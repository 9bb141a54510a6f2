import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from alerts.trial.candidates import camera_for, candidates
from alerts.trial.incidents import Incident, Incidents
from alerts.trial.watching import Moment
from analyzer.edge.engine import EdgeEngine
from analyzer.engine import Query
from contracts.broker import Client
from contracts.errors import EngineError, SourceUnreachable
from contracts.messages import Answer, Answers, Keyframe, Missed, Scene, Unchanged
from contracts.site import AskedQuestion
from ingest.source import Picture
from plainwatch.replay.analyst import Analyst
from plainwatch.replay.bus import LosslessBus
from plainwatch.replay.footage import UNDATED, FileFootage, clip_rate
from plainwatch.replay.run import Figures, Replay
from store.database import Database
from store.rules import RuleRow
from store.times import to_text
from tests.plainwatch.recorded import LiveSite, write_scene, write_video

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES = (
    "something moves",
    "tell me when something enters the picture",
    "画面中有东西停留超过3秒",
    "the picture is dark",
)


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scene(tmp_path_factory.mktemp("footage") / "scene.mp4")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'plainwatch.sqlite'}")
    database.migrate()
    yield database
    database.close()


def rules(*texts: str) -> list[RuleRow]:
    can = EdgeEngine().capabilities("test")
    tried = candidates(texts, camera_for("scene.mp4"), can, keep_windows=True)
    assert not [one.reason for one in tried if one.reason]
    return [one.rule for one in tried]


def replayed(path: Path, *texts: str, starts_at: datetime = UNDATED) -> tuple[list[Moment], Figures]:
    footage = FileFootage(path, 0.5, starts_at)
    replay = Replay(
        footage,
        camera_for(path.name),
        rules(*texts),
        EdgeEngine(),
        batch_frames=4,
        timezone="UTC",
        monotonic_s=time.monotonic,
    )
    moments = list(replay.moments())
    return moments, replay.figures()


def incidents_of(moments: Sequence[Moment], *rule_ids: str) -> list[tuple[str, Incident]]:
    heard = Incidents(rule_ids)
    for moment in moments:
        heard.hear(moment)
    return [(rule_id, incident) for rule_id in rule_ids for incident in heard.of(rule_id)]


def test_the_clock_is_that_of_the_frames(scene: Path) -> None:
    moments, figures = replayed(scene, "something moves", starts_at=AT)

    times = [(moment.at - AT).total_seconds() for moment in moments]
    assert times == pytest.approx([number / 2 for number in range(48)], abs=0.001)
    assert figures.sampled == 48 and figures.undecodable == 0
    assert figures.analysed + figures.unchanged == 48 and figures.unchanged > 0


def test_two_runs_over_the_same_footage_are_identical(scene: Path) -> None:
    first, _ = replayed(scene, *RULES)
    second, _ = replayed(scene, *RULES)

    assert first == second
    assert any(moment.happened for moment in first)


def test_the_lossless_bus_and_the_live_services_open_the_same_incidents(
    scene: Path, client: Client, database: Database, tmp_path: Path
) -> None:
    camera, written = camera_for(scene.name), rules(*RULES)
    live = LiveSite(client, database, tmp_path / "evidence", EdgeEngine(), AT)

    lived = live.play(FileFootage(scene, 0.5, AT), camera, written)
    moments, _ = replayed(scene, *RULES, starts_at=AT)

    told = incidents_of(moments, *(rule.id for rule in written))
    assert len(told) >= 3
    assert sorted((rule_id, to_text(one.opened_at), to_text(one.started_at)) for rule_id, one in told) == sorted(
        (row.rule_id, row.captured_at, row.started_at) for row in lived
    )
    ends = {(rule_id, to_text(one.opened_at)): one.ended_at and to_text(one.ended_at) for rule_id, one in told}
    assert ends == {(row.rule_id, row.captured_at): row.ended_at for row in lived}
    chances = {(rule_id, to_text(one.opened_at)): one.confidence for rule_id, one in told}
    assert chances == pytest.approx({(row.rule_id, row.captured_at): row.confidence for row in lived})


def test_a_rule_does_not_fire_outside_its_hours(scene: Path) -> None:
    night, _ = replayed(scene, "something moves between 22:00 and 06:00", starts_at=AT)
    day, _ = replayed(scene, "something moves between 10:00 and 14:00", starts_at=AT)

    assert not incidents_of(night, "rul_1") and incidents_of(day, "rul_1")


def test_a_stretch_of_a_file_keeps_the_file_s_clock(scene: Path) -> None:
    stretch = FileFootage(scene, 0.5, AT, from_s=5.0, to_s=7.0)

    times = [(sampled.captured_at - AT).total_seconds() for sampled in stretch.pictures()]

    assert times == pytest.approx([5.0, 5.5, 6.0, 6.5, 7.0], abs=0.001)


def test_footage_that_is_not_there_says_so_from_the_reading_thread(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match=r"nothing\.mp4' is not there"):
        replayed(tmp_path / "nothing.mp4", "something moves")


def test_the_rate_and_length_of_a_clip_are_read_from_it(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", [np.full((48, 64, 3), 90, np.uint8)] * 30, fps=15)

    assert clip_rate(clip) == pytest.approx((15.0, 2.0), abs=0.01)


def frame(seq: int) -> Keyframe:
    return Keyframe("cam_1", 1, seq, AT + timedelta(seconds=seq), b"jpeg", 64, 48, Scene())


def test_the_bus_makes_the_writer_wait_instead_of_dropping() -> None:
    bus, written = LosslessBus(room=2), []

    def write() -> None:
        for seq in range(1, 20):
            assert not bus.put(frame(seq)).fenced
            written.append(seq)
        bus.end()

    writer = threading.Thread(target=write)
    writer.start()
    read, ahead = [], []
    for message in bus.messages():
        read.append(message.seq)
        ahead.append(len(written) - len(read))
    writer.join(timeout=10)

    assert read == list(range(1, 20))
    assert max(ahead) <= 2


def test_a_writer_that_waits_is_let_go_when_nobody_reads() -> None:
    bus, fenced = LosslessBus(room=1), []
    bus.put(frame(1))
    writer = threading.Thread(target=lambda: fenced.append(bus.put(frame(2)).fenced))
    writer.start()

    bus.close()
    writer.join(timeout=10)

    assert fenced == [True]


class _Sick(EdgeEngine):
    """Fails on one frame; its capabilities are those of an engine without a detector."""

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        if any(query.frame.seq == 2 for query in batch):
            raise EngineError("engine: out of order", "start it anew")
        return [tuple(Answer(question.key, margin=1.0) for question in query.questions) for query in batch]


def test_a_frame_on_which_the_engine_fails_is_unknown_and_takes_no_other_with_it() -> None:
    analyst = Analyst(_Sick(), [AskedQuestion("q", "Is it?")], batch_frames=4, monotonic_s=time.monotonic)
    messages = [frame(1), Unchanged("cam_1", 1, 2, AT, 1), frame(3)]

    healthy = [looked.outcome for looked in analyst.outcomes(messages)]
    sick = [looked.outcome for looked in analyst.outcomes([frame(1), frame(2), frame(3)])]

    assert [type(outcome) for outcome in healthy] == [Answers, Unchanged, Answers]
    assert [outcome.answers[0].margin for outcome in sick if isinstance(outcome, Answers)] == [1.0, None, 1.0]
    assert not [outcome for outcome in sick if isinstance(outcome, Missed)]
    assert analyst.frames == 5


class _Looking(EdgeEngine):
    """Remembers which earlier frames a question about several was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[list[int]] = []

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        self.given += [[one.seq for one in query.earlier] for query in batch]
        return [tuple(Answer(question.key, margin=0.0) for question in query.questions) for query in batch]


def test_a_question_about_three_frames_gets_the_two_before() -> None:
    engine = _Looking()
    analyst = Analyst(engine, [AskedQuestion("q", "Is it?", frames=3)], batch_frames=2, monotonic_s=time.monotonic)

    list(analyst.outcomes([frame(seq) for seq in (1, 2, 3, 4, 100)]))

    assert engine.given == [[], [1], [1, 2], [2, 3], []]


def test_a_sentence_that_no_picture_shows_is_no_candidate() -> None:
    can = EdgeEngine().capabilities("test")

    tried = candidates(["somebody screams", "people are fighting"], camera_for("x.mp4"), can, keep_windows=False)

    assert all(one.reason for one in tried)


def test_pictures_come_with_the_frame_they_were_decoded_from(scene: Path) -> None:
    pictures = list(FileFootage(scene, 5.0, AT).pictures())

    assert len(pictures) == 5 and all(isinstance(one, Picture) for one in pictures)
