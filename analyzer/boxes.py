"""Boxes that a language model wrote down, read without trust: into detections, or into nothing.

Takes: the model's text, the coordinates it writes in, the size of the input it saw and the padding in it.
Gives: detections 0-1 of the picture; the JSON schema that holds a server to the form.
Knows nothing about: models, servers, torch.

A language model gives its boxes no score, so `Detection.score` is the caller's: P(yes) of the question that the box
is the evidence for, the same for all boxes of one question. Labels are the caller's too: a text that a model read off
a picture does not reach an alert by this way."""

import re
from dataclasses import dataclass
from typing import Literal

from contracts.messages import Box, Detection

#: how a family of models writes coordinates: thousandths of its input, pixels of its input, or not at all
Convention = Literal["relative_1000", "absolute_pixels", "none"]

THOUSANDTHS = 1000
MOST_BOXES = 8
#: a text longer than this is a model that lost itself
MOST_CHARACTERS = 20_000
#: what stands in a box's place decides nothing here: fences, keys and prose around it are passed over, and of a text
#: that was cut off the whole boxes remain
FOUR_NUMBERS = re.compile(r"\[\s*" + r"\s*,\s*".join([r"(-?\d{1,7}(?:\.\d{0,9})?)"] * 4) + r"\s*\]")


@dataclass(frozen=True, slots=True)
class Padding:
    """Pixels of the model's input, at each edge, that are not the picture."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0


NO_PADDING = Padding()


def to_boxes(
    text: str,
    *,
    convention: Convention,
    input_size: tuple[int, int],
    label: str,
    score: float,
    padding: Padding = NO_PADDING,
    most: int = MOST_BOXES,
) -> tuple[Detection, ...]:
    """`input_size`: (width, height) of what the model saw, padding included. Any text gives sound boxes or none."""
    if convention == "none":
        return ()
    found: list[Box] = []
    for match in FOUR_NUMBERS.finditer(text[:MOST_CHARACTERS]):
        box = _unit(match.groups(), convention, input_size, padding)
        # a model that is caught in a loop repeats one box
        if box is not None and box not in found:
            found.append(box)
        if len(found) == most:
            break
    return tuple(Detection(label, score, box) for box in found)


def box_schema(largest: int = THOUSANDTHS, most: int = MOST_BOXES) -> dict[str, object]:
    """JSON schema of `[{"bbox_2d": [x1, y1, x2, y2], "label": "…"}]`; `largest`: the longer side, where pixels."""
    coordinate = {"type": "integer", "minimum": 0, "maximum": largest}
    corners = {"type": "array", "items": coordinate, "minItems": 4, "maxItems": 4}
    return {
        "type": "array",
        "maxItems": most,
        "items": {
            "type": "object",
            "properties": {"bbox_2d": corners, "label": {"type": "string", "maxLength": 40}},
            "required": ["bbox_2d", "label"],
            "additionalProperties": False,
        },
    }


#: for models that write thousandths
BOX_SCHEMA = box_schema()


def _unit(
    numbers: tuple[str, ...], convention: Convention, input_size: tuple[int, int], padding: Padding
) -> Box | None:
    """0-1 of the picture; None where nothing of it is left."""
    values = [float(number) for number in numbers]
    width, height = input_size
    if max(values) <= 1.0 and any("." in number for number in numbers):
        # Asked for thousandths, some models write fractions: no real box is so small.
        across, down = float(width), float(height)
    elif convention == "relative_1000":
        across, down = width / THOUSANDTHS, height / THOUSANDTHS
    else:
        across = down = 1.0
    drawn_width, drawn_height = width - padding.left - padding.right, height - padding.top - padding.bottom
    x1, x2 = (_held((value * across - padding.left) / drawn_width) for value in values[::2])
    y1, y2 = (_held((value * down - padding.top) / drawn_height) for value in values[1::2])
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None


def _held(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 4)
