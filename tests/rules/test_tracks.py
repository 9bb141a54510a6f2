from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from track_scenes import Camera, at, bag, steps, thing

from contracts.messages import Detection
from rules.tracks.ground import centre
from rules.tracks.machine import Look, advance, is_warm
from rules.tracks.numbers import GAP_S, MOST_TRACES, MOST_TRACKS
from rules.tracks.state import Tracks, decode_tracks, encode_tracks


def test_one_spurious_picture_makes_no_thing() -> None:
    camera = Camera().warm()

    camera.see(thing(0.5))
    camera.see(times=4)

    assert camera.known() == []
    assert camera.tracks.tracks == ()


def test_who_walks_keeps_the_number_through_two_missed_pictures() -> None:
    camera = Camera().warm()

    camera.walk(steps(0.1, 0.4, 7))
    camera.see(times=2)
    camera.walk(steps(0.55, 0.8, 6))

    (walker,) = camera.known()
    assert walker.hits == 13
    assert walker.first_at == at(4.0)


def test_weak_detections_go_on_with_a_thing_and_begin_none() -> None:
    camera = Camera().warm()

    camera.see(thing(0.5), times=3)
    camera.see(thing(0.5, score=0.27), thing(0.9, score=0.27), times=5)

    (known,) = camera.known()
    assert known.hits == 8


def test_two_who_cross_keep_their_numbers() -> None:
    camera = Camera().warm()

    for right, left in zip(steps(0.1, 0.9, 17), steps(0.9, 0.1, 17), strict=True):
        camera.see(thing(right, 0.6), thing(left, 0.62))

    first, second = camera.known()
    assert first.hits == second.hits == 17
    assert centre(first.box)[0] > 0.8
    assert centre(second.box)[0] < 0.2


def test_what_a_detector_mixes_up_is_one_thing_and_one_box_of_two_names_is_one_too() -> None:
    camera = Camera().warm()

    for label in ("car", "truck", "car", "car", "bus"):
        camera.see(thing(0.5, label=label, wide=0.2), thing(0.505, label="truck", wide=0.2, score=0.4))

    assert len(camera.tracks.tracks) == 1
    assert camera.tracks.tracks[0].hits == 5


def test_a_parked_car_that_a_lorry_hides_for_a_while_is_the_same_car() -> None:
    camera = Camera().warm()
    camera.see(thing(0.5, label="car", wide=0.2), times=10)

    camera.see(times=60)
    camera.see(thing(0.51, label="car", wide=0.2), times=2)

    (car,) = camera.known("car")
    assert car.still_since == at(4.0)


def test_a_patch_that_something_with_a_name_explains_is_not_followed_beside_it() -> None:
    camera = Camera().warm()

    camera.see(thing(0.5), bag(0.5, label="object", y=0.6), bag(0.8, label="object"), times=3)

    assert [track.label for track in camera.tracks.tracks] == ["person", "object"]


def test_standing_is_told_from_walking() -> None:
    camera = Camera().warm()

    camera.walk(steps(0.1, 0.5, 9))
    camera.walk([0.5, 0.505, 0.495, 0.5] * 3)

    (known,) = camera.known()
    assert at(7.0) <= known.still_since <= at(8.5)


def test_after_a_gap_everything_begins_anew_and_is_unknown_until_warm() -> None:
    camera = Camera().warm()
    camera.see(thing(0.5), times=4)

    camera.now_s += 2 * GAP_S
    camera.see(thing(0.5))
    anew = camera.tracks
    camera.see(thing(0.5), times=5)

    assert [track.hits for track in anew.tracks] == [1]
    assert not is_warm(anew, at(camera.now_s))
    assert is_warm(camera.tracks, at(camera.now_s))


def test_another_reader_of_the_same_camera_finds_the_same_things_and_warms_up() -> None:
    camera = Camera().warm()
    camera.see(thing(0.5), times=4)

    camera.epoch, camera.seq = 2, 0
    camera.now_s += 3.0
    camera.see(thing(0.5))

    assert [track.hits for track in camera.tracks.tracks] == [5]
    assert not is_warm(camera.tracks, camera.tracks.at or at(0))


def test_a_camera_that_looks_rarely_has_no_gap_between_two_looks() -> None:
    camera = Camera(every_s=12.0)

    camera.see(thing(0.5), times=6)

    assert [track.hits for track in camera.tracks.tracks] == [6]


