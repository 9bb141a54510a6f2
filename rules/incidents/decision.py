"""Why a rule told of a frame, or why it did not: the machine's step in one word, with the figures behind it.

Takes: a RuleSpec, the state before and after a step, what was observed.
Gives: Decision.
Knows nothing about: the database, words for people; nothing is decided here, only read off."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from contracts.messages import Answer
from rules.asking.asked import asked_key
from rules.incidents.clockface import is_open
from rules.incidents.judge import Judgement
from rules.incidents.logic import Truth, asked_affirmatively, negate
from rules.incidents.machine import step
from rules.incidents.spec import RuleSpec
from rules.incidents.state import Change, ChangeKind, MachineState, Observation, is_late
from rules.incidents.thresholds import ENTER_P, ENTER_SCORE, LEAVE_P, LEAVE_SCORE, scaled


class Outcome(StrEnum):
    """What came of one frame for one rule."""

    OPENED = "opened"
    UPDATED = "updated"
    ENDED = "ended"
    STILL_OPEN = "still_open"  # its incident is open already
    BELOW_THRESHOLD = "below_threshold"  # the condition does not hold
    CONFIRMING = "confirming"  # it holds on this frame, and another has to agree
    HOLDING = "holding"  # it holds, and not for long enough
    WAITING = "waiting"  # A happened, B is awaited
    COUNTING = "counting"  # it happened, and not often enough
    COOLDOWN = "cooldown"  # it was told of a moment ago
    SNOOZED = "snoozed"  # a person wants to hear nothing of it for a while
    OUTSIDE_WINDOW = "outside_window"  # the rule does not watch at this hour
    UNKNOWN = "unknown"  # the engine could not tell
    NOT_EVALUATED = "not_evaluated"  # the engine was not asked
    OUT_OF_ORDER = "out_of_order"  # older than a frame that was judged


class Decision(msgspec.Struct, frozen=True, gc=False):
    """`score` against `bar`, where figures were compared. `since`: when what must last for `needed_s` began.

    `so_far` of `needed` times. `why`: of an end its reason, of unknown the engine's."""

    outcome: Outcome
    score: float | None = None
    bar: float | None = None
    since: datetime | None = None
    needed_s: float = 0.0
    so_far: int = 0
    needed: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one rule asks, worked out once. `speaking`: the questions whose yes speaks for it, and whether a detector
    may answer them; `bars`: what a score has to reach, of a detection and of a chance."""

    keys: tuple[str, ...]
    speaking: tuple[tuple[str, bool], ...]
    bars: tuple[float, float]


def asked_of(spec: RuleSpec) -> Asked:
    """The same on every camera."""
    plan, affirmed = spec.plan, asked_affirmatively(spec.logic)
    keyed = [(asked_key(plan, question), question) for question in plan.questions]
    speaking = tuple((key, question.predicate is not None) for key, question in keyed if question.id in affirmed)
    if plan.temporal.kind == "absent":
        bars = (1.0 - scaled(LEAVE_SCORE, spec.threshold), 1.0 - scaled(LEAVE_P, spec.threshold))
    else:
        bars = (scaled(ENTER_SCORE, spec.threshold), scaled(ENTER_P, spec.threshold))
    return Asked(tuple(key for key, _ in keyed), speaking, bars)


_OF_CHANGE = {
    ChangeKind.OPENED: Outcome.OPENED,
    ChangeKind.UPDATED: Outcome.UPDATED,
    ChangeKind.ENDED: Outcome.ENDED,
}


def decision_of(
    spec: RuleSpec,
    asked: Asked,
    before: MachineState,
    after: MachineState,
    observation: Observation,
    changes: tuple[Change, ...],
    answers: Mapping[str, Answer] | None = None,
    *,
    is_snoozed: bool = False,
) -> Decision:
    """`answers`: of the frame, where it has any of its own; without them no score is given."""
    judgement, at = observation.judgement, observation.captured_at
    score, bar = _score(asked, judgement, answers) if answers is not None else (None, None)
    if changes:
        last = changes[-1]
        return Decision(_OF_CHANGE[last.kind], score, bar, last.started_at, why=last.reason.value)
    if is_late(before, at):
        return Decision(Outcome.OUT_OF_ORDER, score, bar)
    if not is_open(spec.plan.window, spec.timezone, at):
        return Decision(Outcome.OUTSIDE_WINDOW, score, bar)
    if after.open is not None:
        return Decision(Outcome.STILL_OPEN, score, bar, after.open.started_at)
    truth = condition(spec, judgement)
    if truth is Truth.UNKNOWN:
        why = _why_unknown(spec, asked, answers)
        return Decision(Outcome.UNKNOWN if why is not None else Outcome.NOT_EVALUATED, score, bar, why=why or "")
    if (is_snoozed or _cools(spec, before, at)) and _would_open(spec, before, observation):
        if is_snoozed:
            return Decision(Outcome.SNOOZED, score, bar)
        return Decision(Outcome.COOLDOWN, score, bar, before.sent_at, spec.cooldown_s)
    return _on_the_way(spec, after, truth, at, score, bar)


def decision_of_time(change: Change) -> Decision:
    """No frame came: time alone changed something."""
    return Decision(_OF_CHANGE[change.kind], since=change.started_at, why=change.reason.value)


def condition(spec: RuleSpec, judgement: Judgement) -> Truth:
    """Whether what the rule looks for is there on this frame: of an absence, that nothing is; of a sequence, its A."""
    if spec.plan.temporal.kind == "absent":
        return negate(judgement.main.stay)
    return judgement.main.enter


def _on_the_way(
    spec: RuleSpec, after: MachineState, truth: Truth, at: datetime, score: float | None, bar: float | None
) -> Decision:
    """No incident yet, and nothing hindered one: something is still missing."""
    temporal = spec.plan.temporal
    if temporal.kind == "sequence" and after.waiting_since is not None:
        return Decision(Outcome.WAITING, score, bar, after.waiting_since, spec.within_s)
    if temporal.kind in {"sustained", "absent"} and after.run is not None:
        return Decision(Outcome.HOLDING, score, bar, after.run.since, spec.hold_s)
    if truth is Truth.NO:
        return Decision(Outcome.BELOW_THRESHOLD, score, bar)
    if temporal.kind == "k_of_n":
        seen = [glance for glance in after.recent if glance.truth is Truth.YES]
        so_far = len(seen) if temporal.n is not None else len(after.starts)
        return Decision(Outcome.COUNTING, score, bar, so_far=so_far, needed=temporal.k or 1)
    if temporal.kind == "sequence":
        return Decision(Outcome.WAITING, score, bar, needed_s=spec.within_s)
    return Decision(Outcome.CONFIRMING, score, bar)


def _cools(spec: RuleSpec, before: MachineState, at: datetime) -> bool:
    return before.sent_at is not None and at - before.sent_at < timedelta(seconds=spec.cooldown_s)


def _would_open(spec: RuleSpec, before: MachineState, observation: Observation) -> bool:
    _, changes = step(spec, msgspec.structs.replace(before, sent_at=None), observation)
    return any(change.kind is ChangeKind.OPENED for change in changes)


def _score(asked: Asked, judgement: Judgement, answers: Mapping[str, Answer]) -> tuple[float | None, float | None]:
    """How sure it was, and how sure it has to be; nothing where only the absence of things was asked for."""
    known = detected = False
    for key, detectable in asked.speaking:
        answer = answers.get(key)
        if answer is not None and answer.unknown_reason is None:
            known = True
            detected = detected or bool(answer.detections) or (detectable and answer.count is not None)
    if not known:
        return None, None
    return judgement.confidence, asked.bars[0 if detected else 1]


def _why_unknown(spec: RuleSpec, asked: Asked, answers: Mapping[str, Answer] | None) -> str | None:
    """None: not one of its questions was asked."""
    if spec.missing_zones and not spec.zones:
        return f"the camera has no zone '{spec.missing_zones[0]}'"
    if answers is None:
        return ""
    given = [answers[key] for key in asked.keys if key in answers]
    if not given:
        return None
    return next((answer.unknown_reason for answer in given if answer.unknown_reason), "")
