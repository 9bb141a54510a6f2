"""In and out of zones: on which side of each zone's edge a thing is, and whether it was seen to come there.

Takes: a track that was just seen, the camera's zones.
Gives: its visits.
Knows nothing about: rules. Standing on an edge is neither coming nor going: only the second picture on the other side
counts, and then from the first. A line has two sides and no inside; who goes round its end does not cross it."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from rules.tracks.ground import Point, Polygon, beyond, foot, inside, is_line, meets, passes, size
from rules.tracks.state import Track, Visit


def visits_of(track: Track, before: Point | None, zones: Mapping[str, Polygon], at: datetime) -> tuple[Visit, ...]:
    """`before`: where its foot was when it was seen last; None at first sight."""
    known = {visit.zone: visit for visit in track.visits}
    here = foot(track.box)
    return tuple(
        _of_line(known.get(name), name, (before or here, here), track, polygon, at)
        if is_line(polygon)
        else _seen_again(known[name], before or here, here, polygon, at)
        if name in known
        else _first_seen(name, track, inside(here, polygon), at, at_first_sight=before is None)
        for name, polygon in zones.items()
    )


def _of_line(
    visit: Visit | None, name: str, way: tuple[Point, Point], track: Track, line: Polygon, at: datetime
) -> Visit:
    """`inside` says on which side. A small step across may be jitter, a large one is not."""
    before, here = way
    side = beyond(here, line)
    if visit is None:
        return Visit(name, side, at)
    if side == visit.inside:
        return msgspec.structs.replace(visit, doubt_since=None)
    if visit.doubt_since is not None:
        return Visit(name, side, visit.doubt_since, came=True, crossed_at=visit.doubt_since)
    if not meets(before, here, line):
        return Visit(name, side, at, crossed_at=visit.crossed_at)
    if abs(here[0] - before[0]) >= size(track.box)[0]:
        return Visit(name, side, at, came=True, crossed_at=at)
    return msgspec.structs.replace(visit, doubt_since=at)


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
