"""What the tracks of a camera answer: who stays, enters, was left behind, is near.

Takes: Tracks at one moment, a predicate of TRACK_KINDS.
Gives: the answer, with the things that make it true as its boxes; unknown until the camera was watched for a while.
Knows nothing about: rules, thresholds; a box carries its track's score for the judge to weigh."""

import math
from collections.abc import Callable
from datetime import datetime

from contracts.messages import Answer, Detection
from contracts.plan import Predicate
from rules.tracks.ground import at_edge, bodies_apart, is_line, size
from rules.tracks.machine import is_fresh, is_warm
from rules.tracks.match import PATCH, PERSON
from rules.tracks.numbers import (
    ALONE_S,
    CONFIRMED_HITS,
    GONE_S,
    NEAR,
    PATCH_AREA,
    REMOVED_SCORE,
    STILL_S,
    STOOD_S,
    TELL_S,
)
from rules.tracks.state import Track, Tracks, Visit
from rules.words.vocabulary import ANIMALS, VEHICLES

LEARNING = "still learning what is there: the camera has just been begun, or was away"
#: as sure as "nothing found" is taken to be
_P_NOTHING = 0.05
#: nobody puts these down
_NEVER_LEFT = {PERSON, *VEHICLES, *ANIMALS, "bicycle", "train", "boat", "airplane"}


def track_answer(key: str, predicate: Predicate, tracks: Tracks) -> Answer:
    """For a predicate of any other kind: unknown."""
    at = tracks.at
    test = _TESTS.get(predicate.kind)
    if at is None or test is None or (predicate.kind != "near" and not is_warm(tracks, at)):
        return Answer(key, unknown_reason=LEARNING)
    drawn = {name.casefold() for name in tracks.zones}
    if predicate.zones and not any(name.casefold() in drawn for name in predicate.zones):
        return Answer(key, unknown_reason=f"the camera has no zone '{predicate.zones[0]}'")
    lines = {name.casefold() for name, polygon in tracks.zones.items() if is_line(polygon)}
    if predicate.kind != "crosses" and predicate.zones and all(name.casefold() in lines for name in predicate.zones):
        return Answer(key, unknown_reason=f"'{predicate.zones[0]}' is a line: it can be crossed, and nothing is in it")
    found = [track for track in tracks.tracks if track.hits >= CONFIRMED_HITS and test(predicate, track, tracks, at)]
    things = (Detection(each.label, each.score, each.box, each.colour) for each in found)
    boxes = sorted(things, key=lambda box: -box.score)
    best = boxes[0].score if boxes else _P_NOTHING
    return Answer(key, margin=_logit(best), count=len(boxes), detections=tuple(boxes))


def _stays(predicate: Predicate, track: Track, tracks: Tracks, at: datetime) -> bool:
    if track.label not in predicate.labels or not is_fresh(tracks, track):
        return False
    needed_s = predicate.seconds or 0.0
    if not predicate.zones:
        return _lasted(track.first_at, at, needed_s)
    return any(visit.inside and _lasted(visit.since, at, needed_s) for visit in _visits(predicate, track))


def _still(predicate: Predicate, track: Track, tracks: Tracks, at: datetime) -> bool:
    if track.label not in predicate.labels or not is_fresh(tracks, track):
        return False
    within = not predicate.zones or any(visit.inside for visit in _visits(predicate, track))
    return within and _lasted(track.still_since, at, predicate.seconds or STILL_S)


def _enters(predicate: Predicate, track: Track, tracks: Tracks, _at: datetime) -> bool:
    """As long as it is in."""
    if track.label not in predicate.labels or not is_fresh(tracks, track):
        return False
    return any(visit.inside and visit.came for visit in _visits(predicate, track))


def _leaves(predicate: Predicate, track: Track, tracks: Tracks, at: datetime) -> bool:
    """For a moment; also what left the zone and the picture in one step."""
    if track.label not in predicate.labels:
        return False
    visits = _visits(predicate, track)
    if any(not visit.inside and visit.came and not _lasted(visit.since, at, TELL_S) for visit in visits):
        return True
    gone_s = (at - track.seen_at).total_seconds()
    gone = not is_fresh(tracks, track) and gone_s <= TELL_S and at_edge(track.box)
    return gone and any(visit.inside for visit in visits)


