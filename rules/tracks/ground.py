"""Boxes and polygons on a camera's picture: where a thing stands, how far two are apart.

Takes: boxes and corners, each 0-1 of the picture's width and height.
Gives: feet, insides, overlaps, distances in sizes of a body.
Knows nothing about: what the boxes hold, time. The picture's proportions are not known here, so no distance is in
pixels: across it counts in widths of a body, down in parts of its height."""

import math

from contracts.messages import Box

#: corners, 0-1 of the picture's width and height; of two points, a line, which has no inside
Polygon = tuple[tuple[float, float], ...]
Point = tuple[float, float]

#: seen from above at a slant, a step towards the camera is shorter than one across: a third of a body's height
_DEPTH = 0.35
_THINNEST = 1e-4


def foot(box: Box) -> Point:
    """Where a thing stands: the middle of its lower edge."""
    return ((box[0] + box[2]) / 2, box[3])


def centre(box: Box) -> Point:
    """The middle of a box."""
    return ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


def size(box: Box) -> Point:
    """Width and height, never nothing."""
    return (max(box[2] - box[0], _THINNEST), max(box[3] - box[1], _THINNEST))


def inside(point: Point, polygon: Polygon) -> bool:
    """Even-odd rule; a foot on the picture's lower edge belongs to a zone that reaches it."""
    x, y = point[0], min(point[1], 1.0 - 1e-6)
    held = False
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            held = not held
    return held


def is_line(polygon: Polygon) -> bool:
    """It can be crossed, and nothing is in it."""
    return len(polygon) == 2


def beyond(point: Point, line: Polygon) -> bool:
    """On which side of a line a point is, the line drawn out to both ends of the picture."""
    return _side(line[0], line[1], point) > 0.0


def meets(start: Point, end: Point, line: Polygon) -> bool:
    """Whether a way from one side to the other leads over the line, and not round its end."""
    (x1, y1), (x2, y2) = line
    here, there = _side(line[0], line[1], start), _side(line[0], line[1], end)
    if here == there:
        return False
    part = here / (here - there)
    x, y = start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])
    along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)
    return 0.0 <= along <= 1.0


def passes(start: Point, end: Point, polygon: Polygon) -> bool:
    """Whether the straight way between two feet meets the zone's edge."""
    return any(_meet(start, end, a, b) for a, b in zip(polygon, (*polygon[1:], polygon[0]), strict=True))


def shared(a: Box, b: Box) -> float:
    """The part of the smaller box that lies in the other."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if across <= 0 or down <= 0:
        return 0.0
    (aw, ah), (bw, bh) = size(a), size(b)
    return min(1.0, across * down / min(aw * ah, bw * bh))


def union_shared(a: Box, b: Box) -> float:
    """Intersection over union."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if across <= 0 or down <= 0:
        return 0.0
    (aw, ah), (bw, bh) = size(a), size(b)
    return across * down / (aw * ah + bw * bh - across * down)


def bodies_apart(body: Box, thing: Box) -> float:
    """How far a thing is from a body, in widths of that body; 0 where they touch."""
    width, height = size(body)
    across = max(thing[0] - body[2], body[0] - thing[2], 0.0)
    down = max(thing[1] - body[3], body[1] - thing[3], 0.0)
    return math.hypot(across / width, down / (_DEPTH * height))


def at_edge(box: Box, margin: float = 0.02) -> bool:
    """Whether it touches the picture's edge, where things come and go."""
    return box[0] <= margin or box[1] <= margin or box[2] >= 1.0 - margin or box[3] >= 1.0 - margin


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
