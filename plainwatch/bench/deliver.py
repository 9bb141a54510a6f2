"""`bench deliver`: how many webhooks a second leave, how late they are beside dead endpoints, and how fast answers
become incidents.

Takes: how long, how many dead endpoints.
Gives: Report; whether the goals are met.
Knows nothing about: processes; see deliver_site."""

import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from contracts.messages import Answer, Answers, Detection, ModelRef
from contracts.plan import Predicate, Question, RulePlan, Temporal, question_key
from plainwatch.bench.deliver_site import Running, Site, alerts_process, open_site
from store.cameras import CameraRow, add_camera
from store.figures import deliveries_by_state
from store.incidents import page_of_incidents
from store.rules import RuleRow, add_rule
from store.site import next_site_version
from store.times import to_text

HEALTHY = 20
OFFERED_PER_S = 300
GOAL_PER_S = 300
GOAL_LATE_MS = 2_000
GOAL_ANSWERS_PER_S = 2_000
CAMERAS = 50
#: of each camera; every hundredth begins a visit that ends three seconds later
ANSWERS_EACH = 400
_TICK_S = 0.2
_DRAIN_S = 120.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Lateness:
    """From the moment of telling to the receiver's last byte, of the offered load."""

    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Delivered:
    """`per_s`: what goes when much waits. `processor_ms`: what one then takes in the alerts process, all in all.

    `lost` and `duplicated`: of both loads."""

    healthy: int
    dead: int
    per_s: float
    offered_per_s: float
    latency_ms: Lateness
    told: int
    lost: int
    duplicated: int
    processor_ms: float | None


@dataclass(frozen=True, slots=True)
class Consumed:
    """Answers read, judged, committed with their incidents and webhooks, and acknowledged."""

    answers: int
    answers_per_s: float
    incidents: int
    deliveries: int
    processor_ms: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """Enough to measure it again."""

    hardware: str
    load: float
    deliver: Delivered
    answers: Consumed
    date: datetime

    @property
    def goals_met(self) -> bool:
        """The three of them, and nothing lost."""
        late = self.deliver.latency_ms.p99 <= GOAL_LATE_MS and self.deliver.lost == 0
        return late and self.deliver.per_s >= GOAL_PER_S and self.answers.answers_per_s >= GOAL_ANSWERS_PER_S

    def as_json(self) -> dict[str, object]:
        """Rounded to what the figures are worth."""
        parts = {"deliver": _rounded(asdict(self.deliver)), "answers": _rounded(asdict(self.answers))}
        date = to_text(self.date)
        return {"hardware": self.hardware, "load": self.load, **parts, "goals_met": self.goals_met, "date": date}


def measure(seconds: float, dead: int, say: Say, *, answers_each: int = ANSWERS_EACH) -> Report:
    """In a folder that is removed; two sites one after the other, so that neither load stands in the other's way."""
    load = os.getloadavg()[0]
    with TemporaryDirectory(prefix="plainwatch-bench-", dir=os.environ.get("TMPDIR")) as name:
        deliver = _deliver(Path(name) / "deliver", seconds, dead, say)
        answers = _answers(Path(name) / "answers", answers_each, say)
    return Report(_hardware(), load, deliver, answers, datetime.now(UTC))


def _deliver(folder: Path, seconds: float, dead: int, say: Say) -> Delivered:
    with open_site(folder) as site:
        site.add_endpoints(HEALTHY, "healthy", event_type="incident.opened")
        site.add_endpoints(dead, "dead", event_type="camera.offline", dead=True)
        if dead:
            site.tell("camera.offline", "dead", times=10)
        with alerts_process(folder) as alerts:
            say(f"{dead} dead endpoints with 10 deliveries each, {HEALTHY} healthy ones that answer once")
            site.wait_for("warm", site.tell("incident.opened", "warm"), within_s=_DRAIN_S)
            say(f"offering {OFFERED_PER_S} deliveries a second for {seconds:g} s")
            offered = _offer(site, seconds)
            steady = site.wait_for("steady", offered, within_s=_DRAIN_S)
            many = int(OFFERED_PER_S * seconds / HEALTHY)
            say(f"{many * HEALTHY} deliveries at once")
            taken_s = alerts.processor_s()
            waiting = site.tell("incident.opened", "rush", times=many)
            begun_s = time.time()
            rush = site.wait_for("rush", waiting, within_s=_DRAIN_S)
            processor_ms = _each_ms(taken_s, alerts.processor_s(), waiting)
    arrived = steady.get("different", 0) + rush.get("different", 0)
    received = steady.get("received", 0) + rush.get("received", 0)
    begun_s = max(begun_s, rush.get("first_s", 0))
    return Delivered(
        healthy=HEALTHY,
        dead=dead,
        per_s=rush.get("different", 0) / max(rush.get("last_s", 0) - begun_s, 1e-3),
        offered_per_s=offered / seconds,
        latency_ms=Lateness(*(steady.get(name, float("inf")) for name in ("p50", "p99", "max"))),
        told=offered + waiting,
        lost=int(offered + waiting - arrived),
        duplicated=int(received - arrived),
        processor_ms=processor_ms,
    )


