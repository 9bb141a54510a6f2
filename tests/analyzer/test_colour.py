import numpy as np
import pytest

from analyzer.edge.colour import coloured
from contracts.messages import Detection

CAR = Detection("car", 0.9, (0.25, 0.25, 0.75, 0.75))
STREET = (120, 120, 120)
BGR = {
    "red": (30, 30, 190),
    "orange": (20, 120, 235),
    "yellow": (30, 210, 230),
    "green": (40, 140, 40),
    "blue": (190, 90, 30),
    "purple": (160, 40, 140),
    "black": (25, 25, 28),
    "white": (235, 235, 230),
    "grey": (128, 125, 126),
}


def street(paint: tuple[int, int, int], *, light: float = 1.0) -> np.ndarray:
    """A car in the middle, with a dark window across a quarter of it; a little noise over all."""
    picture = np.full((160, 240, 3), STREET, np.float32)
    picture[40:120, 60:180] = paint
    picture[50:70, 60:180] = (40, 38, 36)
    noise = np.random.default_rng(1).normal(0, 4, picture.shape)
    return np.clip((picture + noise) * light, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", BGR)
def test_a_car_of_one_paint_has_its_colour(name: str) -> None:
    (car,) = coloured((CAR,), street(BGR[name]))

    assert car.colour == name
    assert (car.label, car.box) == (CAR.label, CAR.box)


def test_at_night_no_colour_is_told() -> None:
    assert coloured((CAR,), street(BGR["red"], light=0.2)) == (CAR,)


def test_what_is_small_or_of_two_colours_has_none() -> None:
    far_away = Detection("car", 0.9, (0.5, 0.5, 0.53, 0.53))
    two = street(BGR["red"])
    two[:, 120:] = BGR["blue"]

    small, mixed = coloured((far_away,), street(BGR["red"])), coloured((CAR,), two)

    assert (small[0].colour, mixed[0].colour) == ("", "")
