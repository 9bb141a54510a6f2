"""What is remembered of the things that one camera sees, from picture to picture.

Takes: nothing.
Gives: Tracks and its parts, to JSON and back without loss.
Knows nothing about: how things are followed; see machine.py."""

from datetime import datetime

import msgspec

from contracts.messages import Answers, Box, Detection
from rules.tracks.ground import Polygon

Frame = tuple[int, int]  # (epoch, seq)


class Trace(msgspec.Struct, frozen=True):
    """Where a thing was."""

    at: datetime
    box: Box


class Visit(msgspec.Struct, frozen=True, omit_defaults=True):
    """On which side of a zone's edge a thing is, and since when.

    `came`: it was seen to come to this side. `doubt_since`: it has been seen on the other side since then, which may be
    jitter. `crossed_at`: its way last met the zone's edge."""

    zone: str
    inside: bool
    since: datetime
    came: bool = False
    doubt_since: datetime | None = None
    crossed_at: datetime | None = None


class Track(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing. `hits`: pictures that showed it; `misses`: how many since then did not.

    `speed`: of its centre, parts of the picture a second. `anchor`: where it has stood `still_since`. `is_new`: it came
    while the camera was watched. `owned`: somebody stood by it; `attended_at`: at last; `alone_since`: nobody does;
    `back_since`: since then somebody touches what had been alone. `stands_out`: the background does not hold it.
    `look`: as it was described last. `colour`: as it was last plain to see."""

    id: int
    label: str
    box: Box
    score: float
    first_at: datetime
    seen_at: datetime
    anchor: Box
    still_since: datetime
    hits: int = 1
    misses: int = 0
    speed: tuple[float, float] = (0.0, 0.0)
    is_new: bool = False
    trail: tuple[Trace, ...] = ()
    visits: tuple[Visit, ...] = ()
    owned: bool = False
    attended_at: datetime | None = None
    alone_since: datetime | None = None
    back_since: datetime | None = None
    stands_out: bool = False
    look: bytes = b""
    colour: str = ""


class Tracks(msgspec.Struct, frozen=True, omit_defaults=True):
    """All things of one camera. `at`: the last look. `began_at`: watched since then without a gap, in so many `looks`.

    `step_s`: how far apart looks usually are. `seen` and `last`: the last frame's detections and answers, for frames
    that are equal to it."""

    at: datetime | None = None
    began_at: datetime | None = None
    looks: int = 0
    step_s: float = 0.0
    next_id: int = 1
    tracks: tuple[Track, ...] = ()
    zones: dict[str, Polygon] = {}
    frame: Frame | None = None
    seen: tuple[Detection, ...] = ()
    last: Answers | None = None


_DECODER = msgspec.json.Decoder(Tracks)


def encode_tracks(tracks: Tracks) -> str:
    """For the database."""
    return msgspec.json.encode(tracks).decode()


def decode_tracks(text: str) -> Tracks:
    """Raises msgspec.DecodeError where the text is no state."""
    return _DECODER.decode(text)
