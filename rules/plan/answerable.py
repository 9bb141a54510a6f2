"""Which engines can answer a plan, with the reason where one cannot.

Takes: the questions, what the edge engine could not read, and the workers' capabilities.
Gives: one Answerable per engine.
Knows nothing about: sentences; and it changes neither status nor lint."""

from collections.abc import Sequence
from typing import get_args

from contracts.messages import Capabilities
from contracts.plan import COUNTABLE_KINDS, Answerable, Count, PredicateKind, Question
from rules.plan.told_zh import full_width
from rules.what.reading import Unreadable
from rules.words.language import Lang
from rules.words.vocabulary import COCO

EDGE = "edge"
VLM = "vlm"
_NOTHING = {"en": "nothing to look for", "zh": "没有可看的内容"}
_NOT_ONLINE = {"en": "no analyzer that runs it is online", "zh": "没有运行它的分析进程在线"}


def answerable_entries(
    questions: Sequence[Question],
    gaps: Sequence[Unreadable],
    notes: Sequence[str],
    count: Count | None,
    capabilities: Sequence[Capabilities],
    lang: Lang,
) -> tuple[Answerable, ...]:
    """Always one for `edge`, judged on all edge workers together; without any, on what one can know. And one for `vlm`,
    which reads anything; it says where workers are known and none of them reads."""
    bound = [each for each in capabilities if each.predicates or not each.free_text]
    labels = {label for each in bound for label in each.labels} if bound else set(COCO)
    kinds = {kind for each in bound for kind in each.predicates} if bound else set(get_args(PredicateKind))
    reasons = [
        *(_gap(gap, lang) for gap in gaps),
        *_missing(questions, labels, kinds, lang),
        *_uncountable(questions, count, lang),
    ]
    if not questions:
        reasons = [_NOTHING[lang]]
    ok = not reasons
    gap = ("; " if reasons else " ") if lang == "en" else ("；" if reasons else "")
    entries = [Answerable(EDGE, ok, gap.join(dict.fromkeys(reasons or notes)) or None)]
    readers = dict.fromkeys(each.engine for each in capabilities if each.free_text)
    for engine in dict.fromkeys([VLM, *readers]):
        if engine != EDGE:
            entries.append(_reader(engine, bool(questions), bool(capabilities) and not readers, lang))
    return tuple(entries)


def needs_detector(questions: Sequence[Question]) -> bool:
    """Whether the edge engine has to know things by their class, and not by what the scene history shows."""
    wanted = [each.predicate for each in questions if each.predicate]
    return any(each.kind == "objects" or each.labels or each.others for each in wanted)


def _reader(engine: str, asked: bool, missing: bool, lang: Lang) -> Answerable:
    if not asked:
        return Answerable(engine, False, _NOTHING[lang])
    return Answerable(engine, True, _NOT_ONLINE[lang] if missing else None)


def _gap(gap: Unreadable, lang: Lang) -> str:
    if lang == "zh":
        words = full_width(gap.words)
        unknown = f"我不知道“{words}”这个区域：请画一个同名区域，或者使用视觉语言模型"
        return unknown if gap.place else f"“{words}”需要视觉语言模型"
    if gap.place:
        return f"'{gap.words}' is no zone that I know: draw a zone with that name, or use a vision-language model"
    return f"'{gap.words}' needs a vision-language model"


def _missing(questions: Sequence[Question], labels: set[str], kinds: set[str], lang: Lang) -> list[str]:
    reasons = []
    for question in questions:
        wanted = question.predicate
        if wanted is None:
            continue
        if wanted.kind not in kinds:
            reasons.append(
                f"no edge worker reports '{wanted.kind}'" if lang == "en" else f"没有边缘引擎能报告“{wanted.kind}”"
            )
        elif any(named and not labels & set(named) for named in (wanted.labels, wanted.others)):
            names = ", ".join(dict.fromkeys((*wanted.labels, *wanted.others)))
            reasons.append(f"the detector does not know '{names}'" if lang == "en" else f"检测模型不认识“{names}”")
    return reasons


def _uncountable(questions: Sequence[Question], count: Count | None, lang: Lang) -> list[str]:
    if count is None or any(each.predicate is None or each.predicate.kind in COUNTABLE_KINDS for each in questions):
        return []
    return ["only objects of known classes can be counted" if lang == "en" else "只能数认识的物体"]
