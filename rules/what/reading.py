"""What the edge engine would answer of a clause, or what stands in its way.

Takes: predicates, and the words that they say.
Gives: Reading, Unreadable; several readings side by side as one where they are of a kind.
Knows nothing about: languages."""

from dataclasses import dataclass

from contracts.plan import Predicate, TrackKind


@dataclass(frozen=True, slots=True)
class Reading:
    """One alternative of a clause: `text` says it, and all of `predicates` must hold together.

    `approximates`: the word that is read more broadly than it was meant ('walking' as 'a person is visible')."""

    text: str
    predicates: tuple[Predicate, ...]
    approximates: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The edge engine cannot answer it; `place`: the words name a place that is no zone."""

    words: str
    place: bool = False


def keeping(said: str, things: tuple[Predicate, ...], kind: TrackKind, word: str | None = None) -> Reading:
    """One thing is followed; of several that must be there together it is only known that they are."""
    if len(things) != 1:
        return Reading(said, things, word)
    return Reading(said, (Predicate(kind, things[0].labels),))


def joined(text: str, readings: list[Reading]) -> tuple[Reading, ...]:
    """Plain things side by side are one question: "a dog or a cat"."""
    kinds = {predicate.kind for each in readings for predicate in each.predicates}
    plain = all(len(each.predicates) == 1 for each in readings) and len(kinds) == 1
    if len(readings) == 1:
        return (Reading(text, readings[0].predicates, readings[0].approximates),)
    if plain:
        labels = tuple(dict.fromkeys(label for each in readings for label in each.predicates[0].labels))
        broad = next((each.approximates for each in readings if each.approximates), None)
        return (Reading(text, (Predicate(kinds.pop(), labels),), broad),)
    return tuple(readings)
