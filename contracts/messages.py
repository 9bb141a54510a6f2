"""The messages between the rooms, and the one place where bytes become types.

Takes: bytes from Redis.
Gives: Keyframe, Unchanged, Missed, Answers, CameraHealth, Capabilities; `encode` and a decoder for each.
Knows nothing about: Redis, cameras, models.

A reader ignores fields it does not know, so a new writer does not break an old reader."""

from datetime import datetime
from typing import Literal

import msgspec

#: (x1, y1, x2, y2), each 0-1 of the picture's width or height, origin top left
Box = tuple[float, float, float, float]

DropReason = Literal[
    "overwritten",  # a newer frame took its place in the mailbox
    "decode",  # the picture could not be decoded
    "oom",  # Redis had no memory for it
    "bus_down",  # Redis did not answer
    "fenced",  # another ingest worker owns the camera by now
    "stale",  # older than max_age when an analyzer took it
    "poison",  # it killed an analyzer twice
    "engine",  # the engine failed on it
    "late",  # at or below the watermark when its answers came
    "broker",  # lost inside Redis: killed or emptied
    "gated",  # a gate before the model skipped it
]


class Scene(msgspec.Struct, frozen=True, omit_defaults=True):
    """Ingest's pixel history at one frame. `motion`: the part of the picture that changed since the frame before."""

    brightness: float = 0.5
    motion: float = 0.0
    moving: tuple[Box, ...] = ()
    foreground: tuple[Box, ...] = ()
    dark: bool = False
    covered: bool = False
    frozen: bool = False
    warm: bool = False
    """False until the background is learnt: `foreground` and `motion` say nothing before."""


class Keyframe(msgspec.Struct, frozen=True, tag="keyframe", omit_defaults=True):
    """One sampled frame; `picture` is a JPEG of `width` x `height` pixels."""

    camera: str
    epoch: int
    seq: int
    captured_at: datetime
    picture: bytes
    width: int
    height: int
    scene: Scene


class Unchanged(msgspec.Struct, frozen=True, tag="unchanged", omit_defaults=True):
    """Frames that the gate found equal to `same_as_seq`: `count` of them, from `since` to `captured_at`."""

    camera: str
    epoch: int
    seq: int
    captured_at: datetime
    same_as_seq: int
    count: int = 1
    since: datetime | None = None


class Missed(msgspec.Struct, frozen=True, tag="missed", omit_defaults=True):
    """A frame (or `count` frames) that got no answer; it means unknown."""

    camera: str
    epoch: int
    seq: int
    captured_at: datetime
    reason: DropReason
    count: int = 1


