import msgspec
import pytest
from track_scenes import WITH_ZONE, Camera, bag, steps, thing

from contracts.plan import Predicate
from rules.tracks.answers import track_answer

BAGS = ("backpack", "handbag", "suitcase")
LEFT = Predicate("left", BAGS, seconds=5.0)
STAYS = Predicate("stays", ("person",), seconds=5.0)
ENTERS, LEAVES, CROSSES = (Predicate(kind, ("person",), zones=("Yard",)) for kind in ("enters", "leaves", "crosses"))


def put_down(label: str = "handbag") -> Camera:
    """Somebody comes with a bag, sets it down at 0.5 and walks away to the left; the picture is empty but for it."""
    camera = Camera().warm()
    camera.walk(steps(0.1, 0.5, 9))
    camera.walk([0.5] * 4)
    camera.walk(steps(0.46, 0.06, 9), bag(0.5, label=label))
    return camera


@pytest.mark.parametrize("label", ["handbag", "object"])
def test_a_bag_is_left_once_its_owner_has_been_away_for_the_time(label: str) -> None:
    camera = put_down(label)

    early = camera.answers(LEFT)
    camera.see(bag(0.5, label=label), times=10)

    assert early is False
    assert camera.answers(LEFT) is True


def test_a_bag_beside_its_owner_is_not_left() -> None:
    camera = put_down()

    camera.see(bag(0.5), thing(0.58), times=40)

    assert camera.answers(LEFT) is False


def test_a_bag_that_is_carried_is_not_left() -> None:
    camera = Camera().warm()

    for x in steps(0.1, 0.9, 40):
        camera.see(thing(x), bag(x + 0.03))

    assert camera.answers(LEFT) is False


def test_who_walks_past_does_not_take_a_left_bag_back_and_hides_it_only_for_a_moment() -> None:
    camera = put_down()
    camera.see(bag(0.5), times=14)

    told = []
    for x in steps(0.1, 0.9, 9):
        camera.see(thing(x), *([] if 0.42 < x < 0.58 else [bag(0.5)]))
        told.append(camera.answers(LEFT))

    assert told == [True] * 9


def test_an_owner_who_comes_back_and_stays_ends_it() -> None:
    camera = put_down()
    camera.see(bag(0.5), times=14)

    camera.see(bag(0.5), thing(0.52), times=8)

    assert camera.answers(LEFT) is False


def test_what_stood_there_when_watching_began_was_left_by_nobody() -> None:
    camera = Camera()

    camera.see(bag(0.5), times=60)

    assert camera.answers(LEFT) is False


def test_a_new_patch_that_nobody_stood_by_stands_for_no_bag() -> None:
    camera = Camera().warm()

    camera.see(bag(0.5, label="object"), times=60)

    assert camera.answers(LEFT) is False


def test_a_patch_as_tall_as_a_person_is_no_bag() -> None:
    camera = Camera().warm()
    camera.walk(steps(0.1, 0.3, 5))

    camera.see(thing(0.36, label="object", wide=0.25), times=40)

    assert camera.answers(LEFT) is False


def test_anything_put_down_is_something_left_and_people_and_cars_are_not() -> None:
    anything = Predicate("left", (), seconds=5.0)
    camera = put_down("object")
    camera.see(bag(0.5, label="object"), thing(0.9, label="car"), times=14)

    found = track_answer("q", anything, camera.tracks).detections

    assert [each.label for each in found] == ["object"]


def test_a_bag_that_somebody_takes_is_removed_and_one_that_is_merely_hidden_is_not() -> None:
    removed = Predicate("removed", BAGS)
    camera = put_down()
    camera.see(bag(0.5), times=14)
    camera.walk(steps(0.1, 0.5, 6), bag(0.5))

    camera.walk([0.5] * 6)
    hidden = camera.answers(removed)
    camera.walk(steps(0.6, 0.9, 8))

    assert hidden is False
    assert camera.answers(removed) is True


def test_a_bag_that_the_detector_loses_was_taken_by_nobody() -> None:
    camera = put_down()
    camera.see(bag(0.5), times=14)

    told = []
    for _ in range(20):
        camera.see()
        told.append(camera.answers(Predicate("removed", BAGS)))

    assert True not in told


def test_one_person_stays_and_two_who_relieve_each_other_do_not() -> None:
    alone, relieved = Camera().warm(), Camera().warm()

    alone.see(thing(0.3), times=12)
    for x in (0.2, 0.5, 0.8):
        relieved.see(thing(x), times=6)

    assert alone.answers(STAYS) is True
    assert relieved.answers(STAYS) is False


def test_staying_in_a_zone_begins_at_its_edge() -> None:
    stays = Predicate("stays", ("person",), zones=("yard",), seconds=5.0)
    camera = Camera(zones=WITH_ZONE).warm()
    camera.see(thing(0.45), times=20)

    camera.see(thing(0.55), times=9)
    early = camera.answers(stays)
    camera.see(thing(0.55), times=4)

    assert early is False
    assert camera.answers(stays) is True


