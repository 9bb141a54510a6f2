"""What is always in the picture: a door, a lid, a conveyor.

Takes: an English subject and what is denied of it.
Gives: whether it need not be asked for before that.
Knows nothing about: negators; see denied_en.py. Chinese ones are in whose_zh.py."""

from rules.words import patterns
from rules.words.vocabulary import ANIMALS, VEHICLES, labels_en

#: what is built in is always in the picture: without it a door need not be asked for before whether it is shut
_BUILT_IN_EN = (
    r"\b(?:doors?|gates?|windows?|hatch(?:es)?|shutters?|lids?|covers?|lights?|lamps?|taps?|valves?|switch(?:es)?|barriers?|bins?"
    r"|dumpsters?|safes?|lockers?|cabinets?|drawers?|fridges?|freezers?|curtains?|blinds?|conveyors?|machines?|press(?:es)?|belts?"
    r"|pumps?|fans?|elevators?|lifts?|escalators?|excavations?|pits?|holes?|trench(?:es)?|manholes?|stairs?|exits?|corridors?"
    r"|aisles?|paths?|floors?|rooms?|areas?|fences?|shel(?:f|ves)|signs?|screens?|ovens?|stoves?|ramps?|roofs?|walls?|panels?"
    r"|pools?|it|they|this|that)$"
)
_SHUT_EN = (
    r"(?:been\s+)?(?:(?:fully|properly|completely|tightly)\s+)?(?:closed|shut|locked|lit|switched|turned"
    r"|sealed|fenced|latched|bolted)\b"
)


def is_built_in(subject: str, right: str) -> bool:
    """A door need not be there before it can be open; a truck must."""
    thing = patterns.sub(r"^(?:an?|any|the)\s+", "", subject, patterns.IGNORECASE)
    if {*labels_en(thing)} & {*VEHICLES, *ANIMALS, "bicycle", "boat"}:
        return False
    head = patterns.split(r"\s+(?:in|on|at|near|by|to|with|from)\b|\s+of\b(?! the press)", thing)[0]
    return bool(
        patterns.search(_BUILT_IN_EN, head, patterns.IGNORECASE) or patterns.match(_SHUT_EN, right, patterns.IGNORECASE)
    )
