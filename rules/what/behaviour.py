"""What a clause says that only several pictures show: left behind, taken away, going in or out, being near.

Takes: one affirmative clause, zone names marked.
Gives: the predicate that the tracks answer, where the whole clause says just that.
Knows nothing about: how things are followed; staying and standing still are read with the verbs in edge.py."""

import re
from collections.abc import Callable

from contracts.plan import Predicate, TrackKind
from rules.words import patterns
from rules.words.language import Lang
from rules.words.places import ZONE
from rules.words.vocabulary import PERSON_EN, WORDS_ZH, labels_en, labels_zh

#: things without a class of their own: whatever somebody put down
_ANYTHING_EN = frozenset(
    "something anything object objects item items thing things package packages parcel parcels box boxes".split()
)
_ANYTHING_ZH = ("东西", "物体", "物品", "可疑物品", "不明物体", "包裹", "箱子", "快递", "异物")
_WHO_EN = r"(?:someone|somebody|anyone|anybody|an?\s+(?:person|man|woman|visitor|passenger|worker)|people)"
_WHO_ZH = r"(?:有人|某人|行人|人员|人)"
_IS_EN = r"(?:(?:is|are|was|were|gets?|has been|have been|being|stays?|remains?|stands?|lies|sits?)\s+)*"
_WHERE_EN = r"(?:\s+(?:on|at) (?:the|my) (?:ground|floor|pavement|sidewalk|street|road|platform))?"
_TO_ZONE_EN = rf"(?:the\s+|my\s+|our\s+)?(?P<zone>{ZONE})(?:\s+(?:area|zone|line))?"
_IN_ZONE_EN = rf"\s+(?:in|on|at|near|by|inside|within|from)\s+(?:the\s+|my\s+|our\s+)?{ZONE}(?:\s+(?:area|zone))?"
_NO_PLACE_EN = rf"(?:{_IN_ZONE_EN})?"
_LOST_EN = r"(?:unattended|abandoned|forgotten|left[- ]behind|unguarded)"
_SEEN_EN = r"(?:\s+(?:is|are))?(?:\s+(?:visible|seen|there|detected|left behind))?"
_TAKES_EN = r"(?:tak(?:es?|ing)|steal(?:s|ing)?|remov(?:es?|ing)|carr(?:ies|ying)|pick(?:s|ing)? up)"

