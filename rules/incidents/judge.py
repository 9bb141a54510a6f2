"""One frame's answers against one rule: yes, no or unknown, at several levels of strictness.

Takes: a RuleSpec and the answers of one frame by question key.
Gives: a Judgement: truths, confidence, the boxes that support it, the zone they stand in.
Knows nothing about: other frames, time, pictures."""

import math
from collections.abc import Mapping
from functools import partial

import msgspec

from contracts.messages import Answer, Box, Detection
from contracts.plan import Count, Predicate, Question, RulePlan
from rules.asking.asked import asked_key, count_of, turned_round
from rules.incidents.logic import DENIED, Level, Lookup, Node, Truth, asked_affirmatively, evaluate, negate
from rules.incidents.spec import RuleSpec
from rules.incidents.thresholds import (
    ALONE_P,
    ALONE_SCORE,
    AT_ONCE_P,
    AT_ONCE_SCORE,
    ENTER_P,
    ENTER_SCORE,
    LEAVE_P,
    LEAVE_SCORE,
    scaled,
)
from rules.tracks.ground import foot, inside

_SCORES = {
    Level.AT_ONCE: AT_ONCE_SCORE,
    Level.ALONE: ALONE_SCORE,
    Level.ENTER: ENTER_SCORE,
    Level.STAY: LEAVE_SCORE,
}
_CHANCES = {Level.AT_ONCE: AT_ONCE_P, Level.ALONE: ALONE_P, Level.ENTER: ENTER_P, Level.STAY: LEAVE_P}
#: in the order of Truths
_LEVELS = (Level.AT_ONCE, Level.ENTER, Level.STAY, Level.ALONE)
#: facts of the whole picture have no place in it; and where a track was, the tracks have looked up already
_PLACELESS = {"dark", "covered", "frozen", "stays", "still", "enters", "leaves", "crosses"}


class Truths(msgspec.Struct, frozen=True):
    """One statement at each level of strictness."""

    at_once: Truth = Truth.UNKNOWN
    enter: Truth = Truth.UNKNOWN
    stay: Truth = Truth.UNKNOWN
    alone: Truth = Truth.UNKNOWN


