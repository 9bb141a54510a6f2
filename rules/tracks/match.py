"""Which detection of this picture is which thing of the pictures before.

Takes: tracks, detections, the time.
Gives: pairs of both, each at most once; detections worth following.
Knows nothing about: zones, rules, what becomes of a track. The same input gives the same pairs."""

import math
from collections.abc import Sequence
from datetime import datetime

from contracts.messages import Box, Detection
from rules.tracks.ground import centre, shared, size, union_shared
from rules.tracks.likeness import likeness
from rules.tracks.numbers import (
    AHEAD_S,
    BEGIN_SCORE,
    EXPLAINED,
    GROWS_AT_MOST,
    MOST_TRACKS,
    REACH,
    REACH_AT_MOST,
    REACH_PER_S,
    STOOD_S,
    UNLIKE,
)
from rules.tracks.state import Track

PERSON = "person"
#: a patch of new foreground that no detector has named
PATCH = "object"
#: what a detector calls now this and now that is one kind
_KINDS = (
    {"car", "truck", "bus"},
    {"bicycle", "motorcycle"},
    {"backpack", "handbag", "suitcase"},
    {"cat", "dog"},
    {"horse", "cow", "sheep"},
)
_KIND_OF = {label: min(kind) for kind in _KINDS for label in kind}
_SAME_BOX = 0.6


def kind_of(label: str) -> str:
    """Equal for labels that a detector mixes up."""
    return _KIND_OF.get(label, label)


def worth_following(detections: Sequence[Detection]) -> tuple[Detection, ...]:
    """Best first, one for each thing; patches only where nothing with a name explains them."""
    kept: list[Detection] = []
    for each in sorted(detections, key=lambda each: (each.label == PATCH, -each.score, each.label, each.box)):
        if len(kept) < MOST_TRACKS and not any(_is_the_same(each, other) for other in kept):
            kept.append(each)
    return tuple(kept)


def _is_the_same(each: Detection, better: Detection) -> bool:
    if each.label == PATCH and better.label != PATCH:
        return shared(each.box, better.box) > EXPLAINED
    mixed_up = each.label != better.label and kind_of(each.label) == kind_of(better.label)
    return mixed_up and union_shared(each.box, better.box) > _SAME_BOX


def pairs(tracks: Sequence[Track], detections: Sequence[Detection], at: datetime) -> dict[int, int]:
    """By index: detection to track. Sure detections choose first: a weak one may only go on with what they leave."""
    found: dict[int, int] = {}
    taken: set[int] = set()
    for strong in (True, False):
        costs = []
        for i, detection in enumerate(detections):
            if (detection.score >= BEGIN_SCORE) is not strong:
                continue
            costs += [
                (cost, track.id, i, j)
                for j, track in enumerate(tracks)
                if j not in taken and (cost := _cost(track, detection, at)) is not None
            ]
        for _, _, i, j in sorted(costs):
            if i not in found and j not in taken:
                found[i] = j
                taken.add(j)
    return found


def _cost(track: Track, detection: Detection, at: datetime) -> float | None:
    """How badly they fit; None: not at all."""
    if kind_of(track.label) != kind_of(detection.label):
        return None
    elapsed_s = (at - track.seen_at).total_seconds()
    (width, height), (other_width, other_height) = size(track.box), size(detection.box)
    growth = (width * height) / (other_width * other_height)
    if not 1.0 / GROWS_AT_MOST <= growth <= GROWS_AT_MOST:
        return None
    expected = _moved(track.box, track.speed, min(elapsed_s, AHEAD_S))
    (x, y), (other_x, other_y) = centre(expected), centre(detection.box)
    apart = math.hypot((x - other_x) / max(width, other_width), (y - other_y) / max(height, other_height))
    if apart > _reach(track, elapsed_s, at):
        return None
    alike = likeness(track.look, detection.look)
    unlike = 0.0 if alike is None else UNLIKE * (1.0 - alike)
    return apart - union_shared(expected, detection.box) + unlike


def _reach(track: Track, elapsed_s: float, at: datetime) -> float:
    # What has no legs and stands is found again where it stood: another one beside it is another thing.
    if track.label != PERSON and (at - track.still_since).total_seconds() >= STOOD_S:
        return REACH
    return min(REACH + REACH_PER_S * elapsed_s, REACH_AT_MOST)


def _moved(box: Box, speed: tuple[float, float], seconds: float) -> Box:
    across, down = speed[0] * seconds, speed[1] * seconds
    return (box[0] + across, box[1] + down, box[2] + across, box[3] + down)
