"""What alerts asks ingest for when an incident has opened: the seconds around it, as a film.

Takes: a camera, a moment, how much before and after.
Gives: ClipRequest and ClipReply; the room in which a worker is asked for the cameras that it reads itself.
Knows nothing about: packets, films, incidents."""

from datetime import datetime

import msgspec

JOB = "clip"


class ClipRequest(msgspec.Struct, frozen=True):
    """`at`: when the picture that decided was taken."""

    camera: str
    at: datetime
    pre_s: float
    post_s: float


class ClipReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """`video`: an MP4 file. Without one, `reason` says why (a text fit to show), and asking again is no use."""

    video: bytes = b""
    reason: str = ""
    is_masked: bool = False


def clip_room(worker: str) -> str:
    """Only the worker that reads a camera has its packets: each is asked by name."""
    return f"ingest:{worker}"
