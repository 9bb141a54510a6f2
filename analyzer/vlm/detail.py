"""Small things in large pictures: the quarters beside the whole, or a second look at where something happens.

Takes: a picture, how many pixels of it the model sees, the scene's boxes.
Gives: the pictures to show instead, where each lies in the whole, and what that costs.
Knows nothing about: questions, prompts.

A model sees a picture through a budget, 512 x 512 pixels say: of a 4K frame one pixel in thirty is left. Where the
frame holds hardly more than the budget, a closer look shows nothing new and is not taken."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PIL import Image

from analyzer.vlm.reading import prepare
from contracts.messages import Box, Scene

if TYPE_CHECKING:
    from analyzer.vlm.load import Loaded

#: `tiles`: every frame as its quarters and itself; `crop`: a second look where the first left it open
Detail = Literal["off", "tiles", "crop"]

#: by which margins are told apart: another way of looking gives others, and so did `crop` when a crop could say no
NAMES: dict[Detail, str] = {"tiles": "tiles", "crop": "crop2"}

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
#: upper left, upper right, lower left, lower right, as the prompt says; they overlap, so that what stands on a line
#: between two is whole in one
QUARTERS: tuple[Box, ...] = (
    (0.0, 0.0, 0.55, 0.55),
    (0.45, 0.0, 1.0, 0.55),
    (0.0, 0.45, 0.55, 1.0),
    (0.45, 0.45, 1.0, 1.0),
)
#: a frame of fewer pixels, in budgets, has hardly one that the first look did not show
WORTH_TIMES = 1.5
#: log-odds: between 12 and 88 %, as the model feels it, a second look may turn the answer
UNDECIDED = 2.0
#: a thing needs its surroundings to be known: the region grows by this part of itself on each side
SURROUNDINGS = 0.25
SMALLEST_SIDE = 0.25
#: a crop that holds more than this part of the picture is no closer look
LARGEST_PART = 0.5


@dataclass(frozen=True, slots=True)
class View:
    """A picture to show, and the part of the whole that it is."""

    picture: Image.Image
    region: Box


def tiles(picture: Image.Image, pixels_seen: int) -> tuple[View, ...]:
    """Four quarters and the whole, which is last; the whole alone where the quarters would show nothing new."""
    whole = View(picture, WHOLE)
    return (*(cut(picture, part) for part in QUARTERS), whole) if worth_it(picture.size, pixels_seen) else (whole,)


def cost(loaded: "Loaded", mode: Detail, size: tuple[int, int], *, looked_again: float = 1.0) -> float:
    """Visual tokens relative to "off" for frames of this size, counted, to be shown where the mode is chosen.

    `looked_again`: the part of the frames that gets a second look; unknown beforehand, so by default all of them,
    which is the most that it can cost."""
    plain, pixels = seen(loaded, size)
    if mode == "off" or not worth_it(size, pixels):
        return 1.0
    if mode == "tiles":
        return sum(seen(loaded, view.picture.size)[0] for view in tiles(Image.new("RGB", size), pixels)) / plain
    side = math.sqrt(LARGEST_PART)
    return 1.0 + looked_again * seen(loaded, (round(size[0] * side), round(size[1] * side)))[0] / plain


def seen(loaded: "Loaded", size: tuple[int, int]) -> tuple[int, int]:
    """(visual tokens, pixels) that the model spends on a picture of this size, both found by preparing one."""
    prepared = prepare(loaded, [Image.new("RGB", size)])
    tokens = int((prepared.inputs["input_ids"] == loaded.model.config.image_token_id).sum())
    return tokens, math.prod(prepared.sizes[0])


def worth_it(size: tuple[int, int], pixels_seen: int) -> bool:
    """Whether the picture holds more than the model saw of it."""
    return math.prod(size) > WORTH_TIMES * pixels_seen


def second_look(margin: float, scene: Scene, size: tuple[int, int], pixels_seen: int) -> Box | None:
    """Where to look again after the first answer; None where it is decided, or nothing stands out."""
    # Before the background is learnt, the scene's boxes mean nothing.
    if abs(margin) >= UNDECIDED or not scene.warm or not worth_it(size, pixels_seen):
        return None
    return region_around((*scene.moving, *scene.foreground))


def raised(first: float, second: float) -> float:
    """The margin after a second look at a part: its yes counts where it is surer, its no and its doubt never do.

    What is seen in a part is seen in the picture, but what a part does not show may stand beside it: a crop around a
    passing car knows nothing of the gate. A question that a part cannot answer with yes ("is the yard empty?") is
    better off without a second look."""
    return second if second > max(first, 0.0) else first


def region_around(boxes: Sequence[Box]) -> Box | None:
    """All boxes with their surroundings; the largest alone where they lie too far apart; None where that is too much.

    The boxes are the scene's, or zones that a caller cares about."""
    if not boxes:
        return None
    together = (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
    for box in (together, max(boxes, key=_area)):
        grown = _grown(box)
        if _area(grown) <= LARGEST_PART:
            return grown
    return None


def cut(picture: Image.Image, region: Box) -> View:
    """In whole pixels, at least one; not enlarged: there is no more in it than the camera saw."""
    width, height = picture.size
    left, top = min(int(region[0] * width), width - 1), min(int(region[1] * height), height - 1)
    right, bottom = max(math.ceil(region[2] * width), left + 1), max(math.ceil(region[3] * height), top + 1)
    exact = (left / width, top / height, right / width, bottom / height)
    return View(picture.crop((left, top, right, bottom)), exact)


def to_full(box: Box, region: Box) -> Box:
    """A box 0-1 of a view -> 0-1 of the whole picture."""
    width, height = region[2] - region[0], region[3] - region[1]
    x1, x2 = (min(1.0, region[0] + value * width) for value in box[::2])
    y1, y2 = (min(1.0, region[1] + value * height) for value in box[1::2])
    return (x1, y1, x2, y2)


def _grown(box: Box) -> Box:
    x1, x2 = _grown_side(box[0], box[2])
    y1, y2 = _grown_side(box[1], box[3])
    return (x1, y1, x2, y2)


def _grown_side(low: float, high: float) -> tuple[float, float]:
    """With surroundings, at least SMALLEST_SIDE, moved inward at the picture's edge."""
    side = min(1.0, max(SMALLEST_SIDE, (high - low) * (1 + 2 * SURROUNDINGS)))
    start = min(max(0.0, (low + high - side) / 2), 1.0 - side)
    return start, min(1.0, start + side)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
