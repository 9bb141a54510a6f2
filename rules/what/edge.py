"""What the edge engine can answer of a clause: objects of a detector's classes, and facts of the scene history.

Takes: one affirmative clause, zone names marked.
Gives: predicates with the logic over them, or the words that need a vision-language model.
Knows nothing about: which workers run, how predicates are evaluated."""

from dataclasses import replace

import msgspec

from contracts.plan import PredicateKind
from rules.what.behaviour import behaviour
from rules.what.edge_en import read_en
from rules.what.edge_zh import read_zh
from rules.what.hue import take_colour
from rules.what.reading import Reading, Unreadable
from rules.words import patterns
from rules.words.language import Lang

#: of what stands for an unknown thing no colour is known, and of two things either may be meant
_COLOURED: tuple[PredicateKind, ...] = ("objects", "stays", "still", "enters", "leaves", "crosses")
_CROWD_EN = r"\b(?:an?\s+)?(?:large\s+|big\s+)?(?:crowd|group|gathering|bunch)\s+of\s+"
_CROWD_ZH = r"一?大?群(?=人)"


def read_clause(text: str, lang: Lang, *, counted: bool = False) -> tuple[Reading, ...] | Unreadable:
    """Alternatives (joined by or), or what stands in the way. `counted`: a number says how many there must be."""
    if not counted:
        return _read(text, lang)
    # "a crowd of more than 10 people": the number says what a crowd is.
    plain = patterns.sub(_CROWD_EN if lang == "en" else _CROWD_ZH, "", text, patterns.IGNORECASE)
    readings = _read(plain, lang)
    if isinstance(readings, Unreadable) or len(readings) != 1:
        return readings
    return (replace(readings[0], text=text),) if readings[0].text == plain else readings


def _read(text: str, lang: Lang) -> tuple[Reading, ...] | Unreadable:
    over_time = behaviour(text, lang)
    if over_time is not None:
        return (Reading(text, (over_time,)),)
    colour, rest = take_colour(text, lang)
    read = read_en if lang == "en" else read_zh
    moves = behaviour(rest, lang) if colour else None
    readings = (Reading(text, (moves,)),) if moves else read(rest)
    if not colour:
        return readings
    whole = _in_colour(text, colour, readings) or read(text)
    if isinstance(whole, Unreadable) and isinstance(readings, Unreadable) and (readings.place or lang == "en"):
        # It is not the colour that is in the way; but 黄鼠狼 without its 黄 is no word.
        return readings
    return whole


def _in_colour(text: str, colour: str, readings: tuple[Reading, ...] | Unreadable) -> tuple[Reading, ...] | None:
    """Of one thing that is there; a person in red wears it, and of two things either may be meant."""
    if isinstance(readings, Unreadable) or len(readings) != 1 or len(readings[0].predicates) != 1:
        return None
    (thing,) = readings[0].predicates
    if thing.kind not in _COLOURED or "person" in thing.labels:
        return None
    return (Reading(text, (msgspec.structs.replace(thing, colour=colour),), readings[0].approximates),)
