"""From a message of the answer stream to the same message with what the tracks answer in it.

Takes: the tracks so far, a message, what the rules of its camera ask, the camera's zones.
Gives: the tracks after it, and answers that the judge can read as any others.
Knows nothing about: the database, Redis, rules' logic and time."""

from collections.abc import Mapping

import msgspec

from contracts.messages import Answer, Answers, Detection, StreamMessage, Unchanged
from contracts.plan import TRACK_KINDS, Predicate
from rules.tracks.answers import track_answer
from rules.tracks.ground import Polygon
from rules.tracks.machine import Look, advance
from rules.tracks.state import Tracks

#: by question key, of every rule that has a question of TRACK_KINDS: all its questions
Wanted = Mapping[str, Predicate | None]


def follow(
    tracks: Tracks, message: StreamMessage, wanted: Wanted, zones: Mapping[str, Polygon]
) -> tuple[Tracks, Answers | None]:
    """The answers hold at the message's own time. None: the message brings none that tracks were made from."""
    if not wanted:
        return tracks, None
    if isinstance(message, Answers):
        return _looked(tracks, message, wanted, zones)
    if isinstance(message, Unchanged):
        return _looked_the_same(tracks, message, wanted, zones)
    return tracks, None


def _looked(
    tracks: Tracks, message: Answers, wanted: Wanted, zones: Mapping[str, Polygon]
) -> tuple[Tracks, Answers | None]:
    raw = [answer for answer in message.answers if answer.to_track]
    if not raw or not any(answer.question_key in wanted for answer in raw):
        return tracks, None
    seen = tuple(dict.fromkeys(each for answer in raw for each in answer.detections))
    look = Look(message.captured_at, (message.epoch, message.seq), seen, zones)
    last = msgspec.structs.replace(message, answers=tuple(_bare(answer) for answer in message.answers))
    tracks = msgspec.structs.replace(advance(tracks, look), seen=seen, last=last)
    return tracks, _told(tracks, message, wanted)


def _looked_the_same(
    tracks: Tracks, message: Unchanged, wanted: Wanted, zones: Mapping[str, Polygon]
) -> tuple[Tracks, Answers | None]:
    """Of the frame that was looked at last; another one's answers are not known here."""
    same_as = (message.epoch, message.same_as_seq)
    if tracks.last is None or tracks.frame != same_as:
        return tracks, None
    tracks = advance(tracks, Look(message.captured_at, same_as, tracks.seen, zones, message.since))
    if tracks.last is None:
        return tracks, None
    again = msgspec.structs.replace(tracks.last, captured_at=message.captured_at)
    return tracks, _told(tracks, again, wanted)


def _told(tracks: Tracks, message: Answers, wanted: Wanted) -> Answers:
    told = tuple(_answered(tracks, answer, wanted) for answer in message.answers)
    return msgspec.structs.replace(message, answers=told)


def _answered(tracks: Tracks, answer: Answer, wanted: Wanted) -> Answer:
    predicate = wanted.get(answer.question_key)
    if not answer.to_track or predicate is None or predicate.kind not in TRACK_KINDS:
        return answer
    return msgspec.structs.replace(track_answer(answer.question_key, predicate, tracks), by=answer.by)


def _bare(answer: Answer) -> Answer:
    """What is followed is kept once, beside the answers."""
    nothing: tuple[Detection, ...] = ()
    return msgspec.structs.replace(answer, detections=nothing) if answer.to_track else answer
