"""Whether a version of a rule judges a graded frame as a person did, from the answers that were given then.

Takes: the version as one camera would run it, a graded frame with its answers and the version of then.
Gives: passed, failed, or why the frame cannot say.
Knows nothing about: the database, calibration, other frames.

One frame shows whether a condition holds, not whether it lasts or what followed. Where that is what the versions
differ in, a frame on which the condition holds says nothing; one on which it does not, cannot have opened anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.messages import Answer
from contracts.plan import Question, RulePlan
from rules.asking.asked import asked_key, count_of
from rules.incidents.clockface import is_open
from rules.incidents.judge import judge
from rules.incidents.logic import Truth, negate
from rules.incidents.spec import RuleSpec


class Outcome(StrEnum):
    """Of one graded frame under one version."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REPLAYED = "not_replayed"


@dataclass(frozen=True, slots=True)
class Case:
    """`answers` by question key, as they would be judged now; `then`: the version and zones that they were asked for.

    `fired`: what that version did. `truth`: what a person said it should have done."""

    answers: Mapping[str, Answer]
    then: RuleSpec
    captured_at: datetime
    fired: bool
    truth: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """`reason` says why it could not be replayed."""

    outcome: Outcome
    reason: str = ""


def replay(spec: RuleSpec, case: Case) -> Replay:
    """Judges the case by `spec`."""
    if not is_open(spec.plan.window, spec.timezone, case.captured_at):
        return _not_concerned(case, "it lies outside the hours of this version")
    told = holds(case.then, case.answers)
    if case.then.plan.temporal.kind != "instant" and told is not _truth(case.fired):
        return Replay(Outcome.NOT_REPLAYED, "the frame alone does not show what was decided then")
    now = holds(spec, answers_for(spec.plan, case))
    if now is Truth.UNKNOWN:
        return Replay(Outcome.NOT_REPLAYED, "this version asks what was not asked then")
    takes_time = spec.plan.temporal.kind != "instant" and spec.plan.temporal != case.then.plan.temporal
    if now is Truth.YES and takes_time:
        return Replay(Outcome.NOT_REPLAYED, "one frame does not show how long it lasts or what follows")
    return Replay(Outcome.PASSED if (now is Truth.YES) == case.truth else Outcome.FAILED)


def replay_anew(spec: RuleSpec, case: Case, answers: Mapping[str, Answer]) -> Replay:
    """By what another engine says of the same frame: `answers` by this plan's keys."""
    before = replay(spec, case)
    if before.outcome is Outcome.NOT_REPLAYED:
        return before
    now = holds(spec, answers)
    if now is Truth.UNKNOWN:
        return Replay(Outcome.NOT_REPLAYED, "this engine cannot say it of that frame")
    return Replay(Outcome.PASSED if (now is Truth.YES) == case.truth else Outcome.FAILED)


def not_watched(case: Case) -> Replay:
    """For a camera that the version does not watch."""
    return _not_concerned(case, "this version does not watch its camera")


def holds(spec: RuleSpec, answers: Mapping[str, Answer]) -> Truth:
    """Whether the frame shows what the rule tells of; what did not follow, no frame shows."""
    judgement = judge(spec, answers)
    kind = spec.plan.temporal.kind
    if kind == "sequence":
        if spec.plan.negated or judgement.then is None:
            return Truth.UNKNOWN
        return judgement.then.enter
    return negate(judgement.main.enter) if kind == "absent" else judgement.main.enter


def answers_for(plan: RulePlan, case: Case) -> dict[str, Answer]:
    """By this plan's keys: its own question's answer, or what a detector saw of the same things for another one."""
    found: dict[str, Answer] = {}
    for question in plan.questions:
        key = asked_key(plan, question)
        answer = case.answers.get(key) or _seen_for(question, plan, case)
        if answer is not None:
            found[key] = answer
    return found


def _seen_for(question: Question, plan: RulePlan, case: Case) -> Answer | None:
    """Boxes are counted and placed anew: they answer each question about the same classes. A reader's yes does not."""
    wanted = question.predicate
    if wanted is None or wanted.kind != "objects":
        return None
    for other in case.then.plan.questions:
        answer, seen = case.answers.get(asked_key(case.then.plan, other)), other.predicate
        if answer is None or seen is None or seen.kind != "objects" or not set(wanted.labels) <= set(seen.labels):
            continue
        # Without boxes a margin speaks: of the very same classes, and where nothing is counted.
        same = set(wanted.labels) == set(seen.labels) and count_of(plan, question) is None
        if answer.detections or answer.count is not None or same:
            return answer
    return None


def _not_concerned(case: Case, reason: str) -> Replay:
    """What is not watched raises no false alarm; that a true one is wanted no more is for the writer to decide."""
    return Replay(Outcome.NOT_REPLAYED, reason) if case.truth else Replay(Outcome.PASSED)


def _truth(fired: bool) -> Truth:
    return Truth.YES if fired else Truth.NO
