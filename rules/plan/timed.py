"""Predicates get the seconds that the sentence names, since a track counts its own.

Takes: the questions of a draft, the plan's temporal operator and logic.
Gives: the questions with their seconds; what is read more broadly than it was said.
Knows nothing about: sentences, tracks.

Somebody who stays for a minute is one person for a minute: that two people come and go for so long is not it."""

from collections.abc import Sequence

import msgspec

from contracts.plan import Predicate, Question, Temporal
from rules.incidents.thresholds import LINGER_S
from rules.tracks.numbers import ALONE_S, STILL_S
from rules.words import patterns
from rules.words.language import Lang

#: "left unattended with nobody in the picture", and no time named
UNSEEN_OWNER_S = 2.0
_COUNTED_BY_TRACKS = {"stays", "still", "left"}
_STANDING_IN = {"left", "removed"}
_NOTE = {
    "en": (
        "Where the detector does not know the thing, I take whatever new thing stands where somebody stood;"
        " it is alone when nobody is within a step of it."
    ),
    "zh": "检测模型不认识该物品时，把有人停留处新出现的静止物体当作它；一步之内没有人，就算无人看管。",
}


_THEFT = r"\b(?:steal\w*|stole\w*|thefts?|robs?|robbed|robbing)\b|[偷盗窃]"
_THEFT_NOTE = {
    "en": "Without a vision-language model I see that something is taken away, and not whether it is stolen.",
    "zh": "没有视觉语言模型时，我只看得出东西被拿走，看不出是不是偷。",
}


def timed(questions: Sequence[Question], temporal: Temporal, logic: str) -> tuple[Question, ...]:
    """Where several conditions must hold together for a time, the rule's machine counts, and staying is being there."""
    alone = temporal.kind == "sustained" and len(questions) == 1 and logic == questions[0].id
    held_s = (LINGER_S if temporal.seconds is None else temporal.seconds) if alone else None
    if held_s is None and any(f"not {each.id}" in logic and _is_person(each.predicate) for each in questions):
        # Nobody in the whole picture says more than nobody within a step, so that it need not last as long.
        held_s = UNSEEN_OWNER_S if any(each.predicate and each.predicate.kind == "left" for each in questions) else None
    return tuple(
        msgspec.structs.replace(each, predicate=_timed(each.predicate, held_s)) if each.predicate else each
        for each in questions
    )


def _is_person(predicate: Predicate | None) -> bool:
    return predicate is not None and predicate.kind == "objects" and predicate.labels == ("person",)


def track_notes(questions: Sequence[Question], lang: Lang) -> tuple[str, ...]:
    """For the summary and for `answerable`."""
    kinds = {each.predicate.kind for each in questions if each.predicate}
    taken = [each.text for each in questions if each.predicate and each.predicate.kind == "removed"]
    theft = any(patterns.search(_THEFT, text, patterns.IGNORECASE) for text in taken)
    return (*((_THEFT_NOTE[lang],) if theft else ()), *((_NOTE[lang],) if kinds & _STANDING_IN else ()))


def _timed(predicate: Predicate, held_s: float | None) -> Predicate:
    if predicate.kind not in _COUNTED_BY_TRACKS:
        return predicate
    if held_s is not None:
        return msgspec.structs.replace(predicate, seconds=held_s)
    if predicate.kind == "stays":
        return Predicate("objects", predicate.labels, colour=predicate.colour)
    return msgspec.structs.replace(predicate, seconds=STILL_S if predicate.kind == "still" else ALONE_S)