def test_an_old_picture_changes_nothing() -> None:
    camera = Camera().warm()
    camera.see(thing(0.5), times=3)

    older = advance(camera.tracks, Look(at(1.0), (1, 2), (thing(0.9),)))

    assert older is camera.tracks


sights = st.lists(
    st.tuples(
        st.sampled_from([0.2, 0.5, 0.5, 0.5, 1.0, 5.0, 40.0]),
        st.lists(
            st.builds(
                thing,
                st.floats(0.05, 0.95),
                st.floats(0.2, 0.8),
                st.sampled_from(["person", "car", "truck", "handbag", "object"]),
                score=st.floats(0.2, 0.99),
                wide=st.floats(0.01, 0.3),
            ),
            max_size=5,
        ),
        st.sampled_from([1, 1, 1, 1, 2]),
    ),
    max_size=30,
)
Drawn = list[tuple[float, list[Detection], int]]


def looks(drawn: Drawn) -> list[Look]:
    made, now_s, epoch = [], 0.0, 1
    for gap_s, detections, more in drawn:
        now_s, epoch = now_s + gap_s, epoch + (more - 1)
        made.append(Look(at(now_s), (epoch, len(made) + 1), tuple(detections)))
    return made


@settings(deadline=None, max_examples=80)
@given(sights, st.integers(0, 30))
def test_a_restart_midway_changes_nothing_and_neither_does_the_order_within_a_picture(drawn: Drawn, cut: int) -> None:
    through = restarted = turned = Tracks()

    for i, look in enumerate(looks(drawn)):
        through = advance(through, look)
        restarted = advance(decode_tracks(encode_tracks(restarted)) if i == cut else restarted, look)
        turned = advance(turned, Look(look.at, look.frame, tuple(reversed(look.detections))))

    assert restarted == through == turned


@settings(deadline=None, max_examples=60)
@given(sights)
def test_tracks_stay_sound_whatever_is_seen(drawn: Drawn) -> None:
    tracks, before = Tracks(), 0

    for look in looks(drawn):
        tracks = advance(tracks, look)
        ids = [track.id for track in tracks.tracks]
        assert ids == sorted(set(ids))
        assert all(number < tracks.next_id for number in ids)
        assert tracks.next_id >= before
        before = tracks.next_id
        for track in tracks.tracks:
            assert track.first_at <= track.still_since <= track.seen_at <= look.at
            assert len(track.trail) <= MOST_TRACES
            assert (track.misses == 0) == (track.seen_at == look.at)


def test_a_crowd_is_bounded() -> None:
    camera = Camera()
    for shift in range(6):
        crowd = [thing((i % 12) / 12 + 0.01 * shift, (i // 12) / 12, wide=0.01) for i in range(140)]
        camera.see(*crowd)

    assert len(camera.tracks.tracks) <= MOST_TRACKS
    assert len(encode_tracks(camera.tracks)) < 120_000


def naive_identity(paths: list[list[float | None]]) -> list[int]:
    """How often each thing of these paths was seen, told by what nobody but the author of the paths knows."""
    return [sum(x is not None for x in path) for path in paths]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_people_who_do_not_meet_keep_their_numbers_under_jitter_and_misses(data: st.DataObject) -> None:
    """Each walks in a lane of its own; the naive reference counts what was drawn for each."""
    lanes = [0.2, 0.5, 0.8]
    paths: list[list[float | None]] = []
    for _ in lanes:
        start, pace = data.draw(st.floats(0.1, 0.3)), data.draw(st.floats(0.0, 0.04))
        misses = data.draw(st.sets(st.integers(3, 17), max_size=4))
        kept = {i for i in misses if not {i - 1, i - 2} <= misses}
        jitter = data.draw(st.lists(st.floats(-0.01, 0.01), min_size=18, max_size=18))
        paths.append([None if i in kept else start + pace * i + jitter[i] for i in range(18)])
    camera = Camera().warm()

    for i in range(18):
        places = ((path[i], lane) for path, lane in zip(paths, lanes, strict=True))
        camera.see(*(thing(x, lane, wide=0.06) for x, lane in places if x is not None))

    known = sorted(camera.known(), key=lambda track: centre(track.box)[1])
    assert [track.hits for track in known] == naive_identity(paths)


def test_encoding_keeps_every_field() -> None:
    camera = Camera(zones={"yard": ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0))}).warm()
    camera.walk(steps(0.2, 0.8, 8), bag(0.3))

    again = decode_tracks(encode_tracks(camera.tracks))

    assert again == camera.tracks
    assert isinstance(again.tracks[0].first_at, datetime)
