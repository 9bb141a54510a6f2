"""What a person's word on a whole rule says of its single questions.

Takes: a plan, the raw margins of its questions on the frame that decided, whether the rule was right to fire.
Gives: a truth for each question that the word decides.
Knows nothing about: incidents, who said it.

"Right" makes every part of an `and` true, "wrong" every part of an `or` false. The other way round one part is enough,
and it is taken to be the likeliest: the surest of an `or`, the least sure of an `and`."""

from collections.abc import Mapping

from contracts.errors import Invalid
from contracts.messages import Answer
from contracts.plan import RulePlan
from rules.asking.asked import asked_key, turned_round
from rules.incidents.logic import Node, parse_logic


def graded(answer: Answer) -> bool:
    """Whether the margin is the model's opinion: not a detector's score, a count, or another engine's answer."""
    if answer.margin is None or answer.unknown_reason is not None:
        return False
    return not (answer.by or answer.detections or answer.count is not None)


def graded_margins(plan: RulePlan, answers: Mapping[str, Answer]) -> dict[str, float]:
    """By question key, raw."""
    found: dict[str, float] = {}
    for question in plan.questions:
        key = asked_key(plan, question)
        answer = answers.get(key)
        if answer is not None and answer.margin is not None and graded(answer):
            found[key] = answer.margin
    return found


def truths_from(plan: RulePlan, margins: Mapping[str, float], *, was_right: bool) -> dict[str, bool]:
    """By question key. Empty where the frame cannot say, as with "B did not follow"."""
    node = _told_by_frame(plan)
    if node is None:
        return {}
    asked = {question.id: question for question in plan.questions}
    keys = {name: asked_key(plan, question) for name, question in asked.items()}
    turned = {name for name, question in asked.items() if turned_round(plan, question)}
    known = {name: -margins[key] if name in turned else margins[key] for name, key in keys.items() if key in margins}
    found = _truths(node, known, was_right != (plan.temporal.kind == "absent"))
    return {keys[name]: truth != (name in turned) for name, truth in found.items()}


def _told_by_frame(plan: RulePlan) -> Node | None:
    """The part of the logic that the deciding frame showed."""
    try:
        node = parse_logic(plan.logic)
    except Invalid:
        return None
    if plan.temporal.kind != "sequence" or node.op != "and" or len(node.parts) != 2:
        return node
    return None if plan.negated else node.parts[1]


def _truths(node: Node, margins: Mapping[str, float], truth: bool) -> dict[str, bool]:
    match node.op:
        case "ask":
            return {node.question: truth} if node.question in margins else {}
        case "not":
            return _truths(node.parts[0], margins, not truth)
        case "and" | "or":
            parts = [(part, sure) for part in node.parts if (sure := _sureness(part, margins)) is not None]
            if truth != (node.op == "and"):
                choose = max if node.op == "or" else min
                parts = [choose(parts, key=lambda part: part[1])] if parts else []
            found: dict[str, bool] = {}
            for part, _ in parts:
                found |= _truths(part, margins, truth)
            return found


def _sureness(node: Node, margins: Mapping[str, float]) -> float | None:
    """The margin of a whole expression: the least of an `and`, the greatest of an `or`; None: nothing is known."""
    if node.op == "ask":
        return margins.get(node.question)
    known = [sure for part in node.parts if (sure := _sureness(part, margins)) is not None]
    if not known:
        return None
    if node.op == "not":
        return -known[0]
    return min(known) if node.op == "and" else max(known)
