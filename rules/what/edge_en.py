"""What the edge engine can answer of an English clause.

Takes: one affirmative clause, zone names marked, no colour in it.
Gives: predicates with the logic over them, or the words that need a vision-language model.
Knows nothing about: what several pictures show; see behaviour.py."""

import re

from contracts.plan import Predicate
from rules.what.reading import Reading, Unreadable, joined, keeping
from rules.what.scene import scene_fact
from rules.words.places import ZONE
from rules.words.vocabulary import PERSON_EN, labels_en, rider_en

_GENERIC_EN = (
    r"\b(?:(?:in|into|on|inside|within|of|from|through)\s+(?:the\s+|this\s+)?(?:picture|image|camera|view"
    r"|video|screen|frame|scene|footage|sight)(?:'s (?:view|field))?|in front of the (?:camera|lens)|on camera"
    r"|in (?:full )?view|here|there|anywhere|somewhere|at all|around)\b"
)
_ZONE_PHRASE_EN = (
    r"\b(?:in|into|on|onto|at|near|by|inside|within|around|from|through|to|towards?|along|past|next to"
    rf"|close to|beside|over|across|enters?|entering)\s+(?:the\s+|my\s+|our\s+)?{ZONE}(?:\s+(?:area|zone))?"
    rf"|{ZONE}"
)


def read_en(text: str) -> tuple[Reading, ...] | Unreadable:
    plain = re.sub(
        _ZONE_PHRASE_EN, lambda match: " enters " if match[0].lower().startswith("enter") else " ", text.lower()
    )
    plain = " ".join(re.sub(_GENERIC_EN, " ", plain).split()).strip(" ,.;")
    kind = scene_fact(plain, "en")
    if kind:
        return (Reading(text, (Predicate(kind),)),)
    readings: list[Reading] = []
    subject = ""
    for part in re.split(r"\s*(?:,\s*or\b|,|\bor\b|/)\s*", plain):
        if not part:
            continue
        found = _alternative_en(part, subject)
        if isinstance(found, Unreadable):
            return found
        readings.append(found)
        subject = subject or next((word for word in part.split() if word in PERSON_EN), "")
    return joined(text, readings) if readings else Unreadable(text)


_RIDES_EN = re.compile(
    r"(?:(?:is|are)\s+)?\b(?:rid(?:es?|ing)|on)\s+(?:an?\s+|the\s+|his\s+|her\s+"
    r"|their\s+)?(?P<what>bicycles?|bikes?|motorcycles?|motorbikes?|scooters?|mopeds?|horses?"
    r"|skateboards?)\b|(?:(?:is|are)\s+)?\b(?P<cycles>cycl(?:es?|ing)|bicycl(?:es|ing)"
    r"|biking)\b(?!\s*\w*\s*(?:is|are) )"
)
_WALKS_EN = re.compile(
    r"(?:(?:is|are)\s+)?\b(?:walk(?:s|ing)?|stroll(?:s|ing)?|on foot)\b(?:\s+(?:by|past|along|through"
    r"|around|about|in))?"
)
_LINGERS_EN = re.compile(
    r"(?:(?:is|are|has been|have been)\s+)?\b(?:loiter\w*|linger\w*|hang(?:s|ing)? (?:around|about|out)"
    r"|hang(?:s|ing)?|parked|parks?|parking(?!\s+(?:area|lot|space|bay|spot|garage))|stops?|stopped"
    r"|stopping|sits? still|standing still)\b"
)
_STILL_EN = re.compile(r"park|stop|still$")
_STAYS_EN = re.compile(r"\b(?:stay(?:s|ing)?|remain(?:s|ing)?|wait(?:s|ing)?)\b")
_PRESENT_EN = re.compile(
    r"\b(?:is|are|be|been|being|has|have|can be|visible|appear(?:s|ing)?|show(?:s|ing)? up|seen|present"
    r"|detected|enter(?:s|ing)?|com(?:es?|ing) (?:in(?:to)?|by|up|near)|com(?:es?|ing)|arriv(?:es?|ing)"
    r"|stand(?:s|ing)?|pass(?:es|ing)?(?: by| through)?|stay(?:s|ing)?|remain(?:s|ing)?|wait(?:s|ing)?"
    r"|still|a|an|the|any|some|one|other|single|left|at least|more|of|number)\b"
)
_PLACE_EN = re.compile(
    r"^(?P<thing>.*?)\b(?:in|on|at|near|by|inside|outside|behind|under|over|around|along|to|into|from"
    r"|through|past|between|across|beside|next to|in front of|towards?|against|within|off|above"
    r"|below)\b\s+(?P<place>.+)$"
)


