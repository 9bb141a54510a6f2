"""A plan in one readable sentence, in the rule's language, so that a person can check what was understood.

Takes: a plan without its summary.
Gives: the sentence, with what is left out and what may not have been understood.
Knows nothing about: how the plan was made."""

from contracts.plan import RulePlan
from rules.plan import told_en, told_zh

_FROM_MODEL = {
    "en": "A language model read this sentence: check that it is what you mean.",
    "zh": "这句话由语言模型解读，请核对是否是您的意思。",
}


def summarise(plan: RulePlan, notes: tuple[str, ...] = ()) -> str:
    """`notes`: words that the edge engine reads more broadly than they were meant."""
    if plan.status == "refused":
        return _refusal(plan)
    language = told_en if plan.lang == "en" else told_zh
    doubt = [language.unsure(plan)] if plan.unsure else []
    origin = [_FROM_MODEL[plan.lang]] if plan.origin == "model" else []
    return _gap(plan).join([language.tell(plan), *doubt, *notes, *origin])


def with_better(plan: RulePlan, wording: str) -> str:
    """The summary, and after it the wording that says the same without what cannot be seen."""
    said = f"Better: “{wording}”." if plan.lang == "en" else f"建议写成：“{told_zh.full_width(wording)}”。"
    return f"{plan.summary}{_gap(plan)}{said}"


def _gap(plan: RulePlan) -> str:
    return " " if plan.lang == "en" else ""


def _refusal(plan: RulePlan) -> str:
    gap = _gap(plan)
    told = gap.join(lint.message + gap + (lint.suggestion or "") for lint in plan.lint if lint.level == "error")
    return f"I cannot watch for this: {told}" if plan.lang == "en" else f"这条规则我看不了：{told}"
