"""What the engines must be asked so that a set of rules can be judged.

Takes: plans, the bars of their closed gates, capabilities.
Gives: each question once, and where it need not be asked; whether a worker can answer a plan.
Knows nothing about: cameras, schedules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from contracts.messages import Capabilities
from contracts.plan import COUNTABLE_KINDS, RulePlan, question_key
from contracts.site import AskedQuestion, Bar
from rules.asking.asked import asked_as, asked_key, turned_round

#: of one rule on one camera, by the model that looks
Closed = Mapping[str, Bar]


def asked_questions(plans: Iterable[RulePlan]) -> tuple[AskedQuestion, ...]:
    """In the order of the rules; a question that any rule wants not to hold is pinned also where the answer is no.

    So is one about too few: a reader's no to "at least 2 guards?" is what such a rule fires on."""
    asked: dict[str, AskedQuestion] = {}
    for plan in plans:
        pin = plan.temporal.kind == "absent" or plan.negated
        for question in plan.questions:
            worded = asked_as(plan, question)
            key = question_key(worded)
            known = asked.get(key)
            pinned = pin or turned_round(plan, question) or (known is not None and known.pin_always)
            text = known.text if known else worded.text
            asked[key] = AskedQuestion(key, text, question.predicate, pinned, question.frames, plan.lang)
    return tuple(asked.values())


def barred(questions: Iterable[AskedQuestion], rules: Sequence[tuple[RulePlan, Closed]]) -> tuple[AskedQuestion, ...]:
    """Each with the lowest bar of all rules that ask it; without one where a single rule's gate is open."""
    asked_by: dict[str, list[Closed]] = defaultdict(list)
    for plan, closed in rules:
        for key in {asked_key(plan, question) for question in plan.questions}:
            asked_by[key].append(closed)
    return tuple(msgspec.structs.replace(each, bar=_lowest(asked_by[each.key])) for each in questions)


def _lowest(gates: Sequence[Closed]) -> Bar | None:
    """Of one model. Closed for two of them: the one that was learnt last, since the other is no longer run."""
    common = set(gates[0]).intersection(*gates[1:]) if gates else set()
    bars = [
        Bar(
            min(closed[model].score for closed in gates),
            model,
            min((until for closed in gates if (until := closed[model].until)), default=None),
        )
        for model in sorted(common)
    ]
    return max(bars, key=lambda bar: bar.until or datetime.max.replace(tzinfo=UTC), default=None)


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
        if any(named and not set(named) & set(capabilities.labels) for named in (wanted.labels, wanted.others)):
            return False
    return plan.count is None or any(
        each.predicate and each.predicate.kind in COUNTABLE_KINDS for each in plan.questions
    )
