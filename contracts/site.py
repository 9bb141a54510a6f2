"""The site as the workers see it: what ingest must read, what the analyzer must ask.

Takes: nothing.
Gives: IngestSite (with sealed credentials) and AnalyzerSite (with questions only), published by api through Redis.
Knows nothing about: the database they are made from."""

import math
from datetime import datetime
from typing import Literal

import msgspec

from contracts.plan import Predicate


class Sampling(msgspec.Struct, frozen=True, omit_defaults=True):
    """`keyframes`: the camera's own, at most one per `every_s`. `every_s`: full decode, one picture per `every_s`."""

    mode: Literal["keyframes", "every_s"] = "keyframes"
    every_s: float = 0.4


class IngestCamera(msgspec.Struct, frozen=True, omit_defaults=True):
    """One camera to read. `url` holds no credentials; `sealed` does, for the key that ingest and api share.

    `epoch_floor`: epochs at or below it are in the database already, so a new lease must start above."""

    id: str
    name: str
    url: str
    sealed: bytes = b""
    sampling: Sampling = Sampling()
    masks: tuple[tuple[tuple[float, float], ...], ...] = ()
    epoch_floor: int = 0


class IngestSite(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything ingest needs to know. `allow`: targets an admin confirmed, as "CIDR" or "CIDR:port"."""

    version: int
    cameras: tuple[IngestCamera, ...] = ()
    allow: tuple[str, ...] = ()


#: the least margin that helps a rule of the default threshold whose margins nobody has calibrated
FLOOR = math.log(0.25 / 0.75)


class Bar(msgspec.Struct, frozen=True, omit_defaults=True):
    """A closed gate: frames that `model` scores below `score` need not be asked about; `until`: then it opens."""

    score: float
    model: str
    until: datetime | None = None


class AskedQuestion(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question to ask of a camera's frames. `pin_always`: keep the picture also where the answer is no.

    `frames`: of how many successive keyframes, this one the newest; 1 to MOST_FRAMES. `bar`: where its gate is closed;
    without one every frame is asked about. `floor`: with a raw margin below it no rule that asks can fire."""

    key: str
    text: str
    predicate: Predicate | None = None
    pin_always: bool = False
    frames: int = 1
    lang: Literal["en", "zh"] = "en"
    bar: Bar | None = None
    floor: float = FLOOR


class CameraQuestions(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is due for one camera, each question once. `keep_local`: its pictures may not leave the site's machines.

    `archive_every_s`: a picture is kept for the archive so often, also where nothing is asked; 0: none is."""

    camera: str
    questions: tuple[AskedQuestion, ...] = ()
    keep_local: bool = False
    archive_every_s: float = 0.0


class AnalyzerSite(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything the analyzer needs to know; no address, no credential."""

    version: int
    cameras: tuple[CameraQuestions, ...] = ()


class Probe(msgspec.Struct, frozen=True, omit_defaults=True):
    """The payload of a `probe` job: read this camera for a few seconds and say what it gives."""

    url: str
    sealed: bytes = b""
    allow: tuple[str, ...] = ()
    seconds: float = 6.0


class ProbeReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a `probe` job; with `ok` false, `reason` and `remedy` say why."""

    ok: bool
    reason: str = ""
    remedy: str = ""
    code: str = ""
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    keyframe_interval_s: float | None = None
    picture: bytes = b""
