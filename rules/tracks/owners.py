"""Who is with a thing: whether somebody stands by it, stood by it, or has left it alone.

Takes: the tracks of one moment and the people in the picture.
Gives: each thing with since when it is alone.
Knows nothing about: rules, how long is too long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from contracts.messages import Box, Detection
from rules.tracks.ground import bodies_apart, centre, shared, size
from rules.tracks.match import PATCH, PERSON
from rules.tracks.numbers import (
    BESIDE,
    EXPLAINED,
    JOLT_PATCHES,
    OWNER_WITHIN_S,
    OWNER_WITHIN_STEPS,
    PATCH_PART_OF_BODY,
    RETURN_S,
    SETTLED_S,
    SHOULDERS,
    TOUCH,
)
from rules.tracks.state import Track

#: a patch that moved within so many seconds is somebody whom the detector does not see
_MOVES_WITHIN = timedelta(seconds=1.0)


def attended(
    tracks: Sequence[Track], detections: Sequence[Detection], at: datetime, *, step_s: float
) -> tuple[Track, ...]:
    """All tracks; of people nothing is said."""
    here = _Here(
        [each.box for each in detections if each.label == PERSON],
        [] if _jolted(tracks, at) else _earlier_bodies(tracks, at, step_s),
        [each.box for each in detections if each.label == PATCH],
        at,
    )
    shapes = [track for track in tracks if _moves(track, at)]
    return tuple(
        track
        if track.label == PERSON
        else _attend(track, [*here.bodies, *(each.box for each in shapes if each.id != track.id)], here)
        for track in tracks
    )


@dataclass(frozen=True, slots=True)
class _Here:
    """`bodies`: people, now. `earlier`: where people stood of late, and now; they may have put something down."""

    bodies: Sequence[Box]
    earlier: Sequence[Box]
    patches: Sequence[Box]
    at: datetime


def _attend(track: Track, bodies: Sequence[Box], here: _Here) -> Track:
    at = here.at
    settled = track.alone_since is not None and at - track.alone_since >= timedelta(seconds=SETTLED_S)
    near = [body for body in bodies if bodies_apart(body, track.box) <= (TOUCH if settled else BESIDE)]
    track = _replace(track, owned=track.owned or _is_owned(track, near, here))
    if settled and near:
        # Who walks past in front of it covers it for a moment, and is no owner who came back.
        back_since = track.back_since or at
        stays = track.seen_at == at and at - back_since >= timedelta(seconds=RETURN_S)
        alone_since = None if stays else track.alone_since
        return _replace(track, attended_at=at, alone_since=alone_since, back_since=back_since)
    if near:
        return _replace(track, attended_at=at, alone_since=None, back_since=None)
    if track.seen_at != at:
        return track
    is_new_here = track.stands_out or any(shared(patch, track.box) > EXPLAINED for patch in here.patches)
    return _replace(track, alone_since=track.alone_since or at, back_since=None, stands_out=is_new_here)


def _is_owned(track: Track, near: Sequence[Box], here: _Here) -> bool:
    """A patch shows for many reasons: it is somebody's only where it first shows beside a body, and is smaller."""
    if track.label != PATCH:
        return bool(near)
    if track.hits > 1:
        return False
    beside = (body for body in here.earlier if bodies_apart(body, track.box) <= BESIDE)
    return any(_could_put_down(body, track.box) for body in beside)


def _could_put_down(body: Box, thing: Box) -> bool:
    """The hole that a head leaves in a background learnt with somebody in it is no bag: it hangs in the air."""
    tall = size(body)[1]
    return size(thing)[1] <= PATCH_PART_OF_BODY * tall and centre(thing)[1] >= body[1] + SHOULDERS * tall


def _earlier_bodies(tracks: Sequence[Track], at: datetime, step_s: float) -> list[Box]:
    within = timedelta(seconds=max(OWNER_WITHIN_S, OWNER_WITHIN_STEPS * step_s))
    people = (track for track in tracks if track.label == PERSON)
    return [trace.box for track in people for trace in track.trail if at - trace.at <= within]


def _jolted(tracks: Sequence[Track], at: datetime) -> bool:
    """So many patches at once are the camera that was pushed, or the light."""
    return sum(track.label == PATCH and track.first_at == at for track in tracks) >= JOLT_PATCHES


def _moves(track: Track, at: datetime) -> bool:
    """What has just shown has not moved yet."""
    moved = track.label == PATCH and track.seen_at == at and track.still_since > track.first_at
    return moved and at - track.still_since <= _MOVES_WITHIN


_replace = msgspec.structs.replace
