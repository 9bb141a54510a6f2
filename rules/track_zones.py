"""In and out of zones: on which side of each zone's edge a thing is, and whether it was seen to come there.

Takes: a track that was just seen, the camera's zones.
Gives: its visits.
Knows nothing about: rules. Standing on an edge is neither coming nor going: only the second picture on the other side
counts, and then from the first."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from rules.ground import Point, Polygon, foot, inside, passes
from rules.track_state import Track, Visit


def visits_of(track: Track, before: Point | None, zones: Mapping[str, Polygon], at: datetime) -> tuple[Visit, ...]:
    """`before`: where its foot was when it was seen last; None at first sight."""
    known = {visit.zone: visit for visit in track.visits}
    here = foot(track.box)
    return tuple(
        _seen_again(known[name], before or here, here, polygon, at)
        if name in known
        else _first_seen(name, track, inside(here, polygon), at, at_first_sight=before is None)
        for name, polygon in zones.items()
    )


def _first_seen(zone: str, track: Track, within: bool, at: datetime, *, at_first_sight: bool) -> Visit:
    """What first shows inside a zone came from where the camera does not see: a door, or between two pictures."""
    came = within and track.is_new and at_first_sight
    return Visit(zone, within, at, came=came, crossed_at=at if came else None)


def _seen_again(visit: Visit, before: Point, here: Point, polygon: Polygon, at: datetime) -> Visit:
    within = inside(here, polygon)
    if within == visit.inside:
        through = not within and passes(before, here, polygon)
        return msgspec.structs.replace(visit, doubt_since=None, crossed_at=at if through else visit.crossed_at)
    if visit.doubt_since is None:
        return msgspec.structs.replace(visit, doubt_since=at)
    return Visit(visit.zone, within, visit.doubt_since, came=True, crossed_at=visit.doubt_since)
