"""Things followed from picture to picture: the machine that runs once per camera.

Takes: the tracks so far and what one picture shows.
Gives: the tracks after it; the same pictures give the same tracks, also after a restart.
Knows nothing about: rules, the database, clocks, pixels.

A picture that could not be looked at is not shown here: nothing is known of it, and nothing is lost by it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from contracts.messages import Detection
from rules.tracks.ground import Polygon, centre, foot, size
from rules.tracks.match import PERSON, pairs, worth_following
from rules.tracks.numbers import (
    BEGIN_SCORE,
    CONFIRMED_HITS,
    FRESH_S,
    FRESH_STEPS,
    GAP_S,
    GAP_STEPS,
    LOST_S,
    LOST_STEPS,
    LOST_STILL_S,
    MOST_TRACES,
    MOST_TRACKS,
    SCORE_SHARE,
    STILL_PART,
    STOOD_S,
    WARM_LOOKS,
    WARM_S,
)
from rules.tracks.owners import attended
from rules.tracks.state import Frame, Trace, Track, Tracks
from rules.tracks.zones import visits_of

_STEP_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Look:
    """What one picture shows; `since`: it has looked the same from then on. `zones`: those of the camera, by name."""

    at: datetime
    frame: Frame
    detections: tuple[Detection, ...]
    zones: Mapping[str, Polygon] = field(default_factory=dict)
    since: datetime | None = None


def advance(tracks: Tracks, look: Look) -> Tracks:
    """One picture further. One that is not newer than the last changes nothing."""
    if tracks.at is not None and look.at <= tracks.at:
        return tracks
    tracks = _begun(tracks, look)
    zones = dict(look.zones)
    # A zone that was drawn anew says nothing of who crossed its edge before.
    known = tracks.tracks if tracks.zones == zones else tuple(_replace(each, visits=()) for each in tracks.tracks)
    found = worth_following(look.detections)
    paired = pairs(known, found, look.at)
    seen = {j: _seen(known[j], found[i], look) for i, j in paired.items()}
    kept = [seen.get(j) or _replace(track, misses=track.misses + 1) for j, track in enumerate(known)]
    kept = [track for track in kept if _is_kept(track, look.at, tracks.step_s)]
    fresh = [each for i, each in enumerate(found) if i not in paired and each.score >= BEGIN_SCORE]
    warm = is_warm(tracks, look.at)
    born = [_born(tracks.next_id + n, each, look, is_new=warm) for n, each in enumerate(fresh)]
    everything = attended(_bounded(kept + born), look.detections, look.at, step_s=tracks.step_s)
    return _replace(
        tracks,
        at=look.at,
        looks=tracks.looks + 1,
        next_id=tracks.next_id + len(born),
        tracks=everything,
        zones=zones,
        frame=look.frame,
    )


def is_warm(tracks: Tracks, at: datetime) -> bool:
    """Whether the camera was watched long enough to tell what came from what has been there."""
    if tracks.began_at is None or tracks.looks < WARM_LOOKS:
        return False
    return (at - tracks.began_at).total_seconds() >= WARM_S


def is_fresh(tracks: Tracks, track: Track) -> bool:
    """Whether a thing counts as being there now."""
    if tracks.at is None or track.hits < CONFIRMED_HITS:
        return False
    return (tracks.at - track.seen_at).total_seconds() <= max(FRESH_S, FRESH_STEPS * tracks.step_s)


def _begun(tracks: Tracks, look: Look) -> Tracks:
    """After a gap nothing is the same; another epoch is the same street, seen by another reader."""
    if tracks.at is None or tracks.frame is None:
        return _replace(tracks, began_at=look.since or look.at)
    begins = max(min(look.since or look.at, look.at), tracks.at)
    gap_s = (begins - tracks.at).total_seconds()
    if gap_s > max(GAP_S, GAP_STEPS * tracks.step_s):
        return Tracks(began_at=begins, next_id=tracks.next_id, step_s=tracks.step_s)
    step_s = tracks.step_s + _STEP_SHARE * (gap_s - tracks.step_s) if tracks.step_s else gap_s
    if tracks.frame[0] != look.frame[0]:
        return _replace(tracks, began_at=begins, looks=0, step_s=step_s)
    return _replace(tracks, step_s=step_s)


def _born(number: int, detection: Detection, look: Look, *, is_new: bool) -> Track:
    begun = Track(
        number,
        detection.label,
        detection.box,
        detection.score,
        look.at,
        look.at,
        detection.box,
        look.at,
        is_new=is_new,
        trail=_trail((), detection, look),
        look=detection.look,
        colour=detection.colour,
    )
    return _replace(begun, visits=visits_of(begun, None, look.zones, look.at))


def _seen(track: Track, detection: Detection, look: Look) -> Track:
    elapsed_s = (look.at - track.seen_at).total_seconds()
    (x, y), (before_x, before_y) = centre(detection.box), centre(track.box)
    speed = ((x - before_x) / elapsed_s, (y - before_y) / elapsed_s)
    if track.hits > 1:
        speed = ((speed[0] + track.speed[0]) / 2, (speed[1] + track.speed[1]) / 2)
    still = _stands(track, detection)
    moved = _replace(
        track,
        label=detection.label if detection.score >= track.score else track.label,
        box=detection.box,
        score=track.score + SCORE_SHARE * (detection.score - track.score),
        seen_at=look.at,
        anchor=track.anchor if still else detection.box,
        still_since=track.still_since if still else look.at,
        hits=track.hits + 1,
        misses=0,
        speed=speed,
        trail=_trail(track.trail, detection, look),
        look=detection.look or track.look,
        colour=detection.colour or track.colour,
    )
    return _replace(moved, visits=visits_of(moved, foot(track.box), look.zones, look.at))


def _trail(trail: tuple[Trace, ...], detection: Detection, look: Look) -> tuple[Trace, ...]:
    """Only people need one: it tells who stood where a thing is now."""
    return (*trail, Trace(look.at, detection.box))[-MOST_TRACES:] if detection.label == PERSON else ()


def _stands(track: Track, detection: Detection) -> bool:
    (x, y), (anchor_x, anchor_y), (width, height) = centre(detection.box), centre(track.anchor), size(track.anchor)
    return math.hypot((x - anchor_x) / width, (y - anchor_y) / height) <= STILL_PART


def _is_kept(track: Track, at: datetime, step_s: float) -> bool:
    unseen_s = (at - track.seen_at).total_seconds()
    if unseen_s <= 0:
        return True
    if track.hits < CONFIRMED_HITS:
        return track.misses < CONFIRMED_HITS
    stood = track.label != PERSON and (track.seen_at - track.still_since).total_seconds() >= STOOD_S
    return unseen_s <= max(LOST_STILL_S if stood else LOST_S, LOST_STEPS * step_s)


def _bounded(tracks: list[Track]) -> tuple[Track, ...]:
    """In the order in which they came."""
    if len(tracks) <= MOST_TRACKS:
        return tuple(tracks)
    latest = sorted(tracks, key=lambda track: (track.seen_at, track.hits, -track.id), reverse=True)[:MOST_TRACKS]
    return tuple(sorted(latest, key=lambda track: track.id))


_replace = msgspec.structs.replace
