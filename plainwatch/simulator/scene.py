"""A yard that we draw ourselves: nobody, then a figure that comes, stands and leaves, then a car, then nobody.

Takes: frame rate and size.
Gives: Footage, the same at every run, and SCENE_EVENTS: what is to be seen when.
Knows nothing about: encoding, serving.

The light is steady and every frame has its own sensor noise, so that nothing here looks dark, covered or frozen.
The first four seconds are empty, so that a background can be learnt."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np

from plainwatch.simulator.footage import Bgr, Footage

SCENE_SECONDS = 24.0
_WIDTH, _HEIGHT = 640, 360
_NOISE_LEVELS = np.float32(2.4)  # cut to whole levels: about 2
_SUBPIXEL_BITS = 4
_SUBPIXEL = 1 << _SUBPIXEL_BITS


@dataclass(frozen=True, slots=True)
class SceneEvent:
    """What is at least partly in the picture from `from_s` until `until_s` of each lap."""

    what: str
    from_s: float
    until_s: float


SCENE_EVENTS = (
    SceneEvent("person", 4.0, 16.4),
    SceneEvent("person standing", 7.0, 13.4),
    SceneEvent("car", 17.4, 20.4),
)

_PERSON_X = ((4.0, -30.0), (7.0, 300.0), (13.4, 300.0), (16.4, 670.0))
_CAR_X = ((17.4, 730.0), (20.4, -90.0))
_STEPS_PER_S = 1.8
_PERSON_FEET_Y, _CAR_ROAD_Y = 300.0, 336.0


def scene_footage(*, fps: float = 10.0, size: tuple[int, int] = (_WIDTH, _HEIGHT)) -> Footage:
    """24 seconds; they end as they begin, so that a loop shows no seam."""
    rate = Fraction(fps).limit_denominator(1001)
    return Footage(rate, *size, lambda: _frames(rate, size))


def scene_picture(at_s: float, *, noise_seed: int | None = None) -> Bgr:
    """One moment of the scene at 640x360; without a seed, without noise."""
    return _picture(_backdrop(), at_s, noise_seed)


def _frames(fps: Fraction, size: tuple[int, int]) -> Iterator[Bgr]:
    backdrop = _backdrop()
    for number in range(int(SCENE_SECONDS * fps)):
        picture = _picture(backdrop, float(number / fps), number)
        if size != (_WIDTH, _HEIGHT):
            picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        yield picture


def _picture(backdrop: Bgr, at_s: float, noise_seed: int | None) -> Bgr:
    picture = backdrop.copy()
    person_x, car_x = _place(_PERSON_X, at_s), _place(_CAR_X, at_s)
    if person_x is not None:
        is_walking = not SCENE_EVENTS[1].from_s <= at_s < SCENE_EVENTS[1].until_s
        _draw_person(picture, person_x, math.tau * _STEPS_PER_S * at_s if is_walking else 0.0)
    if car_x is not None:
        _draw_car(picture, car_x)
    if noise_seed is None:
        return picture
    noise = np.random.default_rng(noise_seed).standard_normal((_HEIGHT, _WIDTH, 1), np.float32) * _NOISE_LEVELS
    return np.asarray(np.clip(picture + noise.astype(np.int16), 0, 255), np.uint8)


def _place(path: tuple[tuple[float, float], ...], at_s: float) -> float | None:
    """The position at this moment, on straight lines between the points; None before and after."""
    if not path[0][0] <= at_s < path[-1][0]:
        return None
    times, places = zip(*path, strict=True)
    return float(np.interp(at_s, times, places))


def _backdrop() -> Bgr:
    picture = np.zeros((_HEIGHT, _WIDTH, 3), np.uint8)
    sky = np.linspace((214, 186, 150), (228, 214, 200), 150)  # (150, 3) BGR, from zenith to horizon
    picture[:150] = sky[:, None, :].astype(np.uint8)
    picture[150:] = (104, 128, 120)
    cv2.rectangle(picture, (60, 50), (310, 215), (120, 142, 172), -1)
    cv2.rectangle(picture, (48, 40), (322, 54), (70, 76, 110), -1)
    for left in (85, 165, 245):
        cv2.rectangle(picture, (left, 85), (left + 42, 130), (110, 92, 70), -1)
        cv2.rectangle(picture, (left, 85), (left + 42, 130), (225, 228, 230), 3)
    cv2.rectangle(picture, (168, 150), (210, 215), (58, 70, 96), -1)
    cv2.ellipse(picture, (520, 120), (70, 60), 0, 0, 360, (70, 112, 72), -1, cv2.LINE_AA)
    cv2.rectangle(picture, (512, 150), (528, 215), (60, 78, 98), -1)
    for post in range(330, _WIDTH, 24):
        cv2.rectangle(picture, (post, 160), (post + 13, 215), (138, 168, 188), -1)
    cv2.rectangle(picture, (325, 178), (_WIDTH, 186), (120, 148, 168), -1)
    picture[215:] = (112, 138, 128)
    picture[285:] = (124, 124, 126)
    picture[283:287] = (150, 152, 154)
    # Gravel: fixed grain, so that the ground has edges that a covered lens would lose.
    grain = cv2.GaussianBlur(np.random.default_rng(7).normal(0.0, 20.0, (_HEIGHT - 215, _WIDTH)), (5, 5), 0)
    picture[215:] = np.clip(picture[215:] + grain[..., None], 0, 255).astype(np.uint8)
    return picture


def _draw_person(picture: Bgr, x: float, stride: float) -> None:
    """About 130 pixels high; the legs and arms swing with the stride."""
    feet, hip, shoulder = _PERSON_FEET_Y, _PERSON_FEET_Y - 58, _PERSON_FEET_Y - 106
    swing = 17.0 * math.sin(stride)
    cv2.ellipse(picture, (round(x), round(feet)), (24, 5), 0, 0, 360, (86, 90, 90), -1, cv2.LINE_AA)
    for side in (1.0, -1.0):
        _limb(picture, (x, hip), (x + side * (swing + 6), feet), 13, (62, 44, 34))
        _limb(picture, (x + side * 12, shoulder + 8), (x + side * (16 - swing * 0.8), hip + 4), 9, (44, 40, 150))
    torso = [(x - 18, shoulder), (x + 18, shoulder), (x + 13, hip + 6), (x - 13, hip + 6)]
    _filled(picture, torso, (48, 44, 168))
    _disc(picture, (x, shoulder - 15), 13, (128, 158, 206))
    cv2.ellipse(picture, (round(x), round(shoulder - 19)), (13, 9), 0, 180, 360, (30, 34, 44), -1, cv2.LINE_AA)


def _draw_car(picture: Bgr, x: float) -> None:
    """About 170 by 70 pixels, driving to the left."""
    road = _CAR_ROAD_Y
    cv2.ellipse(picture, (round(x), round(road)), (88, 7), 0, 0, 360, (78, 78, 80), -1, cv2.LINE_AA)
    body = [(-86, -16), (-82, -38), (-48, -44), (-26, -70), (38, -70), (62, -44), (84, -40), (86, -14), (-86, -12)]
    _filled(picture, [(x + dx, road + dy) for dx, dy in body], (150, 72, 28))
    for glass in ([(-40, -45), (-22, -64), (4, -64), (4, -45)], [(10, -45), (10, -64), (34, -64), (50, -45)]):
        _filled(picture, [(x + dx, road + dy) for dx, dy in glass], (70, 60, 52))
    for wheel in (-52.0, 54.0):
        _disc(picture, (x + wheel, road - 14), 16, (28, 28, 30))
        _disc(picture, (x + wheel, road - 14), 7, (176, 178, 180))


Point = tuple[float, float]
Colour = tuple[int, int, int]


def _fixed(point: Point) -> tuple[int, int]:
    return round(point[0] * _SUBPIXEL), round(point[1] * _SUBPIXEL)


def _limb(picture: Bgr, start: Point, end: Point, thickness: int, colour: Colour) -> None:
    cv2.line(picture, _fixed(start), _fixed(end), colour, thickness, cv2.LINE_AA, _SUBPIXEL_BITS)


def _disc(picture: Bgr, centre: Point, radius: int, colour: Colour) -> None:
    cv2.circle(picture, _fixed(centre), radius * _SUBPIXEL, colour, -1, cv2.LINE_AA, _SUBPIXEL_BITS)


def _filled(picture: Bgr, corners: list[Point], colour: Colour) -> None:
    points = np.array([_fixed(corner) for corner in corners], np.int32)
    cv2.fillPoly(picture, [points], colour, cv2.LINE_AA, _SUBPIXEL_BITS)
