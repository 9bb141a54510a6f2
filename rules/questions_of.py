"""From a condition to questions: one per statement, each with what the edge engine would read for it.

Takes: a condition (clauses with polarity) or a sequence, names marked.
Gives: questions, the logic over their ids, and what the edge engine cannot read or reads broadly.
Knows nothing about: times, counts, status."""

import re
from dataclasses import dataclass, field, replace

import msgspec

from contracts.plan import TRACK_KINDS, Predicate, Question
from rules.change import ONE_FRAME, frames_needed
from rules.condition import Clause, Condition
from rules.edge import Reading, Unreadable, read_clause
from rules.language import Lang, tidy
from rules.places import Marked
from rules.wording import ask

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

    def ask_once(self, text: str, predicate: Predicate | None) -> str:
        """The id of the question."""
        worded = ask(self.marked.spelled(text), self.lang)
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

    def clause(self, clause: Clause, *, deep: bool = False) -> str:
        """The logic of one clause; `deep` inside a larger expression."""
        readings = read_clause(clause.text, self.lang)
        if isinstance(readings, Unreadable):
            self.gaps.append(Unreadable(self.marked.spelled(readings.words), readings.place))
            term = self._listed(clause.text)
        else:
            zones = self.marked.zones_in(clause.text)
            placed = [_placed(each, zones) for each in readings]
            term = " or ".join(self._reading(each, several=len(readings) > 1) for each in placed)
        if clause.negated:
            return f"not ({term})" if " " in term else f"not {term}"
        return f"({term})" if deep and " or " in term else term

    def _reading(self, reading: Reading, *, several: bool) -> str:
        if reading.approximates:
            self.approximations.append(reading.approximates)
        if len(reading.predicates) == 1:
            return self.ask_once(reading.text, reading.predicates[0])
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


def _placed(reading: Reading, zones: tuple[str, ...]) -> Reading:
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
    return "有" + "或".join(_NAMES_ZH.get(label, label) for label in predicate.labels)


_NAMES_ZH = {
    "person": "人",
    "bicycle": "自行车",
    "car": "汽车",
    "motorcycle": "摩托车",
    "truck": "卡车",
    "bus": "公交车",
    "dog": "狗",
    "cat": "猫",
    "horse": "马",
}


def draft_condition(draft: Draft, condition: Condition) -> str:
    """The logic of the whole condition."""
    several = len(condition.anyof) > 1
    groups = []
    for group in condition.anyof:
        terms = [draft.clause(clause, deep=several or len(group) > 1) for clause in group]
        joined = " and ".join(dict.fromkeys(terms))
        groups.append(f"({joined})" if several and " and " in joined else joined)
    return " or ".join(dict.fromkeys(groups))


def draft_sequence(draft: Draft, first: Clause, second: Clause) -> str:
    """Always two terms, so that the machine can tell A from B."""
    terms = [draft.clause(first), draft.clause(second)]
    return " and ".join(f"({term})" if " and " in term or " or " in term else term for term in terms)
