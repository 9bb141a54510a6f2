"""A question as the engines are asked it: what the plan holds apart from its words is said in them again.

Takes: a plan and one of its questions.
Gives: the question with the count in its words, its key, and whether its yes speaks against the count.
Knows nothing about: answers, engines.

A detector reads the predicate, counts its boxes and looks where they stand: to it the words are nothing. A model that
reads has only the words, and its yes to "Are people visible?" would be a false alarm where the rule says more than 3.
A zone needs no such care: the compiler leaves its name in the question."""

from functools import lru_cache

import msgspec

from contracts.plan import COUNTABLE_KINDS, Count, Question, RulePlan, question_key
from rules.asking.counted import bound_of, with_count
from rules.words.language import Lang


def asked_as(plan: RulePlan, question: Question) -> Question:
    """The plan's own question stays as it is; this one is published, answered, and explained."""
    return _asked(question, count_of(plan, question), plan.lang)


def asked_key(plan: RulePlan, question: Question) -> str:
    """By which the answer is found; equal for rules that ask the same."""
    return _key(question, count_of(plan, question), plan.lang)


def count_of(plan: RulePlan, question: Question) -> Count | None:
    """The plan's count, where it is this question's things that are counted: those of the first."""
    countable = question.predicate is None or question.predicate.kind in COUNTABLE_KINDS
    return plan.count if countable and question.id == plan.questions[0].id else None


def turned_round(plan: RulePlan, question: Question) -> bool:
    """Whether a reader's yes to the asked question means that the counted statement does not hold."""
    count = count_of(plan, question)
    return count is not None and bound_of(count, plan.lang).turned


def _asked(question: Question, count: Count | None, lang: Lang) -> Question:
    if count is None:
        return question
    return msgspec.structs.replace(question, text=with_count(question.text, bound_of(count, lang), lang))


# Every answer of every frame is looked up by its key, and a site has few questions.
@lru_cache(maxsize=4096)
def _key(question: Question, count: Count | None, lang: Lang) -> str:
    return question_key(_asked(question, count, lang))
