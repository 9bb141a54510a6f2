"""How likely a frame makes a rule's condition, as one number.

Takes: a rule as its camera runs it, the answers of one frame.
Gives: 0-1, or None where nothing is known.
Knows nothing about: time; the machine that confirms and holds comes after it.

The judge tells how sure the best piece of evidence is, which is what an alert should say. To rank frames the weakest
piece counts: a person at 0.9 does not make "a person on a bicycle" at 0.9 where no bicycle is seen."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from contracts.messages import Answer
from contracts.plan import Count, Temporal
from rules.asking.asked import asked_key, count_of
from rules.incidents.judge import judge
from rules.incidents.logic import Node
from rules.incidents.spec import RuleSpec

#: as unlikely as something is taken to be that was looked for and not found
_NOT_FOUND = 0.05


def frame_chance(spec: RuleSpec, answers: Mapping[str, Answer]) -> float | None:
    """Of what an incident tells: of an absence, that nothing is there. None for a sequence, which no frame shows."""
    if spec.plan.temporal.kind == "sequence":
        return None
    chance = _of(spec.logic, spec, answers)
    return 1.0 - chance if chance is not None and spec.plan.temporal.kind == "absent" else chance


def _of(node: Node, spec: RuleSpec, answers: Mapping[str, Answer]) -> float | None:
    if node.op == "ask":
        return _asked(node, spec, answers)
    parts = [_of(part, spec, answers) for part in node.parts]
    known = [part for part in parts if part is not None]
    if node.op == "not":
        return 1.0 - known[0] if known else None
    if node.op == "and":
        return min(known) if len(known) == len(parts) else None
    return max(known, default=None)


def _asked(node: Node, spec: RuleSpec, answers: Mapping[str, Answer]) -> float | None:
    question = next((each for each in spec.plan.questions if each.id == node.question), None)
    answer = answers.get(asked_key(spec.plan, question)) if question else None
    if question is None or answer is None or answer.unknown_reason is not None:
        return None
    plan = msgspec.structs.replace(spec.plan, temporal=Temporal())
    judged = judge(replace(spec, plan=plan, logic=node), answers)
    count = count_of(spec.plan, question)
    if count is None or question.predicate is None:
        return judged.confidence
    return _counted(count, [box.score for box in judged.boxes])


def _counted(count: Count, scores: list[float]) -> float:
    """`scores` best first: at least n are there as surely as the n-th is."""

    def at_least(number: int) -> float:
        if number <= 0:
            return 1.0
        return scores[number - 1] if number <= len(scores) else _NOT_FOUND

    match count.op:
        case ">":
            return at_least(count.n + 1)
        case ">=":
            return at_least(count.n)
        case "<":
            return 1.0 - at_least(count.n)
        case "<=":
            return 1.0 - at_least(count.n + 1)
        case "==":
            return min(at_least(count.n), 1.0 - at_least(count.n + 1))
