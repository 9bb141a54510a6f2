"""A sentence becomes a plan: what to ask, how answers combine, when, how long, where, how urgent.

Takes: the sentence, the site's camera and zone names, the workers' capabilities.
Gives: a RulePlan, for any string; what is wrong with the sentence stands in its lint.
Knows nothing about: models, the database, the present. The same input gives the same plan."""

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from contracts.messages import Capabilities
from contracts.plan import Count, CountOp, Question, RulePlan, Status, Temporal
from rules.plan.answerable import answerable_entries
from rules.plan.lint import is_error, remark
from rules.plan.questions_of import Draft, draft_condition, draft_sequence
from rules.plan.reason import without_reason
from rules.plan.residue import is_unplaced, is_unsure
from rules.plan.rewording import better_wording
from rules.plan.slots import Slots, read_slots
from rules.plan.summary import summarise, with_better
from rules.plan.timed import timed, track_notes
from rules.what.condition import Clause, Condition
from rules.what.count import Counted
from rules.what.polarity import read_condition
from rules.words.colloquial import plainly_spoken
from rules.words.identity import lower_first
from rules.words.language import LONGEST_TEXT, Lang, detect, normalise
from rules.words.places import Marked, mark_names
from rules.words.scope import has_core, is_place_zh
from rules.words.slips import mend_slips, mend_slips_zh

MOST_CONDITIONS = 6
#: without one there is nothing to read, and no need to try
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f\u0400-\u04ff\u4e00-\u9fff]{2}")
#: remarks beside which a place alone says nothing; of a speed or a name the thing may be what looks like a place
_LEAVES_PLACES = {"vague", "nonvisual", "audio", "assumed_time", "ambiguous_time"}
_OPPOSITE: dict[CountOp, CountOp] = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "=="}
_BOUNDS: dict[Lang, dict[CountOp, str]] = {
    "en": {">": "more than {}", ">=": "at least {}", "<": "fewer than {}", "<=": "at most {}", "==": "exactly {}"},
    "zh": {">": "超过{}", ">=": "至少{}", "<": "少于{}", "<=": "最多{}", "==": "正好{}"},
}


def compile_rule(
    text: str,
    *,
    cameras: Sequence[str] = (),
    zones: Sequence[str] = (),
    capabilities: Sequence[Capabilities] = (),
    lang: Literal["auto", "en", "zh"] = "auto",
) -> RulePlan:
    """Never raises on a string; an engine's abilities alter neither status nor lint."""
    return reworded(_compiled(text, cameras, zones, capabilities, lang), cameras, zones)


def reworded(plan: RulePlan, cameras: Sequence[str], zones: Sequence[str]) -> RulePlan:
    """With a wording in its summary that is read as the same rule and is accepted, where there is one."""
    if plan.status != "needs_rewording":
        return plan
    wording = better_wording(plan, lambda text: _compiled(text, cameras, zones, (), "auto"))
    return msgspec.structs.replace(plan, summary=with_better(plan, wording)) if wording else plan


def _compiled(
    text: str,
    cameras: Sequence[str],
    zones: Sequence[str],
    capabilities: Sequence[Capabilities],
    lang: Literal["auto", "en", "zh"],
) -> RulePlan:
    normal = normalise(text[: LONGEST_TEXT + 1])
    marked = mark_names(normal, cameras, zones)
    # A Chinese camera name does not make an English sentence Chinese, unless there is nothing but names.
    spoken = marked.text if any(char.isalpha() for char in marked.text) else normal
    language: Lang = detect(spoken) if lang == "auto" else lang
    if len(text) > LONGEST_TEXT or len(normal) > LONGEST_TEXT:
        return _refused(language, {"too_long": ""}, capabilities)
    if language == "en":
        if not _WORD.search(marked.text):
            return _refused(language, {"vague": ""}, capabilities)
    spoken = without_reason(plainly_spoken(marked.with_things_gone(language), language), language)
    mended = lower_first(mend_slips(spoken)) if language == "en" else mend_slips_zh(spoken)
    marked = Marked(mended, marked.zones, marked.cameras, marked.names)
    slots = read_slots(marked, language)
    nowhere = language == "zh" and not {*slots.remarks} - _LEAVES_PLACES and is_place_zh(slots.rest)
    if slots.past_question or nowhere or not has_core(slots.rest, language):
        return _refused(language, _spelled(_why_nothing(slots), marked), capabilities)
    return _plan(marked, slots, language, capabilities)


def _why_nothing(slots: Slots) -> dict[str, str]:
    errors = {code: words for code, words in slots.remarks.items() if is_error(code)}
    return errors or {"vague": ""}


def _spelled(remarks: dict[str, str], marked: Marked) -> dict[str, str]:
    return {code: marked.spelled(words) for code, words in remarks.items()}


