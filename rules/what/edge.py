"""What the edge engine can answer of a clause: objects of a detector's classes, and facts of the scene history.

Takes: one affirmative clause, zone names marked.
Gives: predicates with the logic over them, or the words that need a vision-language model.
Knows nothing about: which workers run, how predicates are evaluated."""

import re
from dataclasses import dataclass

from contracts.plan import Predicate, TrackKind
from rules.what.behaviour import behaviour
from rules.what.hue import take_colour
from rules.what.scene import scene_fact
from rules.words.language import Lang
from rules.words.places import ZONE
from rules.words.vocabulary import PERSON_EN, WORDS_ZH, labels_en, labels_zh, rider_en


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


_GENERIC_EN = (
    r"\b(?:(?:in|into|on|inside|within|of|from|through)\s+(?:the\s+|this\s+)?(?:picture|image|camera|view"
    r"|video|screen|frame|scene|footage|sight)(?:'s (?:view|field))?|in front of the (?:camera|lens)|on camera"
    r"|in (?:full )?view|here|there|anywhere|somewhere|at all|around)\b"
)
_GENERIC_ZH = r"(?:在)?(?:画面|镜头|视野|图像|监控|视频)(?:当中|之?中|里面|里|内|上|前)?|任何地方|这里|那里|附近"
_ZONE_PHRASE_EN = (
    r"\b(?:in|into|on|onto|at|near|by|inside|within|around|from|through|to|towards?|along|past|next to"
    rf"|close to|beside|over|across|enters?|entering)\s+(?:the\s+|my\s+|our\s+)?{ZONE}(?:\s+(?:area|zone))?"
    rf"|{ZONE}"
)
_ZONE_PHRASE_ZH = (
    rf"(?:走进|走入|闯入|跑进|开进|驶入|驶进|在|进入|进|到|往|从|靠近)?{ZONE}(?:区域|区)?(?:附近|旁边|周围|里面"
    r"|上面|前面|门口|[里内上中处旁边前])?(?:的)?"
)


def read_clause(text: str, lang: Lang) -> tuple[Reading, ...] | Unreadable:
    """Alternatives (joined by or), or what stands in the way."""
    over_time = behaviour(text, lang)
    if over_time is not None:
        return (Reading(text, (over_time,)),)
    colour, rest = take_colour(text, lang)
    read = _read_en if lang == "en" else _read_zh
    readings = read(rest)
    if not colour:
        return readings
    # What the thing does takes several frames, and its colour is known of one.
    told = None if behaviour(rest, lang) else _in_colour(text, colour, readings)
    return told or read(text)


def _in_colour(text: str, colour: str, readings: tuple[Reading, ...] | Unreadable) -> tuple[Reading, ...] | None:
    """Of one thing that is there; a person in red wears it, and of two things either may be meant."""
    if isinstance(readings, Unreadable) or len(readings) != 1 or len(readings[0].predicates) != 1:
        return None
    (thing,) = readings[0].predicates
    if thing.kind != "objects" or "person" in thing.labels:
        return None
    return (Reading(text, (Predicate("objects", thing.labels, colour=colour),), readings[0].approximates),)


def _read_en(text: str) -> tuple[Reading, ...] | Unreadable:
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
    return _joined(text, readings) if readings else Unreadable(text)


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
        return _keeping(said, rest, "still" if _STILL_EN.search(verb[0]) else "stays", verb[0].split()[-1])
    found = _objects_en(part)
    if isinstance(found, Unreadable):
        return found
    return _keeping(part, found, "stays") if _STAYS_EN.search(part) else Reading(part, found)


def _keeping(said: str, things: tuple[Predicate, ...], kind: TrackKind, word: str | None = None) -> Reading:
    """One thing is followed; of several that must be there together it is only known that they are."""
    if len(things) != 1:
        return Reading(said, things, word)
    return Reading(said, (Predicate(kind, things[0].labels),))


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
            return Unreadable(re.sub(r"^(?:the|a|an|my|our)\s+", "", where), place=is_named)
        return Unreadable(_strange_en(bare or part))
    return tuple(dict.fromkeys(found)) or Unreadable(part)


def _strange_en(words: str) -> str:
    """The part that is not a thing the detector knows."""
    unknown = [word for word in words.split() if not labels_en(word)]
    return unknown[0] if unknown else words


