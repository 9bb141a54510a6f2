"""Lines of two points: what crosses them, and what does not."""

import pytest
from track_scenes import Camera, steps

from contracts.plan import Predicate, TrackKind
from rules.tracks.ground import Polygon

#: from the middle of the upper edge to the lower edge
FENCE: dict[str, Polygon] = {"fence": ((0.5, 0.2), (0.5, 1.0))}
CROSSES = Predicate("crosses", ("person",), zones=("Fence",))


def test_who_walks_over_a_line_crosses_it_either_way_and_is_told_for_a_moment() -> None:
    for way in (steps(0.3, 0.7, 9), steps(0.7, 0.3, 9)):
        camera = Camera(zones=FENCE).warm()

        camera.walk(way[:4])
        before = camera.answers(CROSSES)
        camera.walk(way[4:])
        crossed = camera.answers(CROSSES)
        camera.walk([way[-1]] * 10)

        assert (before, crossed, camera.answers(CROSSES)) == (False, True, False)


def test_who_is_seen_once_on_either_side_has_crossed_it() -> None:
    camera = Camera(zones=FENCE, every_s=1.0).warm()

    camera.walk([0.28, 0.42, 0.56])

    assert camera.answers(CROSSES) is True


def test_who_stands_on_a_line_and_sways_does_not_cross_it() -> None:
    camera = Camera(zones=FENCE).warm()

    camera.walk([0.46, 0.48, 0.49, 0.51, 0.49, 0.51, 0.49, 0.51, 0.49])

    assert camera.answers(CROSSES) is False


def test_who_goes_round_the_end_of_a_line_does_not_cross_it() -> None:
    camera = Camera(zones={"fence": ((0.5, 0.9), (0.5, 1.0))}).warm()

    camera.walk(steps(0.3, 0.7, 9))

    assert camera.answers(CROSSES) is False


@pytest.mark.parametrize("kind", ["enters", "leaves", "stays", "still"])
def test_nothing_is_in_a_line(kind: TrackKind) -> None:
    camera = Camera(zones=FENCE).warm()

    camera.walk(steps(0.3, 0.7, 9))

    assert camera.answers(Predicate(kind, ("person",), zones=("fence",), seconds=1.0)) is None