def _alternative_en(part: str, subject: str) -> Reading | Unreadable:
    rides, walks = _RIDES_EN.search(part), _WALKS_EN.search(part)
    if rides:
        what = rides["what"] or "bicycle"
        rest = _objects_en((part[: rides.start()] + " " + part[rides.end() :]).strip() or subject or "person")
        both = rest if isinstance(rest, Unreadable) else (*rest, Predicate("objects", labels_en(what)))
        return (
            both
            if isinstance(both, Unreadable)
            else Reading(_with_subject(part, rides.start(), subject), both, "riding")
        )
    lingers = _LINGERS_EN.search(part)
    verb = walks or lingers
    if verb:
        rest = _objects_en((part[: verb.start()] + " " + part[verb.end() :]).strip() or subject)
        if isinstance(rest, Unreadable):
            return rest
        said = _with_subject(part, verb.start(), subject)
        if not lingers:
            return Reading(said, rest, "walking")
        return keeping(said, rest, "still" if _STILL_EN.search(verb[0]) else "stays", verb[0].split()[-1])
    found = _objects_en(part)
    if isinstance(found, Unreadable):
        return found
    return keeping(part, found, "stays") if _STAYS_EN.search(part) else Reading(part, found)


def _with_subject(part: str, verb_at: int, subject: str) -> str:
    return part if part[:verb_at].strip() else f"{subject or 'someone'} {part}"


def _objects_en(part: str) -> tuple[Predicate, ...] | Unreadable:
    """Each thing of "a car and a person" is one predicate."""
    found: list[Predicate] = []
    for thing in re.split(r"\s*(?:\band\b|&|\bwith\b|\btogether with\b)\s*", part):
        bare = " ".join(_PRESENT_EN.sub(" ", thing).split()).strip(" ,.;")
        if not bare:
            continue
        if rider_en(bare):
            found += [Predicate("objects", ("person",)), Predicate("objects", rider_en(bare))]
            continue
        labels = labels_en(bare)
        if labels:
            found.append(Predicate("objects", labels))
            continue
        place = _PLACE_EN.match(thing)
        head = " ".join(_PRESENT_EN.sub(" ", place["thing"]).split()) if place else ""
        if place and labels_en(head):
            where = place["place"].strip()
            # A zone has a name: "near a child" and "under people" mean whoever is there.
            is_named = not re.match(r"(?:an?|any|some|another|two|three|people|someone|somebody|other)\b", where)
            named = re.sub(r"^(?:the|a|an|my|our)\b\s*", "", where)
            # The zone was taken out: what is left says how the thing stands to it.
            return Unreadable(named, place=is_named) if named else Unreadable(_strange_en(part))
        return Unreadable(_strange_en(bare or part))
    return tuple(dict.fromkeys(found)) or Unreadable(part)


_FUNCTION_WORDS_EN = frozenset(
    (
        "the a an its his her their my our your this that these those it they he she who which than as so not wearing"
    ).split()
)


def _strange_en(words: str) -> str:
    """The part that is not a thing the detector knows."""
    unknown = [word for word in (each.strip(",.:;") for each in words.split()) if word and not labels_en(word)]
    telling = [word for word in unknown if word not in _FUNCTION_WORDS_EN]
    return next(iter(telling or unknown), words)