def _crosses(predicate: Predicate, track: Track, _tracks: Tracks, at: datetime) -> bool:
    if track.label not in predicate.labels:
        return False
    crossed = (visit.crossed_at for visit in _visits(predicate, track))
    return any(when is not None and not _lasted(when, at, TELL_S) for when in crossed)


def _near(predicate: Predicate, track: Track, tracks: Tracks, _at: datetime) -> bool:
    if track.label not in predicate.labels or not is_fresh(tracks, track):
        return False
    others = (each for each in tracks.tracks if each.label in predicate.others and each.id != track.id)
    return any(is_fresh(tracks, each) and _apart(track, each) <= NEAR for each in others)


def _left(predicate: Predicate, track: Track, tracks: Tracks, at: datetime) -> bool:
    """It came while the camera was watched, or somebody was with it; now nobody is, and it stands."""
    if not _is_such(predicate, track) or track.alone_since is None:
        return False
    there = is_fresh(tracks, track) or track.attended_at == at
    known = track.owned if track.label == PATCH else _is_new_thing(predicate, track)
    alone_s = predicate.seconds if predicate.seconds is not None else ALONE_S
    return there and known and _lasted(max(track.alone_since, track.still_since), at, alone_s)


def _removed(predicate: Predicate, track: Track, _tracks: Tracks, at: datetime) -> bool:
    """It stood, somebody was with it when it was seen last, and now that nobody hides its place it is gone."""
    if not _is_such(predicate, track) or track.misses < CONFIRMED_HITS or track.attended_at is None:
        return False
    sure = track.owned if track.label == PATCH else track.score >= REMOVED_SCORE
    taken = _lasted(track.seen_at, track.attended_at, -GONE_S)
    bare_since = max(track.seen_at, track.attended_at)
    bare = _lasted(bare_since, at, GONE_S) and not _lasted(bare_since, at, GONE_S + TELL_S)
    return sure and taken and bare and _lasted(track.still_since, track.seen_at, STOOD_S)


_TESTS: dict[str, Callable[[Predicate, Track, Tracks, datetime], bool]] = {
    "stays": _stays,
    "still": _still,
    "enters": _enters,
    "leaves": _leaves,
    "crosses": _crosses,
    "near": _near,
    "left": _left,
    "removed": _removed,
}


def _is_such(predicate: Predicate, track: Track) -> bool:
    """A patch of new foreground, smaller than a body, stands for a bag that the detector does not see."""
    if not predicate.labels:
        return track.label not in _NEVER_LEFT
    stand_in = track.label == PATCH and track.owned and not _NEVER_LEFT.issuperset(predicate.labels)
    return track.label in predicate.labels or stand_in


def _is_new_thing(predicate: Predicate, track: Track) -> bool:
    """A detector takes furniture for a bag now and then; but it has always been there, and anything for anything."""
    if not predicate.labels:
        return track.owned and track.is_new and track.stands_out
    width, height = size(track.box)
    return (track.owned or track.is_new) and (track.stands_out or width * height < PATCH_AREA)


def _visits(predicate: Predicate, track: Track) -> list[Visit]:
    wanted = {name.casefold() for name in predicate.zones}
    return [visit for visit in track.visits if visit.zone.casefold() in wanted]


def _apart(one: Track, other: Track) -> float:
    """In widths of whoever has a body: a car's width says nothing about an arm's length."""
    body, thing = (other, one) if other.label == PERSON and one.label != PERSON else (one, other)
    return bodies_apart(body.box, thing.box)


def _lasted(since: datetime, at: datetime, seconds: float) -> bool:
    return (at - since).total_seconds() >= seconds


def _logit(probability: float) -> float:
    held = min(max(probability, 1e-4), 1.0 - 1e-4)
    return math.log(held / (1.0 - held))