def _each_ms(before_s: float | None, after_s: float | None, count: int) -> float | None:
    return None if before_s is None or after_s is None else (after_s - before_s) * 1000 / count


def _offer(site: Site, seconds: float) -> int:
    """Evenly, however long each transaction takes; the dead are told of something now and then."""
    told, begun_s = 0, time.monotonic()
    for tick in range(int(seconds / _TICK_S)):
        time.sleep(max(0.0, begun_s + tick * _TICK_S - time.monotonic()))
        told += site.tell("incident.opened", "steady", times=round(OFFERED_PER_S * _TICK_S / HEALTHY))
        if tick % 25 == 24:
            site.tell("camera.offline", "dead")
    return told


def _answers(folder: Path, each: int, say: Say) -> Consumed:
    with open_site(folder) as site:
        site.add_endpoints(1, "healthy", event_type="incident.opened")
        _register(site)
        begun = datetime.now(UTC) - timedelta(seconds=each * 0.5)
        for number in range(each):
            at = begun + timedelta(seconds=number * 0.5)
            site.publish([_answer(f"cam_{camera}", number, at) for camera in range(CAMERAS)])
        total = CAMERAS * each
        say(f"{total} answers of {CAMERAS} cameras wait in the stream")
        with alerts_process(folder) as alerts:
            per_s, processor_ms = _drained(site, alerts, total)
        with site.database.read() as connection:
            told = sum(deliveries_by_state(connection).values())
            incidents = len(page_of_incidents(connection, before="", limit=total))
    return Consumed(total, per_s, incidents, told, processor_ms)


def _drained(site: Site, alerts: Running, total: int) -> tuple[float, float | None]:
    """Answers a second, and what one takes of the processor; from the first acknowledged to the last."""
    depth = total
    deadline_s = time.monotonic() + _DRAIN_S
    while depth == total and time.monotonic() < deadline_s:
        time.sleep(0.005)
        depth = site.waiting()
    begun_s, taken_s, first = time.monotonic(), alerts.processor_s(), depth
    while depth and time.monotonic() < deadline_s:
        time.sleep(0.02)
        depth = site.waiting()
    count = max(first - depth, 1)
    return count / max(time.monotonic() - begun_s, 1e-3), _each_ms(taken_s, alerts.processor_s(), count)


def _register(site: Site) -> None:
    question = _QUESTION
    plan = RulePlan(
        lang="en",
        status="ok",
        questions=(question,),
        logic="q1",
        negated=False,
        temporal=Temporal(),
        window=(),
        zones=(),
        cameras=(),
        lint=(),
        answerable=(),
        summary="I will look for a car.",
    )
    at = to_text(datetime.now(UTC))
    with site.database.write() as connection:
        for number in range(CAMERAS):
            camera = CameraRow(f"cam_{number}", f"camera {number}", "rtsp://10.0.0.9/1", sealed=b"", created_at=at)
            add_camera(connection, camera)
        add_rule(connection, RuleRow("rul_1", 1, "a car is visible", plan, created_at=at, updated_at=at))
        next_site_version(connection)


_QUESTION = Question("q1", "Is a car visible?", Predicate("objects", ("car",)))
_CAR = Detection("car", 0.92, (0.1, 0.2, 0.5, 0.7))
_MODEL = ModelRef("bench", "1", "edge")


def _answer(camera: str, number: int, at: datetime) -> Answers:
    seen = (_CAR,) if number % 100 < 6 else ()
    answer = Answer(question_key(_QUESTION), margin=3.0 if seen else -3.0, count=len(seen), detections=seen)
    return Answers(camera, 1, number + 1, at, 1, _MODEL, (answer,), 12.0, 34.0)


def _hardware() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} virtual cores of {names[0] if names else platform.machine()}"


def _rounded(values: dict[str, object]) -> dict[str, object]:
    return {
        name: _rounded(value) if isinstance(value, dict) else round(value, 2) if isinstance(value, float) else value
        for name, value in values.items()
        if value is not None
    }
