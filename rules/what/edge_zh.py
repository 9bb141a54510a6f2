"""What the edge engine can answer of a Chinese clause.

Takes: one affirmative clause, zone names marked, no colour in it.
Gives: predicates with the logic over them, or the words that need a vision-language model.
Knows nothing about: what several pictures show; see behaviour.py."""

import re

from contracts.plan import Predicate
from rules.what.reading import Reading, Unreadable, joined, keeping
from rules.what.scene import scene_fact
from rules.words.places import ZONE
from rules.words.vocabulary import WORDS_ZH, labels_zh

_GENERIC_ZH = r"(?:在)?(?:画面|镜头|视野|图像|监控|视频)(?:当中|之?中|里面|里|内|上|前)?|任何地方|这里|那里|附近"
_ZONE_PHRASE_ZH = (
    rf"(?:走进|走入|闯入|跑进|开进|驶入|驶进|在|进入|进|到|往|从|靠近)?{ZONE}(?:区域|区)?(?:附近|旁边|周围|里面"
    r"|上面|前面|门口|[里内上中处旁边前])?(?:的)?"
)
_RIDES_ZH = re.compile(r"骑(?:着|行)?(?P<what>自行车|单车|脚踏车|摩托车?|电动车|电瓶车|车|马)?(?:的)?|骑行")
_WALKS_ZH = re.compile(r"步行|走路|行走|走过|走动|散步|徒步|走来走去|走(?!进|入|到)")
_LINGERS_ZH = re.compile(r"徘徊|逗留|滞留|停留|停放|停着|停在|停(?=车)|停下|停")
_PRESENT_ZH = re.compile(
    r"出现|看到|看见|能看|可见|经过|路过|进入|走进|走入|闯入|进来|来了|出入|停留|站着|站在|站|待在|呆在"
    r"|存在|现身|[有在里内中上处进来了的着一个名位辆只条台匹头些是被正能,,\s]"
)


_SIDE_ZH = r"(?:里面|外面|上面|下面|旁边|附近|周围|前面|后面|[里内外上下旁边前后处])"
#: what somebody holds is in no place, and a place without a side says by its last character that it is one
_WHERE_ZH = (
    rf"(?P<place>(?![手嘴身头脸怀])(?:[^有在,]{{2,8}}?(?={_SIDE_ZH})|[^有在,][里外上下内旁边]"
    r"|[^有在,]{1,7}?[口门区道路园场站室厅台院库楼房桥棚]))"
)
_PLACE_ZH = (
    re.compile(rf"在?{_WHERE_ZH}{_SIDE_ZH}?的?(?:出现了?|停着|站着|有)(?P<thing>.{{1,8}})"),
    re.compile(rf"(?P<thing>.{{1,8}}?)(?:[停站坐躺待蹲]|出现)?在{_WHERE_ZH}{_SIDE_ZH}?"),
)


def read_zh(text: str) -> tuple[Reading, ...] | Unreadable:
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
    return joined(text, readings) if readings else Unreadable(text)


def _alternative_zh(part: str, subject: str) -> Reading | Unreadable:
    for verb, word in ((_RIDES_ZH, "骑"), (_WALKS_ZH, "步行"), (_LINGERS_ZH, "停留")):
        match = verb.search(part)
        if not match:
            continue
        rest = part[: match.start()] + part[match.end() :]
        found = _objects_zh(rest if rest.strip("的在") else subject or "人")
        if isinstance(found, Unreadable):
            return _unknown_place(part) or found
        ridden = labels_zh(match.groupdict().get("what") or "自行车") if word == "骑" else ()
        if match.groupdict().get("what") == "车":
            ridden = ("bicycle", "motorcycle")
        both = (*found, Predicate("objects", ridden)) if ridden else found
        if word != "停留":
            return Reading(part if "人" in part else f"有人{part}", both, word)
        return keeping(part, both, "still" if match[0].startswith("停") and match[0] != "停留" else "stays", word)
    found = _objects_zh(part)
    return _unknown_place(part) or found if isinstance(found, Unreadable) else Reading(part, found)


def _unknown_place(part: str) -> Unreadable | None:
    """院子里有狗: the dog is known, and where it is has no zone."""
    for pattern in _PLACE_ZH:
        match = pattern.fullmatch(part)
        if match is None or isinstance(_objects_zh(match["thing"]), Unreadable):
            continue
        bare = re.sub(rf"{_SIDE_ZH}$", "", match["place"])
        return Unreadable(match["place"], place=True) if isinstance(_objects_zh(bare), Unreadable) else None
    return None


_BY_FIRST: dict[str, tuple[str, ...]] = {
    first: tuple(word for word in WORDS_ZH if word[0] == first) for first in {word[0] for word in WORDS_ZH}
}


def _objects_zh(part: str) -> tuple[Predicate, ...] | Unreadable:
    found: list[Predicate] = []
    strange: list[int] = []
    at, noun_end = 0, -1
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
            strange.append(at)
            at += 1
    if strange:
        # In one piece, with what belongs to its last verb: 护士过来, not 护士过.
        return Unreadable(re.sub(rf"^(.{{{strange[-1] + 1}}}[来去进出上下起着了]*).*$", r"\1", part)[strange[0] :])
    return tuple(dict.fromkeys(found)) or Unreadable(part)


def _acts_on(part: str, at: int, noun_end: int) -> bool:
    """狗上沙发: between two things 上 says what the one does to the other."""
    return (
        noun_end == at > 0
        and part[at] in "上下进"
        and part[at + 1 : at + 2] != "有"
        and any(part.startswith(word, at + 1) for word in _BY_FIRST.get(part[at + 1 : at + 2], ()))
    )
