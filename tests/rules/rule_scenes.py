from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from contracts.messages import Answer, Detection
from contracts.plan import Count, Predicate, Question, RulePlan, Temporal, Window
from rules.asking.asked import asked_key
from rules.incidents.judge import Judgement, Truths
from rules.incidents.logic import Truth
from rules.incidents.machine import step
from rules.incidents.spec import Polygon, RuleSpec, spec_for
from rules.incidents.state import Change, MachineState, Observation

INSTANT = Temporal()
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
PERSON = Question("q1", "Is a person visible?", Predicate("objects", ("person",)))
CAR = Question("q2", "Is a car visible?", Predicate("objects", ("car",)))


def plan_of(
    temporal: Temporal = INSTANT,
    *,
    questions: tuple[Question, ...] = (PERSON,),
    logic: str = "q1",
    negated: bool = False,
    count: Count | None = None,
    zones: tuple[str, ...] = (),
    window: tuple[Window, ...] = (),
    cooldown_s: float | None = None,
) -> RulePlan:
    return RulePlan(
        lang="en",
        status="ok",
        questions=questions,
        logic=logic,
        negated=negated,
        temporal=temporal,
        window=window,
        zones=zones,
        cameras=(),
        lint=(),
        answerable=(),
        summary="",
        count=count,
        cooldown_s=cooldown_s,
    )


def spec_of(
    plan: RulePlan | None = None,
    *,
    zones: Mapping[str, Polygon] | None = None,
    timezone: str = "UTC",
    threshold: float | None = None,
) -> RuleSpec:
    return spec_for(plan or plan_of(), rule_id="rul_1", version=1, zones=zones, timezone=timezone, threshold=threshold)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def sure(truth: Truth) -> Truths:
    return Truths(truth, truth, truth)


YES, NO, UNKNOWN = (Judgement(sure(truth)) for truth in (Truth.YES, Truth.NO, Truth.UNKNOWN))
WEAK = Judgement(Truths(Truth.NO, Truth.YES, Truth.YES))
FAINT = Judgement(Truths(Truth.NO, Truth.NO, Truth.YES))
LETTERS = {"y": YES, "n": NO, "u": UNKNOWN, "w": WEAK, "f": FAINT}


def run(
    spec: RuleSpec, letters: str, *, every_s: float = 0.5, begin_s: float = 0.0, state: MachineState | None = None
) -> tuple[MachineState, list[Change]]:
    """One letter is one frame: y yes, w weak yes, f faint yes, n no, u unknown, - no frame at all."""
    state, changes = state or MachineState(), []
    for i, letter in enumerate(letters):
        if letter != "-":
            state, more = step(spec, state, Observation(at(begin_s + i * every_s), LETTERS[letter]))
            changes += more
    return state, changes


def seconds_of(changes: list[Change]) -> list[tuple[str, float]]:
    return [(change.kind.value, (change.at - NOON).total_seconds()) for change in changes]


def person(
    score: float, box: tuple[float, float, float, float] = (0.4, 0.4, 0.6, 0.9), label: str = "person"
) -> Detection:
    return Detection(label, score, box)


def answers_to(
    question: Question, *seen: Detection, margin: float | None = -6.0, count: Count | None = None
) -> dict[str, Answer]:
    """A detector's: it counts what it saw. `count`: that of the plan."""
    key = asked_key(plan_of(questions=(question,), count=count), question)
    return {key: Answer(key, margin=margin, count=len(seen), detections=seen)}


def read(question: Question, margin: float, *, count: Count | None = None) -> dict[str, Answer]:
    """Of a model that reads the question: no boxes, nothing counted."""
    key = asked_key(plan_of(questions=(question,), count=count), question)
    return {key: Answer(key, margin=margin)}
