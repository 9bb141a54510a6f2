"""Looks as a second cue beside the place."""

from array import array

import msgspec
import pytest
from track_scenes import Camera, thing

from contracts.messages import Detection
from rules.tracks.likeness import likeness
from rules.tracks.state import decode_tracks, encode_tracks

RED, BLUE = array("b", [120, 5, -3]).tobytes(), array("b", [-4, 110, 60]).tobytes()


def dressed(x: float, look: bytes) -> Detection:
    return msgspec.structs.replace(thing(x), look=look)


def test_a_look_is_like_itself_and_unlike_its_opposite() -> None:
    opposite = array("b", [-120, -5, 3]).tobytes()

    assert likeness(RED, RED) == pytest.approx(1.0)
    assert likeness(RED, opposite) == pytest.approx(-1.0)
    assert likeness(RED, BLUE) == pytest.approx(-0.008, abs=0.01)


@pytest.mark.parametrize("other", [b"", b"\x01", b"\x00\x00\x00"], ids=["none", "another model's", "nothing"])
def test_looks_that_cannot_be_compared_say_nothing(other: bytes) -> None:
    assert likeness(RED, other) is None


def test_two_people_who_meet_and_part_again_keep_their_tracks_by_their_looks() -> None:
    camera = Camera(every_s=1.0).warm()
    for step in range(4):
        camera.see(dressed(0.30 + 0.05 * step, RED), dressed(0.61 - 0.05 * step, BLUE))
    before = {track.look: track.id for track in camera.known()}

    for step in range(4):  # each turns back: by its way alone it would be the other
        camera.see(dressed(0.45 - 0.05 * step, RED), dressed(0.47 + 0.05 * step, BLUE))

    assert {track.look: track.id for track in camera.known()} == before


def test_who_was_not_described_this_time_keeps_the_look_of_before() -> None:
    camera = Camera().warm()

    camera.see(dressed(0.3, RED), times=2)
    camera.see(thing(0.31))

    assert [track.look for track in decode_tracks(encode_tracks(camera.tracks)).tracks] == [RED]
