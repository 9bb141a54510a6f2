from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from contracts.messages import Answers, Box, Detection, ModelRef
from contracts.plan import Predicate
from rules.tracks.answers import track_answer
from rules.tracks.ground import Polygon
from rules.tracks.machine import Look, advance
from rules.tracks.state import Track, Tracks

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
RIGHT_HALF: Polygon = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
WITH_ZONE = {"yard": RIGHT_HALF}
MODEL = ModelRef("nano", "1", "edge")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def thing(x: float, y: float = 0.6, label: str = "person", *, score: float = 0.8, wide: float = 0.08) -> Detection:
    """`x`, `y`: its middle. A person is three times as tall as wide."""
    tall = wide * (3.0 if label == "person" else 1.0)
    return Detection(label, score, (x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2))


def bag(x: float, *, label: str = "handbag", y: float = 0.7) -> Detection:
    return thing(x, y, label, wide=0.06)


@dataclass
class Camera:
    """Looks every `every_s`, from `start_s`."""

    tracks: Tracks = field(default_factory=Tracks)
    every_s: float = 0.5
    now_s: float = 0.0
    epoch: int = 1
    seq: int = 0
    zones: Mapping[str, Polygon] | None = None

    def see(self, *detections: Detection, times: int = 1) -> None:
        for _ in range(times):
            self.seq += 1
            frame = (self.epoch, self.seq)
            self.tracks = advance(self.tracks, Look(at(self.now_s), frame, detections, self.zones or {}))
            self.now_s += self.every_s

    def walk(self, xs: Sequence[float], *others: Detection, label: str = "person") -> None:
        for x in xs:
            self.see(thing(x, label=label), *others)

    def known(self, label: str = "person") -> list[Track]:
        """Confirmed ones, in the order in which they came."""
        return [track for track in self.tracks.tracks if track.label == label and track.hits > 1]

    def answers(self, predicate: Predicate) -> bool | None:
        """None: unknown."""
        answer = track_answer("q", predicate, self.tracks)
        return None if answer.unknown_reason else bool(answer.detections)

    def warm(self) -> "Camera":
        """It has watched an empty picture for a while."""
        self.see(times=8)
        return self


def steps(start: float, stop: float, count: int) -> list[float]:
    return [start + (stop - start) * i / (count - 1) for i in range(count)]


def boxes(tracks: Tracks) -> list[Box]:
    return [track.box for track in tracks.tracks]


def raw(*answers: object, seq: int = 1, at_s: float = 0.0) -> Answers:
    return Answers("cam_1", 1, seq, at(at_s), 1, MODEL, answers, 1.0, 1.0)  # type: ignore[arg-type]
