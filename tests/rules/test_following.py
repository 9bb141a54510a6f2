import msgspec
from track_scenes import MODEL, WITH_ZONE, at, bag, raw, steps, thing

from contracts.messages import Answer, Answers, Detection, Missed, StreamMessage, Unchanged
from contracts.plan import Predicate
from rules.tracks.following import follow
from rules.tracks.state import Tracks, decode_tracks, encode_tracks

STAYS = Predicate("stays", ("person",), seconds=5.0)
LEFT = Predicate("left", ("handbag",), seconds=5.0)
WANTED = {"q_stays": STAYS, "q_left": LEFT, "q_car": Predicate("objects", ("car",))}
CAR = Answer("q_car", margin=-3.0, count=0)


def seen(number: int, *detections: Detection, epoch: int = 1) -> Answers:
    """Frame `number`, half a second after the one before it: what is to be tracked stands in the first answer."""
    first = Answer("q_stays", detections=detections, unknown_reason="several frames", to_track=True)
    second = Answer("q_left", unknown_reason="several frames", to_track=True)
    return Answers("cam_1", epoch, number, at(number / 2), 1, MODEL, (CAR, first, second), 1.0, 1.0)


def told_by(messages: list[StreamMessage], tracks: Tracks | None = None) -> tuple[Tracks, list[Answers | None]]:
    tracks, told = tracks or Tracks(), []
    for message in messages:
        tracks, answers = follow(tracks, message, WANTED, WITH_ZONE)
        told.append(answers)
    return tracks, told


def answer(answers: Answers | None, key: str) -> Answer:
    assert answers is not None
    return next(each for each in answers.answers if each.question_key == key)


def test_raw_answers_become_answers_and_the_others_stay_as_they_are() -> None:
    _, told = told_by([seen(i, thing(0.3)) for i in range(1, 16)])

    assert answer(told[0], "q_stays").unknown_reason
    assert not answer(told[0], "q_stays").to_track
    assert answer(told[-1], "q_stays").detections[0].label == "person"
    assert answer(told[-1], "q_left").margin is not None
    assert answer(told[-1], "q_car") == CAR


def test_what_a_reader_has_answered_itself_is_not_touched() -> None:
    read = raw(Answer("q_left", margin=2.0))

    assert follow(Tracks(), read, WANTED, {}) == (Tracks(), None)


def test_without_a_rule_that_follows_things_nothing_is_kept() -> None:
    assert follow(Tracks(), seen(1, thing(0.3)), {}, {}) == (Tracks(), None)


def test_who_stands_still_in_unchanged_frames_stays_on() -> None:
    tracks, _ = told_by([seen(i, thing(0.3)) for i in range(1, 8)])

    quiet = Unchanged("cam_1", 1, 8, at(12.0), same_as_seq=7, count=17, since=at(4.0))
    _, (again,) = told_by([quiet], tracks)

    assert again is not None
    assert again.captured_at == at(12.0)
    assert answer(again, "q_stays").detections[0].label == "person"
    assert answer(again, "q_car") == CAR


def test_an_unchanged_frame_of_a_picture_that_was_not_looked_at_brings_nothing() -> None:
    tracks, _ = told_by([seen(i, thing(0.3)) for i in range(1, 8)])

    after, (again,) = told_by([Unchanged("cam_1", 1, 9, at(5.0), same_as_seq=8)], tracks)

    assert (after, again) == (tracks, None)


def test_missed_frames_lose_nothing() -> None:
    messages: list[StreamMessage] = [seen(i, thing(0.3)) for i in range(1, 8)]
    messages += [Missed("cam_1", 1, i, at(i / 2), "stale") for i in range(8, 18)]

    tracks, told = told_by([*messages, seen(18, thing(0.3))])

    assert told[7:17] == [None] * 10
    assert answer(told[-1], "q_stays").detections
    assert [track.hits for track in tracks.tracks] == [8]


def test_a_restart_midway_equals_none() -> None:
    walk = [seen(i + 1, thing(x), bag(0.8)) for i, x in enumerate(steps(0.1, 0.7, 30))]
    quiet = Unchanged("cam_1", 1, 31, at(20.0), same_as_seq=30, since=at(15.5))

    through, told = told_by([*walk, quiet])
    half, _ = told_by(walk[:11])
    resumed, rest = told_by([*walk[11:], quiet], decode_tracks(encode_tracks(half)))

    assert resumed == through
    assert rest == told[11:]


def test_detections_are_kept_once() -> None:
    tracks, _ = told_by([seen(1, *(thing(i / 50, wide=0.01) for i in range(50)))])

    assert tracks.last is not None
    assert not any(each.detections for each in tracks.last.answers)
    assert len(tracks.seen) == 50
    assert len(msgspec.json.encode(tracks)) < 80_000
