from itertools import pairwise

import cv2
import numpy as np
import pytest

from plainwatch.simulator import SCENE_EVENTS, Fault, scene_footage
from plainwatch.simulator.faults import picture_change
from plainwatch.simulator.footage import Bgr
from plainwatch.simulator.scene import SCENE_SECONDS, scene_picture

FPS = 5.0


@pytest.fixture(scope="module")
def lumas() -> list[np.ndarray]:
    """The whole scene in grey."""
    pictures = [picture for picture in scene_footage(fps=FPS).frames() if isinstance(picture, np.ndarray)]
    return [cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) for picture in pictures]


def _foreground(luma: np.ndarray, background: np.ndarray) -> float:
    """The share of the picture that differs clearly from the empty yard."""
    difference = np.abs(cv2.blur(luma, (5, 5)).astype(np.int16) - cv2.blur(background, (5, 5)).astype(np.int16))
    return float((difference > 20).mean())


def _is_under_way(at_s: float) -> bool:
    return any(event.from_s <= at_s < event.until_s for event in SCENE_EVENTS)


def test_the_scene_shows_something_exactly_during_its_events(lumas: list[np.ndarray]) -> None:
    background = np.median(np.stack(lumas[:15]), axis=0).astype(np.uint8)

    shares = {number / FPS: _foreground(luma, background) for number, luma in enumerate(lumas)}

    # A figure that has just its nose in the picture is no fair case for either side.
    edges = [moment for event in SCENE_EVENTS for moment in (event.from_s, event.until_s)]
    clear = {at_s: share for at_s, share in shares.items() if all(abs(at_s - edge) > 0.5 for edge in edges)}
    assert len(lumas) == int(SCENE_SECONDS * FPS)
    assert all(share < 0.001 for at_s, share in clear.items() if not _is_under_way(at_s))
    assert all(share > 0.01 for at_s, share in clear.items() if _is_under_way(at_s))


def test_the_figure_stands_still_for_more_than_three_seconds(lumas: list[np.ndarray]) -> None:
    standing = next(event for event in SCENE_EVENTS if event.what == "person standing")
    standing_still = lumas[int(standing.from_s * FPS) + 1 : int(standing.until_s * FPS)]

    moved = [_foreground(luma, standing_still[0]) for luma in standing_still]

    assert standing.until_s - standing.from_s > 3.0
    assert max(moved) < 0.001


def test_the_scene_is_never_dark_covered_or_frozen(lumas: list[np.ndarray]) -> None:
    changed = [float((one != other).mean()) for one, other in pairwise(lumas)]

    assert min(luma.mean() for luma in lumas) > 60
    assert min(_detail(luma) for luma in lumas) > 10
    assert min(changed) > 0.3


@pytest.mark.parametrize("fault", [Fault.DARK, Fault.COVERED])
def test_darkness_and_a_cover_take_the_detail_away_and_leave_noise(fault: Fault) -> None:
    change = picture_change(fault, 0)
    assert change is not None

    changed = [cv2.cvtColor(change(number, scene_picture(9.0)), cv2.COLOR_BGR2GRAY) for number in (1, 2)]

    assert max(_detail(luma) for luma in changed) < 2
    assert float((changed[0] != changed[1]).mean()) > 0.3


def test_the_scene_is_the_same_at_every_run() -> None:
    first, again = (list(scene_footage(fps=1.0, size=(320, 180)).frames()) for _ in range(2))

    assert all(np.array_equal(_array(one), _array(other)) for one, other in zip(first, again, strict=True))


def _detail(luma: np.ndarray) -> float:
    """How sharp it is, beyond the sensor's noise."""
    return float(cv2.Laplacian(cv2.GaussianBlur(luma, (5, 5), 0), cv2.CV_64F).var())


def _array(picture: object) -> Bgr:
    assert isinstance(picture, np.ndarray)
    return picture