_PATTERNS_EN: tuple[tuple[TrackKind, str], ...] = (
    (
        "left",
        (
            rf"(?P<thing>.+?)\s+{_IS_EN}(?:left|abandoned|unattended|forgotten|unguarded)"
            rf"(?:\s+(?:behind|alone|unattended|unguarded|standing|lying|there))*{_WHERE_EN}{_NO_PLACE_EN}"
        ),
    ),
    (
        "left",
        (
            rf"(?:there is\s+)?(?:an?\s+|the\s+|any\s+|some\s+)?{_LOST_EN}\s+(?P<thing>.+?)"
            rf"{_SEEN_EN}{_WHERE_EN}{_NO_PLACE_EN}"
        ),
    ),
    (
        "left",
        (
            rf"{_WHO_EN}\s+(?:is\s+|are\s+)?(?:leav(?:es?|ing)|abandon(?:s|ing)?|forgets?)\s+(?P<thing>(?:an?|his|her|their"
            rf"|the|some)\s+.+?|something)(?:\s+(?:behind|unattended|alone|there|standing|lying))*{_WHERE_EN}{_NO_PLACE_EN}"
        ),
    ),
    (
        "removed",
        (
            rf"(?P<thing>.+?)\s+{_IS_EN}(?:taken(?:\s+away)?|stolen|carried (?:away|off)|picked up|removed)"
            rf"{_NO_PLACE_EN}"
        ),
    ),
    (
        "removed",
        (
            rf"{_WHO_EN}\s+(?:is\s+|are\s+)?{_TAKES_EN}\s+(?P<thing>(?:an?|the|some|my|our)\s+.+?|something)"
            rf"(?:\s+(?:away|off))?{_NO_PLACE_EN}"
        ),
    ),
    (
        "enters",
        (
            rf"(?P<thing>.+?)\s+(?:is\s+|are\s+)?(?:enter(?:s|ing)?|(?:walk|driv|run|go|com|step|mov|cycl|pull|turn|rid)"
            rf"(?:e|es|s|ing|ning)?\s+(?:in(?:to|side)|onto))\s+{_TO_ZONE_EN}"
        ),
    ),
    (
        "leaves",
        (
            rf"(?P<thing>.+?)\s+(?:is\s+|are\s+)?(?:leav(?:es?|ing)|exit(?:s|ing)?|(?:walk|driv|run|go|com|step|mov|cycl"
            rf"|rid)(?:e|es|s|ing|ning)?\s+out of)\s+{_TO_ZONE_EN}"
        ),
    ),
    (
        "crosses",
        (
            rf"(?P<thing>.+?)\s+(?:is\s+|are\s+)?(?:cross(?:es|ing)?|(?:walk|driv|run|go|step|mov|pass|rid)"
            rf"(?:e|es|s|ing|ning)?\s+(?:across|over))\s+{_TO_ZONE_EN}"
        ),
    ),
    (
        "near",
        (
            rf"(?P<thing>.+?)\s+(?:(?:is|are|gets?|comes?|walks?|stands?|standing|goes|stays?|waits?)\s+)*"
            rf"(?:near|next to|beside|close to|approach(?:es|ing)?)\s+(?:to\s+)?(?P<other>.+?){_NO_PLACE_EN}"
        ),
    ),
    (
        "near",
        (
            rf"(?P<thing>.+?)\s+(?:(?:is|are|gets?|comes?|stands?|standing|sits?|sitting|stays?|too|very)\s+)*"
            rf"(?:(?:near|next to|beside|close to)\s+(?:each other|one another)|close together){_NO_PLACE_EN}"
        ),
    ),
)
_LEFT_ZH = r"(?:遗留|遗忘|遗弃|丢弃|遗落|落下|留下|丢下)"
_ALONE_ZH = r"(?:无人看管|没人看管|无人看守|无人认领|没人管|无人照看)"
_TAKEN_ZH = r"(?:拿走|取走|移走|搬走|偷走|带走|拿掉|盗走)"
_PATTERNS_ZH: tuple[tuple[TrackKind, str], ...] = (
    ("left", rf"(?:有)?(?P<thing>.+?)(?:被)?(?:人)?{_LEFT_ZH}(?:了|着|在地上|在那里|在{ZONE}[里内]?)*"),
    ("left", rf"(?P<thing>.+?)(?:处于)?{_ALONE_ZH}(?:了|着)?"),
    ("left", rf"{_WHO_ZH}(?:把)?{_LEFT_ZH}(?:了)?(?P<thing>.+)"),
    ("left", rf"(?:有)?(?:被)?(?:{_LEFT_ZH}|{_ALONE_ZH})的(?P<thing>.+)"),
    ("removed", rf"{_WHO_ZH}(?:把)?{_TAKEN_ZH}(?:了)?(?P<thing>.+)"),
    ("removed", rf"{_WHO_ZH}把(?P<thing>.+?){_TAKEN_ZH}(?:了)?"),
    ("removed", rf"(?P<thing>.+?)被(?:人)?{_TAKEN_ZH}(?:了)?"),
    (
        "enters",
        rf"(?P<thing>.+?)(?:进入|走进|走入|闯入|驶入|驶进|开进|跑进|进到|进)(?:了)?(?P<zone>{ZONE})(?:区域|区|里面|[里内中])?",
    ),
    ("leaves", rf"(?P<thing>.+?)(?:离开|走出|驶出|开出|跑出|退出)(?:了)?(?P<zone>{ZONE})(?:区域|区)?"),
    ("leaves", rf"(?P<thing>.+?)从(?P<zone>{ZONE})(?:区域|区)?[里内]?(?:出来|离开|走出来?|出去)(?:了)?"),
    ("crosses", rf"(?P<thing>.+?)(?:穿过|越过|跨过|横穿|穿越|跨越)(?:了)?(?P<zone>{ZONE})(?:区域|区)?"),
    ("near", r"(?P<thing>.+?)(?:在)?(?:靠近|接近|走近)(?:了)?(?P<other>.+)"),
    (
        "near",
        (
            r"(?P<thing>.+?)(?:之间)?(?:互相|相互|彼此)?(?:(?:靠|挨|贴|站|离|距离)得?(?:很|太|过于?|比较|非常)近"
            r"|(?:互相|相互|彼此)(?:靠近|接近|挨着|靠得近)|[靠挨]在一起)(?:了|的)?"
        ),
    ),
    ("near", r"在?(?P<other>.+?)(?:的)?(?:旁边|附近|边上|身边|旁)有(?P<thing>.+)"),
    ("near", r"(?P<thing>.+?)(?:站|停|待|出现)?在(?P<other>.+?)(?:的)?(?:旁边|附近|边上|身边|旁)"),
)
#: a clause is longer only where it says more than this
_LONGEST = 200
_PLAIN_EN = re.compile(r"\b(?:an?|the|any|some|one|another|my|our|his|her|their|of|there (?:is|are)|small|large|big)\b")
_PLAIN_ZH = re.compile(r"[有一个只件辆名位的了着在被]")


def behaviour(text: str, lang: Lang) -> Predicate | None:
    """None: it says something else, or names a thing that is not known."""
    plain = " ".join(text.lower().split()).strip(" ,.;")
    if len(plain) > _LONGEST:
        return None
    for kind, pattern in _PATTERNS_EN if lang == "en" else _PATTERNS_ZH:
        match = patterns.fullmatch(pattern, plain)
        predicate = _predicate(kind, match, _en if lang == "en" else _zh) if match else None
        if predicate is not None:
            return predicate
    return None


def _predicate(
    kind: TrackKind, match: re.Match[str], read: Callable[[str], tuple[str, ...] | None]
) -> Predicate | None:
    thing = match["thing"]
    if kind in {"left", "removed"}:
        # "the box in the aisle", 通道里的东西: the plan holds the zone already
        thing = patterns.sub(rf"^在?{ZONE}(?:区域|区)?[里内上中]?面?的?|{_IN_ZONE_EN}$", "", thing)
    labels = read(thing)
    if labels is None:
        return None
    if kind in {"left", "removed"}:
        return None if "person" in labels else Predicate(kind, labels)
    if kind != "near":
        return Predicate(kind, labels) if labels else None
    # "close to each other": each is the other's other.
    others = read(match["other"]) if "other" in match.groupdict() else labels
    return Predicate(kind, labels, others) if labels and others else None


def _en(words: str) -> tuple[str, ...] | None:
    """Labels; none of them for "something", None for what is not known."""
    bare = " ".join(_PLAIN_EN.sub(" ", words).split())
    if bare in _ANYTHING_EN:
        return ()
    found = [("person",) if part in PERSON_EN else labels_en(part) for part in re.split(r"\s+or\s+", bare)]
    return tuple(dict.fromkeys(label for labels in found for label in labels)) if all(found) else None


def _zh(words: str) -> tuple[str, ...] | None:
    if "人" in words and words in {"有人", "人", "行人", "人员"}:
        return ("person",)
    bare = _PLAIN_ZH.sub("", words)
    if bare in _ANYTHING_ZH:
        return ()
    return (labels_zh(bare) or None) if bare in WORDS_ZH else None