class Judgement(msgspec.Struct, frozen=True, omit_defaults=True):
    """`main` is the whole condition, for a sequence its A; `then` is a sequence's B, without its negation."""

    main: Truths = Truths()
    then: Truths | None = None
    confidence: float = 0.0
    boxes: tuple[Detection, ...] = ()
    zone: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether the frame said anything at all."""
        told = (self.main, self.then) if self.then else (self.main,)
        return any(truths != Truths() for truths in told)

    @property
    def verdict(self) -> Truth:
        """What is told of this frame alone."""
        return self.main.enter


UNKNOWN = Judgement()


def judge(spec: RuleSpec, answers: Mapping[str, Answer]) -> Judgement:
    """Never raises on odd answers: what is missing or failed is unknown."""
    questions = {question.id: question for question in spec.plan.questions}

    def truth(name: str, level: Level) -> Truth:
        question = questions.get(name)
        answer = answers.get(asked_key(spec.plan, question)) if question else None
        return _truth(spec, question, answer, level) if question and answer else Truth.UNKNOWN

    of = partial(_truths, lookup=truth)
    if spec.plan.temporal.kind == "sequence" and spec.logic.op == "and" and len(spec.logic.parts) == 2:
        first, second = spec.logic.parts
        second = second.parts[0] if second.op == "not" and spec.plan.negated else second
        main, then = of(first), of(second)
    else:
        main, then = of(spec.logic), None
    confidence, boxes = _support(spec, questions, answers)
    if spec.plan.temporal.kind == "absent":
        return Judgement(main, then, 1.0 - confidence)
    return Judgement(main, then, confidence, boxes, _zone_of(spec, boxes))


def _truths(node: Node, lookup: Lookup) -> Truths:
    return Truths(*(evaluate(node, level, lookup) for level in _LEVELS))


def _truth(spec: RuleSpec, question: Question, answer: Answer, level: Level) -> Truth:
    if answer.unknown_reason is not None or (answer.margin is None and not answer.detections):
        return Truth.UNKNOWN
    count = count_of(spec.plan, question)
    if spec.missing_zones and not spec.zones and answer.detections and _has_place(question):
        return Truth.UNKNOWN
    if answer.detections and question.predicate and question.predicate.colour:
        return _coloured(spec, question, answer, level, count)
    if answer.detections or (count and question.predicate and answer.count is not None):
        seen = _counted(spec, question, answer, level, count)
        return _yes(_holds(count, seen) if count else seen > 0)
    if count and answer.count is not None:
        return _yes(_holds(count, answer.count))
    # Who counted nothing and found no boxes has read the question, in which count and zone are said.
    if turned_round(spec.plan, question):
        return negate(_likely(spec, answer, DENIED[level]))
    return _likely(spec, answer, level)


def _likely(spec: RuleSpec, answer: Answer, level: Level) -> Truth:
    return _yes(_sigmoid(answer.margin or 0.0) >= scaled(_CHANCES[level], spec.threshold))


def _counted(spec: RuleSpec, question: Question, answer: Answer, level: Level, count: Count | None) -> int:
    """Few is sure only where not even weak detections make it many."""
    if count and count.op in {"<", "<="}:
        level = Level.ENTER if level is Level.STAY else Level.STAY
    elif count and count.op == "==":
        level = Level.ENTER
    return sum(1 for each in _relevant(spec, question, answer) if _reaches(each, level, spec.threshold))


def _reaches(each: Detection, level: Level, threshold: float) -> bool:
    """Rider and ridden confirm each other in one picture, as two pictures would."""
    if each.score >= scaled(_SCORES[level], threshold):
        return True
    return min(each.score, each.paired) >= scaled(LEAVE_SCORE, threshold)


def _coloured(spec: RuleSpec, question: Question, answer: Answer, level: Level, count: Count | None) -> Truth:
    """A thing whose colour cannot be told may be of this one: with it and without it the answer must be the same."""
    plain = _counted(spec, question, answer, level, count)
    unclear = tuple(each for each in answer.detections if not each.colour)
    colourless = msgspec.structs.replace(question, predicate=_any_colour(question))
    perhaps = _counted(spec, colourless, msgspec.structs.replace(answer, detections=unclear), level, count)
    least, most = ((_holds(count, seen) if count else seen > 0) for seen in (plain, plain + perhaps))
    return _yes(least) if least == most else Truth.UNKNOWN


def _any_colour(question: Question) -> Predicate | None:
    return msgspec.structs.replace(question.predicate, colour="") if question.predicate else None


def _relevant(spec: RuleSpec, question: Question, answer: Answer) -> list[Detection]:
    wanted = question.predicate.labels if question.predicate and question.predicate.kind == "objects" else ()
    labelled = [each for each in answer.detections if not wanted or each.label in wanted]
    if question.predicate and question.predicate.colour:
        labelled = [each for each in labelled if each.colour == question.predicate.colour]
    if not spec.zones or not _has_place(question):
        return labelled
    return [each for each in labelled if _zones_at(spec, each.box)]


def _has_place(question: Question) -> bool:
    return question.predicate is None or question.predicate.kind not in _PLACELESS


def _support(
    spec: RuleSpec, questions: Mapping[str, Question], answers: Mapping[str, Answer]
) -> tuple[float, tuple[Detection, ...]]:
    """The boxes that speak for the condition, best first, and how sure the best of them is."""
    speaking = asked_affirmatively(spec.logic)
    boxes: dict[Detection, None] = {}
    chances: list[float] = []
    for name in sorted(speaking & questions.keys()):
        answer = answers.get(asked_key(spec.plan, questions[name]))
        if answer is None or answer.unknown_reason is not None:
            continue
        relevant = _relevant(spec, questions[name], answer)
        boxes |= dict.fromkeys(each for each in relevant if each.score >= scaled(LEAVE_SCORE, spec.threshold))
        if relevant:
            chances.append(max(each.score for each in relevant))
        elif answer.margin is not None and not answer.detections:
            chances.append(_chance(spec.plan, questions[name], answer.margin, read=answer.count is None))
    best = sorted(boxes, key=lambda each: -each.score)
    return (max(chances) if chances else 0.0), tuple(best)


def _chance(plan: RulePlan, question: Question, margin: float, *, read: bool) -> float:
    """`read`: by an engine that reads the question, and answers the opposite of "too few"."""
    return _sigmoid(-margin if read and turned_round(plan, question) else margin)


def _zone_of(spec: RuleSpec, boxes: tuple[Detection, ...]) -> str | None:
    return next((zone for each in boxes for zone in _zones_at(spec, each.box)), None)


def _zones_at(spec: RuleSpec, box: Box) -> list[str]:
    return [name for name, polygon in spec.zones.items() if inside(foot(box), polygon)]


def _holds(count: Count, seen: int) -> bool:
    match count.op:
        case ">":
            return seen > count.n
        case ">=":
            return seen >= count.n
        case "<":
            return seen < count.n
        case "<=":
            return seen <= count.n
        case "==":
            return seen == count.n


def _yes(holds: bool) -> Truth:
    return Truth.YES if holds else Truth.NO


def _sigmoid(margin: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(min(margin, 60.0), -60.0)))