def _refused(lang: Lang, remarks: dict[str, str], capabilities: Sequence[Capabilities]) -> RulePlan:
    plan = RulePlan(
        lang=lang,
        status="refused",
        questions=(),
        logic="",
        negated=False,
        temporal=Temporal(),
        window=(),
        zones=(),
        cameras=(),
        lint=tuple(remark(code, lang, words) for code, words in remarks.items()),
        answerable=answerable_entries((), (), (), None, capabilities, lang),
        summary="",
    )
    return _with_summary(plan, ())


def _plan(marked: Marked, slots: Slots, lang: Lang, capabilities: Sequence[Capabilities]) -> RulePlan:
    draft = Draft(marked, lang, counted=slots.count is not None)
    condition = _condition(slots, lang)
    halves = condition.anyof[0]
    logic = draft_sequence(draft, *halves) if slots.sequence else draft_condition(draft, condition)
    temporal = _temporal(slots, condition)
    questions = timed(draft.questions, temporal, logic)
    conditions = len(condition.anyof) if len(condition.anyof) > 1 else len(draft.questions)
    remarks = _spelled(slots.remarks, marked)
    remarks |= {"negation": ""} if condition.negated else {}
    remarks |= {"too_many": ""} if conditions > MOST_CONDITIONS else {}
    status: Status = "needs_rewording" if any(is_error(code) for code in remarks) else "ok"
    count = _count(slots.count, condition)
    uncounted = _uncounted(slots.counted, lang)
    notes = (*_notes(draft, lang), *track_notes(questions, lang))
    plan = RulePlan(
        lang=lang,
        status=status,
        questions=questions,
        logic=logic,
        negated=condition.negated,
        temporal=temporal,
        window=slots.window,
        zones=marked.zones,
        cameras=marked.cameras,
        lint=tuple(remark(code, lang, words) for code, words in remarks.items()),
        answerable=answerable_entries(questions, draft.gaps, notes, count, capabilities, lang),
        summary="",
        count=count,
        cooldown_s=slots.cooldown_s,
        severity=slots.severity,
        unsure=bool(uncounted) or _is_unsure(marked, slots, temporal, questions, lang),
    )
    return _with_summary(plan, (*uncounted, *(notes if not draft.gaps else ())))


def _condition(slots: Slots, lang: Lang) -> Condition:
    if slots.sequence is None:
        return read_condition(slots.rest, lang, counted=slots.count is not None)
    follows = slots.sequence
    return Condition(((Clause(follows.first), Clause(follows.second, negated=follows.negated)),))


def _temporal(slots: Slots, condition: Condition) -> Temporal:
    if slots.sequence is not None:
        return Temporal("sequence", within_s=slots.sequence.within_s)
    if slots.cadence is not None:
        return slots.cadence
    seconds = slots.hold.seconds if slots.hold else None
    if condition.absent:
        return Temporal("absent", seconds=seconds)
    return Temporal("sustained", seconds=seconds) if slots.hold else Temporal()


def _count(count: Count | None, condition: Condition) -> Count | None:
    return Count(_OPPOSITE[count.op], count.n) if count and condition.inverted_count else count


def _is_unsure(marked: Marked, slots: Slots, temporal: Temporal, questions: Sequence[Question], lang: Lang) -> bool:
    """What was dropped for a reason, as the remarks say, may have held hours and numbers of its own."""
    dropped = {"past", "speed", "nonvisual", "contradiction"} & slots.remarks.keys()
    timed = bool(temporal.seconds or temporal.within_s or temporal.k or slots.cooldown_s or slots.count)
    lost = not dropped and is_unplaced(marked.text, lang, timed=timed, watched=bool(slots.window))
    return lost or is_unsure(questions, marked.zones, lang)


def _uncounted(counted: Counted, lang: Lang) -> tuple[str, ...]:
    """A plan has one count: what else the sentence bounds is said to be left out."""
    if counted.count is None or not counted.left_out:
        return ()
    kept, *left = (_BOUNDS[lang][each.op].format(each.n) for each in (counted.count, *counted.left_out))
    if lang == "en":
        return (f"One rule has one count: I take {kept} and leave out {', '.join(left)}; make another rule for that.",)
    return (f"一条规则只有一个数量条件:按{kept}判断,{'、'.join(left)}没有计入,请另建一条规则。",)


def _notes(draft: Draft, lang: Lang) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(draft.approximations))
    if lang == "en":
        return tuple(f"Without a vision-language model I read '{word}' as 'is visible'." for word in words)
    return tuple(f"没有视觉语言模型时，“{word}”按“画面中能看到”来判断。" for word in words)


def _with_summary(plan: RulePlan, notes: tuple[str, ...]) -> RulePlan:
    return msgspec.structs.replace(plan, summary=summarise(plan, notes))
