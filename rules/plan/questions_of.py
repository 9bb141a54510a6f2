"""From a condition to questions: one per statement, each with what the edge engine would read for it.

Takes: a condition (clauses with polarity) or a sequence, names marked.
Gives: questions, the logic over their ids, and what the edge engine cannot read or reads broadly.
Knows nothing about: times, counts, status."""

import re
from dataclasses import dataclass, field, replace

import msgspec

from contracts.plan import TRACK_KINDS, Predicate, Question
from rules.asking.change import ONE_FRAME, frames_needed
from rules.what.condition import Clause, Condition
from rules.what.edge import read_clause
from rules.what.reading import Reading, Unreadable
from rules.what.wording import ask, in_full, in_small_letters
from rules.words.language import Lang, tidy
from rules.words.places import Marked
from rules.words.vocabulary import name_zh

#: a plain "fire or smoke" stays one question; longer lists are asked one by one
_MOST_IN_ONE = 3
_OF_ZONES = {"stays", "still", "enters", "leaves", "crosses"}


@dataclass(slots=True)
class Draft:
    """Grows while clauses are added; equal questions are one."""

    marked: Marked
    lang: Lang
    questions: list[Question] = field(default_factory=list)
    gaps: list[Unreadable] = field(default_factory=list)
    approximations: list[str] = field(default_factory=list)
    #: only a model that reads can answer the rule: then one that rides is one question, and the bicycle no second
    read_whole: bool = False
    #: a number says how many there must be
    counted: bool = False
    #: each clause is read once
    readings: dict[str, tuple[Reading, ...] | Unreadable] = field(default_factory=dict)

    def ask_once(self, text: str, predicate: Predicate | None) -> str:
        """The id of the question."""
        worded = ask(self.marked.spelled(in_small_letters(text)), self.lang)
        for known in self.questions:
            if known.text == worded and known.predicate == predicate:
                return known.id
        # Objects and scene facts are read off one frame, whatever the sentence says they do. What the tracks answer, a
        # model that reads may be asked where no detector is.
        follows = predicate is None or predicate.kind in TRACK_KINDS
        frames = frames_needed(worded, self.lang) if follows else ONE_FRAME
        question = Question(f"q{len(self.questions) + 1}", worded, predicate, frames)
        self.questions.append(question)
        return question.id

    def read(self, clause: Clause) -> tuple[Reading, ...] | Unreadable:
        """What the edge engine makes of it."""
        if clause.text not in self.readings:
            self.readings[clause.text] = read_clause(clause.text, self.lang, counted=self.counted)
        return self.readings[clause.text]

    def clause(self, clause: Clause, *, deep: bool = False, among: frozenset[str] = frozenset()) -> str:
        """The logic of one clause; `deep` inside a larger expression; `among`: what the clauses beside it look for."""
        clause = replace(clause, text=in_full(clause.text)) if self.lang == "en" else clause
        readings = self.read(clause)
        if clause.negated and among and not isinstance(readings, Unreadable) and among <= labels_of(readings):
            # "a car but not a taxi": to a detector both are a car.
            readings = Unreadable(clause.text)
        if isinstance(readings, Unreadable):
            # 前台 without the 台 that counts things: half a word says nothing.
            broken = self.lang == "zh" and (len(readings.words) < 2 or readings.words not in clause.text)
            words = clause.text if broken else readings.words
            self.gaps.append(Unreadable(self.marked.spelled(words), readings.place))
            term = self._listed(clause.text)
        else:
            zones = self.marked.zones_in(clause.text)
            term = " or ".join(self._reading(placed(each, zones), several=len(readings) > 1) for each in readings)
        if clause.negated:
            return f"not ({term})" if " " in term else f"not {term}"
        return f"({term})" if deep and " or " in term else term

    def _reading(self, reading: Reading, *, several: bool) -> str:
        if reading.approximates:
            self.approximations.append(reading.approximates)
        if len(reading.predicates) == 1 or self.read_whole:
            return self.ask_once(reading.text, reading.predicates[0] if len(reading.predicates) == 1 else None)
        first, *others = reading.predicates
        ids = [self.ask_once(reading.text, first)]
        ids += [self.ask_once(_thing(other, self.lang), other) for other in others]
        joined = " and ".join(dict.fromkeys(ids))
        return f"({joined})" if several and " " in joined else joined

    def _listed(self, text: str) -> str:
        parts = [part for part in re.split(r"\s*(?:,\s*or\b|,|\bor\b|或者|或是|或)\s*", text) if tidy(part, self.lang)]
        if len(parts) <= _MOST_IN_ONE:
            return self.ask_once(text, None)
        return " or ".join(dict.fromkeys(self.ask_once(part, None) for part in parts))


