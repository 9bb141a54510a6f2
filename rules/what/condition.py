"""What must hold: an `or` of `and`s over affirmative statements.

Takes: clauses.
Gives: Clause, Condition.
Knows nothing about: how they were read; see polarity.py."""

from dataclasses import dataclass

from rules.words import patterns


@dataclass(frozen=True, slots=True)
class Clause:
    """One affirmative statement; `negated`: the rule wants it not to hold."""

    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """An `or` of `and`s. `absent`: the trigger is that the one clause does not hold, for a time."""

    anyof: tuple[tuple[Clause, ...], ...]
    absent: bool = False
    inverted_count: bool = False

    @property
    def negated(self) -> bool:
        return any(clause.negated for group in self.anyof for clause in group)


def single(text: str) -> Condition:
    """One clause, taken as it stands."""
    return Condition(((Clause(text),),))


#: "a dog and a cat" is one question; a longer list is asked one by one
_MOST_TOGETHER = 3


def listed(text: str, joint: str) -> Condition:
    """A long list joined by `and`; one joined by commas or `or` is questions_of.py's, which asks for any of them."""
    parts = [part.strip() for part in patterns.split(joint, text) if part.strip()]
    commas = [part.strip() for part in text.split(",") if part.strip()]
    if len(commas) > _MOST_TOGETHER and len(parts) == 2:
        return single(patterns.sub(joint, ", ", text))
    if len(parts) <= _MOST_TOGETHER or len(commas) > 1:
        return single(text)
    return Condition((tuple(Clause(part) for part in parts),))