def test_a_person_walks_on_and_is_not_still() -> None:
    still = Predicate("still", ("person",), seconds=3.0)
    camera = Camera().warm()

    camera.walk(steps(0.1, 0.9, 17))
    walking = camera.answers(still)
    camera.walk([0.9] * 9)

    assert walking is False
    assert camera.answers(still) is True


def test_who_comes_in_has_entered_and_who_was_there_has_not() -> None:
    camera = Camera(zones=WITH_ZONE)
    camera.see(thing(0.9, 0.3), times=8)

    before = camera.answers(ENTERS)
    camera.walk(steps(0.3, 0.7, 9), thing(0.9, 0.3))

    (entered,) = track_answer("q", ENTERS, camera.tracks).detections
    assert before is False
    assert entered.box[0] == pytest.approx(0.66)


def test_standing_on_the_edge_is_neither_coming_nor_going() -> None:
    camera = Camera(zones=WITH_ZONE).warm()
    camera.see(thing(0.45), times=4)

    told = []
    for x in [0.49, 0.51] * 10:
        camera.see(thing(x))
        told += [camera.answers(ENTERS), camera.answers(LEAVES)]

    assert True not in told


def test_leaving_is_told_for_a_moment_also_through_the_edge_of_the_picture() -> None:
    on_foot, out_of_sight = Camera(zones=WITH_ZONE).warm(), Camera(zones=WITH_ZONE).warm()

    on_foot.walk(steps(0.8, 0.3, 11))
    out_of_sight.walk(steps(0.7, 0.96, 7))
    out_of_sight.see(times=3)

    assert on_foot.answers(LEAVES) is True
    assert out_of_sight.answers(LEAVES) is True
    on_foot.see(thing(0.3), times=12)
    assert on_foot.answers(LEAVES) is False


def test_who_runs_through_a_narrow_zone_between_two_pictures_crosses_it() -> None:
    line = {"yard": ((0.50, 0.0), (0.51, 0.0), (0.51, 1.0), (0.50, 1.0))}
    crossing, passing = Camera(zones=line).warm(), Camera(zones=line).warm()

    crossing.walk(steps(0.3, 0.62, 6))
    passing.walk(steps(0.1, 0.45, 6))

    assert crossing.answers(CROSSES) is True
    assert passing.answers(CROSSES) is False


def test_a_person_by_a_car_is_near_it_and_one_across_the_street_is_not() -> None:
    near = Predicate("near", ("person",), ("car",))
    camera = Camera()
    camera.see(thing(0.5), thing(0.9, 0.65, "car", wide=0.2), times=3)

    far = camera.answers(near)
    camera.see(thing(0.74), thing(0.9, 0.65, "car", wide=0.2), times=3)

    assert far is False
    assert camera.answers(near) is True


def test_a_parked_car_keeps_the_colour_that_was_plain_to_see() -> None:
    parked = Predicate("still", ("car",), seconds=2.0, colour="red")
    camera = Camera().warm()
    red, unclear = (
        msgspec.structs.replace(thing(0.5, label="car", wide=0.2), colour=colour) for colour in ("red", "")
    )

    camera.see(red, times=4)
    camera.see(unclear, times=4)
    answer = track_answer("q", parked, camera.tracks)

    assert [each.colour for each in answer.detections] == ["red"]


@pytest.mark.parametrize("predicate", [LEFT, STAYS, ENTERS, Predicate("removed", BAGS)])
def test_until_it_is_warm_nothing_is_known(predicate: Predicate) -> None:
    camera = Camera(zones=WITH_ZONE)
    camera.see(thing(0.7), times=2)

    assert camera.answers(predicate) is None


def test_a_zone_that_is_not_drawn_is_unknown() -> None:
    assert Camera().warm().answers(ENTERS) is None


def test_a_zone_that_is_drawn_anew_around_somebody_was_not_entered() -> None:
    camera = Camera(zones=WITH_ZONE).warm()
    camera.see(thing(0.3), times=6)

    camera.zones = {"yard": ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))}
    camera.see(thing(0.3), times=6)

    assert camera.answers(ENTERS) is False


def test_furniture_that_the_detector_takes_for_a_bag_now_and_then_was_left_by_nobody() -> None:
    camera = Camera().warm()
    chair = thing(0.5, 0.7, "suitcase", wide=0.12)
    camera.see(thing(0.5), times=4)

    camera.see(chair, times=40)
    furniture = camera.answers(LEFT)
    camera.see(chair, thing(0.5, 0.7, "object", wide=0.12), times=2)

    assert furniture is False
    assert camera.answers(LEFT) is True


def test_a_push_at_the_camera_leaves_nothing_behind() -> None:
    camera = Camera().warm()
    camera.see(thing(0.5), times=4)

    edges = [bag(x, label="object") for x in (0.1, 0.45, 0.8)]
    camera.see(*edges, times=40)

    assert camera.answers(Predicate("left", (), seconds=5.0)) is False