def _joined(text: str, readings: list[Reading]) -> tuple[Reading, ...]:
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


_RIDES_ZH = re.compile(r"骑(?:着|行)?(?P<what>自行车|单车|脚踏车|摩托车?|电动车|电瓶车|车|马)?(?:的)?|骑行")
_WALKS_ZH = re.compile(r"步行|走路|行走|走过|走动|散步|徒步|走来走去|走(?!进|入|到)")
_LINGERS_ZH = re.compile(r"徘徊|逗留|滞留|停留|停放|停着|停在|停(?=车)|停下|停")
_PRESENT_ZH = re.compile(
    r"出现|看到|看见|能看|可见|经过|路过|进入|走进|走入|闯入|进来|来了|出入|停留|站着|站在|站|待在|呆在"
    r"|存在|现身|[有在里内中上处进来了的着一个名位辆只条台匹头些是被正能,,\s]"
)


def _read_zh(text: str) -> tuple[Reading, ...] | Unreadable:
    plain = re.sub(_ZONE_PHRASE_ZH, "", text)
    kind = scene_fact(plain.strip(), "zh")
    plain = re.sub(_GENERIC_ZH, "", plain).strip(" ,.;")
    kind = kind or scene_fact(plain, "zh")
    if kind:
        return (Reading(text, (Predicate(kind),)),)
    readings: list[Reading] = []
    for part in re.split(r"或者|或是|或|,|/", plain):
        if not part:
            continue
        found = _alternative_zh(part, "有人" if readings else "")
        if isinstance(found, Unreadable):
            return found
        readings.append(found)
    return _joined(text, readings) if readings else Unreadable(text)


def _alternative_zh(part: str, subject: str) -> Reading | Unreadable:
    for verb, word in ((_RIDES_ZH, "骑"), (_WALKS_ZH, "步行"), (_LINGERS_ZH, "停留")):
        match = verb.search(part)
        if not match:
            continue
        rest = part[: match.start()] + part[match.end() :]
        found = _objects_zh(rest if rest.strip("的在") else subject or "人")
        if isinstance(found, Unreadable):
            return found
        ridden = labels_zh(match.groupdict().get("what") or "自行车") if word == "骑" else ()
        if match.groupdict().get("what") == "车":
            ridden = ("bicycle", "motorcycle")
        both = (*found, Predicate("objects", ridden)) if ridden else found
        if word != "停留":
            return Reading(part if "人" in part else f"有人{part}", both, word)
        return _keeping(part, both, "still" if match[0].startswith("停") and match[0] != "停留" else "stays", word)
    found = _objects_zh(part)
    return found if isinstance(found, Unreadable) else Reading(part, found)


_BY_FIRST: dict[str, tuple[str, ...]] = {
    first: tuple(word for word in WORDS_ZH if word[0] == first) for first in {word[0] for word in WORDS_ZH}
}


def _objects_zh(part: str) -> tuple[Predicate, ...] | Unreadable:
    found: list[Predicate] = []
    strange, at, noun_end = "", 0, -1
    while at < len(part):
        word = next((word for word in _BY_FIRST.get(part[at], ()) if part.startswith(word, at)), None)
        present = None if _acts_on(part, at, noun_end) else _PRESENT_ZH.match(part, at)
        if present and (word is None or len(present[0]) >= len(word)):
            at = present.end()
        elif word:
            # 猫狗 without a word between them means either.
            beside = found.pop().labels if noun_end == at and at else ()
            found.append(Predicate("objects", tuple(dict.fromkeys((*beside, *labels_zh(word))))))
            at += len(word)
            noun_end = at
        elif part[at] in "和与跟及":
            at += 1
        else:
            strange, at = strange + part[at], at + 1
    return Unreadable(strange or part) if strange or not found else tuple(dict.fromkeys(found))


def _acts_on(part: str, at: int, noun_end: int) -> bool:
    """狗上沙发: between two things 上 says what the one does to the other."""
    return (
        noun_end == at > 0
        and part[at] in "上下进"
        and part[at + 1 : at + 2] != "有"
        and any(part.startswith(word, at + 1) for word in _BY_FIRST.get(part[at + 1 : at + 2], ()))
    )