class Detection(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing seen; `score` 0-1 as the detector gives it. `colour`: where it was asked for, and is plain to see.

    `paired`: the score of whoever rides it, or of what this person rides; 0 where nobody does. `look`: a vector, one
    signed byte a dimension, by which tracks tell people apart; for the tracks alone."""

    label: str
    score: float
    box: Box
    colour: str = ""
    paired: float = 0.0
    look: bytes = b""


class GateLook(msgspec.Struct, frozen=True):
    """What the gate before the model made of a question. `score`: how worth asking it looked to `model`, 0-1.

    `why` it was asked: the gate was "open", the score was "above" its bar, a yes was "likely" when it was asked last,
    by chance as an "audit", or "due" because it had not been asked for too long. `shut`: it was not asked."""

    score: float
    why: Literal["open", "above", "likely", "audit", "due", "shut"]
    model: str = ""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A raw answer to one question. `margin`: log-odds of yes; absent where `unknown_reason` is given.

    `by`: the engine, where it is another than that of the message's model. `to_track`: no single frame answers it;
    `detections` are what there is to follow, and stand in one of a frame's answers for all of them."""

    question_key: str
    margin: float | None = None
    mass: float = 1.0
    count: int | None = None
    detections: tuple[Detection, ...] = ()
    unknown_reason: str | None = None
    gate: GateLook | None = None
    by: str = ""
    to_track: bool = False


class ModelRef(msgspec.Struct, frozen=True):
    """Who answered: kept with every verdict."""

    name: str
    revision: str
    engine: str


class Answers(msgspec.Struct, frozen=True, tag="answers", omit_defaults=True):
    """What an engine says about one frame. `evidence`: sha256 of the pinned JPEG, where it was pinned.

    `earlier`: of those before it, oldest first, with which the widest likely yes was given; pinned too."""

    camera: str
    epoch: int
    seq: int
    captured_at: datetime
    site_version: int
    model: ModelRef
    answers: tuple[Answer, ...]
    queue_ms: float
    infer_ms: float
    evidence: str | None = None
    earlier: tuple[str, ...] = ()


class CameraHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """Ingest's word on one camera, every second and at every change; `dropped`: this epoch's losses in ingest."""

    camera: str
    worker: str
    epoch: int
    at: datetime
    state: Literal["connecting", "online", "offline"]
    since: datetime
    reason: str = ""
    remedy: str = ""
    fps: float | None = None
    keyframe_interval_s: float | None = None
    last_frame_at: datetime | None = None
    width: int | None = None
    height: int | None = None
    codec: str | None = None
    conditions: tuple[Literal["dark", "covered", "frozen"], ...] = ()
    sampled: int = 0
    dropped: dict[str, int] = {}


class Capabilities(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one analyzer can answer. `free_text`: any question; else `labels` and `predicates` only.

    `explains`: what it saw; `writes`: also without a picture. `device`: where the model really runs; `gate` and
    `gate_device`: of the gate before it, empty without one."""

    worker: str
    engine: str
    model: ModelRef
    labels: tuple[str, ...] = ()
    predicates: tuple[str, ...] = ()
    free_text: bool = False
    device: str = "cpu"
    explains: bool = False
    writes: bool = False
    gate: str = ""
    gate_device: str = ""


class WorkerBeat(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sign of life of one process."""

    room: str
    worker: str
    at: datetime
    pid: int
    figures: dict[str, float] = {}


class UnansweredRules(msgspec.Struct, frozen=True):
    """One alerts worker's word: which rules of its cameras have had no answer of late, and why, by rule id."""

    worker: str
    at: datetime
    reasons: dict[str, str]


BusMessage = Keyframe | Unchanged
StreamMessage = Answers | Unchanged | Missed

_encoder = msgspec.msgpack.Encoder()
_keyframe = msgspec.msgpack.Decoder(Keyframe)
_stream = msgspec.msgpack.Decoder(StreamMessage)
_health = msgspec.msgpack.Decoder(CameraHealth)
_capabilities = msgspec.msgpack.Decoder(Capabilities)
_beat = msgspec.msgpack.Decoder(WorkerBeat)
_unanswered = msgspec.msgpack.Decoder(UnansweredRules)


def encode(message: msgspec.Struct) -> bytes:
    """MessagePack; times as RFC 3339 or timestamp extension, always with a zone."""
    return _encoder.encode(message)


def decode_keyframe(raw: bytes) -> Keyframe:
    """Raises msgspec.DecodeError on anything but a Keyframe."""
    return _keyframe.decode(raw)


def decode_stream_message(raw: bytes) -> StreamMessage:
    """Raises msgspec.DecodeError on anything but Answers, Unchanged or Missed."""
    message: StreamMessage = _stream.decode(raw)
    return message


def decode_health(raw: bytes) -> CameraHealth:
    """Raises msgspec.DecodeError on anything but a CameraHealth."""
    return _health.decode(raw)


def decode_capabilities(raw: bytes) -> Capabilities:
    """Raises msgspec.DecodeError on anything but Capabilities."""
    return _capabilities.decode(raw)


def decode_beat(raw: bytes) -> WorkerBeat:
    """Raises msgspec.DecodeError on anything but a WorkerBeat."""
    return _beat.decode(raw)


def decode_unanswered(raw: bytes) -> UnansweredRules:
    """Raises msgspec.DecodeError on anything but UnansweredRules."""
    return _unanswered.decode(raw)
