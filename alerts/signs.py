"""What speaks for something being wrong at this moment: with a camera, the analyzers, a rule.

Takes: what the workers say of themselves, the rulebook, the current time.
Gives: signs: wrong, right, or not to be known now.
Knows nothing about: how long it has been so, what is told of it, the database.

Ages are measured by one clock each: how old ingest's picture was when ingest spoke, and how long ago we heard that."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from contracts.messages import CameraHealth, Capabilities
from contracts.redact import redact
from rules.asking.questions import answerable_by
from store.cameras import CameraRow
from store.rules import RuleRow

ANALYZER = "analyzer"
#: ingest speaks every second
_WORD_STALE = timedelta(seconds=10)
#: a camera that gives a picture every minute is not offline after twenty seconds
_INTERVALS = 3


class Kind(StrEnum):
    """What may be wrong."""

    OFFLINE = "offline"
    FROZEN = "frozen"
    COVERED = "covered"
    DOWN = "down"
    BEHIND = "behind"
    DEGRADED = "degraded"


#: subject and kind
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sign:
    """`wrong` None: nothing can be said now. `since`: when it began, where that is known."""

    subject: str
    kind: Kind
    wrong: bool | None
    reason: str = ""
    remedy: str = ""
    since: datetime | None = None

    @property
    def key(self) -> Key:
        """One episode at a time for each."""
        return (self.subject, self.kind.value)


def camera_subject(camera_id: str) -> str:
    """As the database has it."""
    return f"camera/{camera_id}"


def rule_subject(rule_id: str) -> str:
    """As the database has it."""
    return f"rule/{rule_id}"


@dataclass(frozen=True, slots=True)
class _Heard:
    word: CameraHealth | None
    heard_at: datetime
    pictured_at: datetime


class Sightings:
    """When each camera gave its last picture, by our own clock; before the first, when we began to wait for it."""

    def __init__(self, *, offline_after_s: float) -> None:
        self._offline_after = timedelta(seconds=offline_after_s)
        self._heard: dict[str, _Heard] = {}

    def forgive(self, now: datetime) -> None:
        """Nothing could be heard for a while: that does not count against any camera."""
        self._heard = {camera: replace(one, heard_at=now, pictured_at=now) for camera, one in self._heard.items()}

    def keep_only(self, cameras: Iterable[str]) -> None:
        """The others are gone, or another worker's."""
        self._heard = {camera: self._heard[camera] for camera in cameras if camera in self._heard}

    def signs(self, camera: CameraRow, word: CameraHealth | None, now: datetime) -> tuple[Sign, ...]:
        """Of being offline, frozen and covered."""
        heard = self._hear(camera.id, word, now)
        subject = camera_subject(camera.id)
        is_fresh = word is not None and now - heard.heard_at < _WORD_STALE
        is_online = is_fresh and word is not None and word.state == "online"
        age, limit = now - heard.pictured_at, self._limit(camera, word)
        wrong = True if age >= limit else False if is_online else None
        seen = word.conditions if word is not None and is_online else ()
        known = is_online and wrong is False
        reason, remedy = _why(word if is_fresh else None, age)
        return (
            Sign(subject, Kind.OFFLINE, wrong, reason, remedy, heard.pictured_at),
            Sign(subject, Kind.FROZEN, "frozen" in seen if known else None, "its picture does not change at all"),
            Sign(subject, Kind.COVERED, "covered" in seen if known else None, "something hides its view"),
        )

    def _hear(self, camera_id: str, word: CameraHealth | None, now: datetime) -> _Heard:
        heard = self._heard.get(camera_id) or _Heard(None, now, now)
        if word is not None and (heard.word is None or word.at != heard.word.at):
            age = word.at - word.last_frame_at if word.last_frame_at is not None else None
            pictured_at = now - max(timedelta(0), age) if age is not None else heard.pictured_at
            heard = _Heard(word, now, max(heard.pictured_at, pictured_at))
        self._heard[camera_id] = heard
        return heard

    def _limit(self, camera: CameraRow, word: CameraHealth | None) -> timedelta:
        interval_s = max(camera.sampling.every_s, (word and word.keyframe_interval_s) or 0.0)
        return max(self._offline_after, _INTERVALS * timedelta(seconds=interval_s))


def _why(word: CameraHealth | None, age: timedelta) -> tuple[str, str]:
    if word is None:
        return "no ingest worker reports on it", "see that ingest runs: GET /health"
    if word.reason and word.state != "online":
        return redact(word.reason), redact(word.remedy)
    return f"no picture for {age.total_seconds():.0f} s", "see the camera's status and ingest's log"


def analyzer_signs(*, is_needed: bool, alive: int, wait_s: float, behind_s: float) -> tuple[Sign, ...]:
    """`wait_s`: how long the oldest frame has been waiting; more than `behind_s` is too long."""
    down = not alive if is_needed else None
    behind = wait_s >= behind_s if alive else None
    return (
        Sign(ANALYZER, Kind.DOWN, down, "no analyzer gives signs of life", "see that it runs: GET /health"),
        Sign(
            ANALYZER,
            Kind.BEHIND,
            behind,
            f"the oldest frame has been waiting for {wait_s:.1f} s; frames are dropped",
            "add analyzers, or sample less often",
        ),
    )


def bus_away_signs(problem: str) -> tuple[Sign, ...]:
    """Nothing is analysed while Redis is away, and nothing else can be known."""
    return (Sign(ANALYZER, Kind.DOWN, True, problem), Sign(ANALYZER, Kind.BEHIND, None))


def rule_sign(rule: RuleRow, offered: Iterable[Capabilities], unanswered: str) -> Sign:
    """`unanswered`: why it got no answer of late, where that is so."""
    engines = tuple(offered)
    subject = rule_subject(rule.id)
    if not engines:  # analyzer.down says it for all rules
        return Sign(subject, Kind.DEGRADED, None)
    if not any(answerable_by(rule.plan, engine) for engine in engines):
        return Sign(subject, Kind.DEGRADED, True, "no engine online can answer it", "see its state: GET /rules/{id}")
    return Sign(subject, Kind.DEGRADED, bool(unanswered), unanswered)
