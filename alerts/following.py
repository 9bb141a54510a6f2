"""The things that cameras see, followed through the answer stream.

Takes: tracks as they were committed, messages in their order, what the rules of each camera ask.
Gives: each message with what the tracks answer in it; the tracks that moved, for the database.
Knows nothing about: how things are followed, incidents."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from alerts.judging import Judges
from contracts.messages import Answers, StreamMessage
from rules.tracks.following import follow
from rules.tracks.state import Tracks, decode_tracks, encode_tracks
from store.tracks import TracksRow

log = logging.getLogger(__name__)

#: by camera
Things = dict[str, Tracks]


@dataclass(frozen=True, slots=True)
class Told:
    """`again`: of a frame that is equal to an earlier one, the answers of that one as time has moved them.

    `shown`: the newest answers, at the time of the picture that shows them."""

    message: StreamMessage
    again: Answers | None = None
    shown: Answers | None = None


class Follower:
    """For one batch: it moves a copy, which counts once it is committed."""

    def __init__(self, things: Mapping[str, Tracks] | None = None) -> None:
        self._things = things or {}
        self.moved: Things = {}

    def hear(self, judges: Judges, message: StreamMessage) -> Told:
        """Each message once, and none that is late."""
        before = self.moved.get(message.camera) or self._things.get(message.camera) or Tracks()
        wanted, zones = judges.followed(message.camera)
        after, told = follow(before, message, wanted, zones)
        if after is not before:
            self.moved[message.camera] = after
        if isinstance(message, Answers):
            return Told(told or message, shown=told or message)
        if told is None or after.last is None:
            return Told(message)
        return Told(message, told, msgspec.structs.replace(told, captured_at=after.last.captured_at))


def things_from(rows: Iterable[TracksRow]) -> Things:
    """What was committed; what cannot be read is begun anew."""
    things: Things = {}
    for row in rows:
        try:
            things[row.camera_id] = decode_tracks(row.state)
        except msgspec.DecodeError:
            log.warning("tracks begun anew", extra={"camera_id": row.camera_id})
    return things


def tracks_rows(things: Mapping[str, Tracks]) -> tuple[TracksRow, ...]:
    """For the database."""
    return tuple(TracksRow(camera_id, encode_tracks(tracks)) for camera_id, tracks in things.items())
