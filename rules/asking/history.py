"""Whether a plan needs what the live picture has shown over time, and single pictures that were kept do not hold.

Takes: a plan.
Gives: yes or no; the same of a single picture.
Knows nothing about: pictures, archives."""

from contracts.plan import TRACK_KINDS, PredicateKind, RulePlan

#: facts of the scene history that ingest keeps of a live camera; by it, too, a thing is seen that no detector knows
_OF_THE_HISTORY: frozenset[PredicateKind] = frozenset(
    {"motion", "foreground", "dark", "covered", "frozen", "left", "removed"}
)


def needs_history(plan: RulePlan) -> bool:
    """True where any of its questions does."""
    return any(each.predicate is not None and each.predicate.kind in _OF_THE_HISTORY for each in plan.questions)


def shown_by_one_picture(plan: RulePlan) -> bool:
    """Whether each of its questions can be asked of a picture that stands alone."""
    return not needs_history(plan) and not any(
        question.frames > 1 or (question.predicate is not None and question.predicate.kind in TRACK_KINDS)
        for question in plan.questions
    )
