from collections.abc import Callable
from datetime import UTC, datetime

from analyzer.edge.detector import Sight
from analyzer.edge.engine import EdgeEngine
from analyzer.edge.to_track import answer_to_track, said_once
from analyzer.engine import Query
from analyzer.keeping import PictureKeeper
from contracts.broker import Client
from contracts.messages import Answer, Detection, Keyframe, Scene
from contracts.pins import Pins
from contracts.plan import Predicate
from contracts.site import AskedQuestion

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PERSON = Detection("person", 0.8, (0.4, 0.4, 0.5, 0.7))
PATCH_BOX = (0.6, 0.6, 0.7, 0.7)
NEW = Scene(warm=True, foreground=(PATCH_BOX,))
LABELS = ("person", "handbag")
LEFT = Predicate("left", ("handbag",), seconds=5.0)
ANYTHING = Predicate("left", (), seconds=5.0)
STAYS = Predicate("stays", ("person",), seconds=5.0)


def test_everything_seen_and_everything_new_is_to_be_tracked_and_nothing_is_claimed() -> None:
    answer = answer_to_track("q", LEFT, NEW, Sight((PERSON,)), LABELS)

    assert answer.to_track
    assert answer.margin is None
    assert answer.unknown_reason
    assert [each.label for each in answer.detections] == ["person", "object"]
    assert answer.detections[1].box == PATCH_BOX


def test_where_there_is_nothing_to_follow_the_reason_is_said() -> None:
    broken = answer_to_track("q", STAYS, NEW, Sight(failed="no picture"), LABELS)
    strange = answer_to_track("q", Predicate("near", ("person",), ("zebra",)), NEW, Sight(), LABELS)
    blind = answer_to_track("q", STAYS, NEW, None, ())
    learning = answer_to_track("q", ANYTHING, Scene(), Sight(), LABELS)

    assert broken.unknown_reason == "no picture"
    assert "zebra" in (strange.unknown_reason or "")
    assert "person" in (blind.unknown_reason or "")
    assert "background" in (learning.unknown_reason or "")
    assert not any(answer.to_track for answer in (broken, strange, blind, learning))


def test_the_detections_of_a_frame_are_said_once() -> None:
    plain = Answer("q_0", margin=1.0)
    answers = [plain, *(answer_to_track(f"q_{i}", STAYS, NEW, Sight((PERSON,)), LABELS) for i in (1, 2))]

    said = said_once(answers)

    assert said[0] is plain
    assert [len(answer.detections) for answer in said] == [0, 2, 0]
    assert all(answer.to_track for answer in said[1:])


def test_without_a_detector_the_engine_still_follows_what_was_put_down() -> None:
    engine = EdgeEngine()
    frame = Keyframe("cam", 1, 1, AT, b"", 320, 180, NEW)

    ((anything, people),) = engine.answer([Query(frame, (_asked(ANYTHING, "q_1"), _asked(STAYS, "q_2")))])

    assert anything.to_track
    assert [each.label for each in anything.detections] == ["object"]
    assert not people.to_track
    assert {"left", "removed"} <= set(engine.capabilities("w").predicates)
    assert "stays" not in engine.capabilities("w").predicates


def test_what_is_followed_is_pinned_since_any_frame_may_be_the_one(
    client: Client, frame_of: Callable[..., Keyframe]
) -> None:
    keeper, query = PictureKeeper(Pins(client), lambda: AT), Query(frame_of(captured_at=AT), ())
    empty, busy = (answer_to_track("q", STAYS, Scene(warm=True), Sight(seen), LABELS) for seen in ((), (PERSON,)))

    assert keeper.evidence(query, (empty,)) is None
    assert keeper.evidence(query, (busy,)) is not None


def _asked(predicate: Predicate, key: str) -> AskedQuestion:
    return AskedQuestion(key, "?", predicate)