def labels_of(readings: tuple[Reading, ...]) -> frozenset[str]:
    """The classes it is about: a guard who enters is a person who enters; empty where a colour tells them apart."""
    predicates = [predicate for each in readings for predicate in each.predicates]
    told = any(predicate.colour for predicate in predicates)
    return frozenset() if told else frozenset(label for predicate in predicates for label in predicate.labels)


def _among(draft: Draft, group: tuple[Clause, ...]) -> frozenset[str]:
    """Of the first clause that is not denied."""
    first = next((clause for clause in group if not clause.negated), None)
    readings = draft.read(first) if first else Unreadable("")
    return frozenset() if isinstance(readings, Unreadable) else labels_of(readings)


def placed(reading: Reading, zones: tuple[str, ...]) -> Reading:
    """Who goes in and out is known by zone; where a thing stands the judge sees by itself."""
    if not zones:
        return reading
    predicates = tuple(
        msgspec.structs.replace(each, zones=zones) if each.kind in _OF_ZONES else each for each in reading.predicates
    )
    return replace(reading, predicates=predicates)


def _thing(predicate: Predicate, lang: Lang) -> str:
    """Words for a predicate that stands beside another: the bicycle of "riding a bicycle"."""
    if lang == "en":
        return " or ".join(f"{'an' if label[0] in 'aeiou' else 'a'} {label}" for label in predicate.labels)
    return "有" + "或".join(name_zh(label) for label in predicate.labels)


def draft_condition(draft: Draft, condition: Condition) -> str:
    """The logic of the whole condition."""
    several = len(condition.anyof) > 1
    clauses = [clause for group in condition.anyof for clause in group]
    draft.read_whole = any(isinstance(draft.read(each), Unreadable) for each in clauses)
    groups = []
    for group in condition.anyof:
        among = _among(draft, group)
        terms = [draft.clause(clause, deep=several or len(group) > 1, among=among) for clause in group]
        # What holds and does not hold never alerts: then two clauses read alike, and the plain one counts.
        joined = " and ".join(
            dict.fromkeys(term for term in terms if term.removeprefix("not ") == term or term[4:] not in terms)
        )
        groups.append(f"({joined})" if several and " and " in joined else joined)
    return " or ".join(dict.fromkeys(groups))


#: after these 后 is when, and 门后 is a place unless somebody goes through the door
_AFTER_ZH = r"(?:之后|以后|(?<=[进出关开过回]门)后|(?<![门车身背墙屋柜台树午最前])后)$"


def _without_order(text: str) -> str:
    """先 and 后 say what comes first, and nothing that can be seen."""
    return re.sub(_AFTER_ZH, "", re.sub(r"^[\s,]*先(?!生)", "", text)) or text


def draft_sequence(draft: Draft, first: Clause, second: Clause) -> str:
    """Always two terms, so that the machine can tell A from B."""
    if draft.lang == "zh":
        first, second = (replace(each, text=_without_order(each.text)) for each in (first, second))
    terms = [draft.clause(first), draft.clause(second)]
    return " and ".join(f"({term})" if " and " in term or " or " in term else term for term in terms)
