"""What the engines must be asked so that a set of rules can be judged.

Takes: plans, capabilities.
Gives: each question once; whether a worker can answer a plan.
Knows nothing about: cameras, schedules."""

from collections.abc import Iterable

from contracts.messages import Capabilities
from contracts.plan import RulePlan, question_key
from contracts.site import AskedQuestion
from rules.asked import asked_as


def asked_questions(plans: Iterable[RulePlan]) -> tuple[AskedQuestion, ...]:
    """In the order of the rules; a question that any rule wants not to hold is pinned also where the answer is no."""
    asked: dict[str, AskedQuestion] = {}
    for plan in plans:
        pin = plan.temporal.kind == "absent" or plan.negated
        for question in plan.questions:
            worded = asked_as(plan, question)
            key = question_key(worded)
            known = asked.get(key)
            pinned = pin or (known is not None and known.pin_always)
            text = known.text if known else worded.text
            asked[key] = AskedQuestion(key, text, question.predicate, pinned, question.frames, plan.lang)
    return tuple(asked.values())


def answerable_by(plan: RulePlan, capabilities: Capabilities) -> bool:
    """Whether this one worker can answer every question of the plan."""
    if plan.status == "refused" or not plan.questions:
        return False
    if capabilities.free_text:
        return True
    for question in plan.questions:
        wanted = question.predicate
        if wanted is None or wanted.kind not in capabilities.predicates:
            return False
        if wanted.kind == "objects" and not set(wanted.labels) & set(capabilities.labels):
            return False
    return plan.count is None or any(each.predicate and each.predicate.kind == "objects" for each in plan.questions)
