"""Camera and zone names: the only names that the compiler knows.

Takes: a sentence and the site's names.
Gives: the sentence with each name as one private character, so that no later step reads the 2 of "Yard 2" as a count.
Knows nothing about: polygons."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rules.words import patterns
from rules.words.language import NAME_FIRST, Lang, normalise

_MOST_NAMES = 2048
_CAMERAS_FROM = ord(NAME_FIRST) + _MOST_NAMES
ZONE = "[\ue000-\ue7ff]"
CAMERA = "[\ue800-\uefff]"

_CAMERA_EN = re.compile(
    (
        r"(?:\b(?:on|in|into|inside|at|from|by|of|to|through|within|around|near|outside|enters?"
        rf"|entering)\s+)?(?:\bthe\s+)?(?:\bcamera\s+)?{CAMERA}(?:\s+(?:camera|cam|feed)\b)?"
    ),
    re.IGNORECASE,
)
_CAMERA_ZH = re.compile(
    rf"(?:在|从|到|往|去)?(?:\b(?:camera|cam)\s*|摄像头|相机)?{CAMERA}(?:号?摄像头|号?相机|画面)?(?:里面|上空|里头"
    rf"|这边|那边|区域|[上下]方"
    rf"|[上下前后外对]面|旁边|周边|边上|附近"
    r"|周围|门前|前(?![台门面厅])|[里内中上处旁边])?(?:的(?!时候))?"
)
_ENTERS_EN = re.compile(rf"\b(enters?|entering|leaves?|leaving|exits?|exiting)\s+(?:the\s+)?{CAMERA}", re.IGNORECASE)
_CROSSES_EN = re.compile(
    rf"\b((?:block|obstruct|cross|pass|approach)(?:e?s|ing|ed)?)\s+(?:the\s+)?{CAMERA}", re.IGNORECASE
)
_ENTERS_ZH = re.compile(rf"(?:进入|进到|走进|闯入|进)(?:了)?{CAMERA}[里内]?")
#: 停在大堂里 leaves 停着; a camera called 北门 that is 没关 leaves 门
_STANDS_ZH = re.compile(rf"(?<=[停放躺站坐趴蹲睡摆堆])(?:在|到){CAMERA}(?:里面|[里内中上处])?")
#: 店员不在收银台: without the name he is still not there
_AWAY_ZH = re.compile(rf"(?:不|没有?)在{CAMERA}(?:里面|[里内上旁前处])?(?![\u4e00-\u9fff]*(?:戴|穿|系|停|放))")
_STATE_ZH = re.compile(rf"{CAMERA}(?=(?:还|一直|仍|又|都)*(?:没有?|未|被)?(?:关|锁|开着|敞|打开))")
#: 货架空了: of a zone that holds things it is they that are gone
_HOLDER = re.compile(
    r"(?:货?架子?|柜子?|箱子?|桶|碗|盘子?|槽|筐|托盘|\b(?:shel(?:f|ves)|racks?|trays?|bowls?|baskets?|cabinets?"
    r"|displays?|hooks?"
    r"|feeders?|dispensers?|fridges?))(?:\s*\w{1,2})?$",
    re.IGNORECASE,
)
_EMPTIED_ZH = re.compile(rf"(?P<zone>{ZONE})(?:都|已经|已|又)?(?:空了|空着|空荡荡的?|没货了?)")
_EMPTIED_EN = re.compile(
    rf"(?:\bthe\s+)?(?P<zone>{ZONE})\s+(?:(?:is|are|has|been|stands?|goes|gets?|runs?|left|sits?|completely"
    rf"|nearly)\s+){{0,3}}"
    r"(?:empty|bare)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence with names marked; `zones` and `cameras` in the order in which they occur."""

    text: str
    zones: tuple[str, ...]
    cameras: tuple[str, ...]
    names: dict[str, str]

    def without_cameras(self, text: str, lang: Lang) -> str:
        """A camera's name selects the camera and leaves the question."""
        if lang == "en":
            text = _CROSSES_EN.sub(r"\1 the way ", _ENTERS_EN.sub(r"\1 the picture ", text))
            return _CAMERA_EN.sub(" ", text)
        text = _STATE_ZH.sub(lambda match: self.names.get(match[0], "")[-1:] or match[0], text)
        text = _AWAY_ZH.sub("不在场", text)
        return _CAMERA_ZH.sub("", _STANDS_ZH.sub("着", _ENTERS_ZH.sub("进入画面", text)))

    def with_things_gone(self, lang: Lang) -> str:
        """ "shelf 3 is empty": no items on shelf 3, where the zone of that name holds things."""
        pattern, said = (_EMPTIED_EN, "no items on {}") if lang == "en" else (_EMPTIED_ZH, "{}上的东西不见了")

        def emptied(match: re.Match[str]) -> str:
            zone = match["zone"]
            return said.format(zone) if _HOLDER.search(self.names.get(zone, "")) else match[0]

        return pattern.sub(emptied, self.text)

    def zones_in(self, text: str) -> tuple[str, ...]:
        """Those whose marks stand in a part of the sentence."""
        marked = (self.names[char] for char in text if char in self.names and ord(char) < _CAMERAS_FROM)
        return tuple(dict.fromkeys(marked))

    def spelled(self, text: str) -> str:
        """The sentence with the names back in it."""
        return "".join(self.names.get(char, char) for char in text)


def mark_names(text: str, cameras: Sequence[str], zones: Sequence[str]) -> Marked:
    """The longest name wins: "Yard 2" does not mention "Yard"."""
    marks = [(name, chr(ord(NAME_FIRST) + i)) for i, name in enumerate(zones[:_MOST_NAMES])]
    marks += [(name, chr(_CAMERAS_FROM + i)) for i, name in enumerate(cameras[:_MOST_NAMES])]
    names: dict[str, str] = {}
    for name, mark in sorted(marks, key=lambda pair: -len(pair[0])):
        written = normalise(name)
        if written:
            text, found = re.subn(_whole(written), mark, text, flags=patterns.IGNORECASE)
            if found:
                names[mark] = name
    order = [char for char in text if char in names]
    return Marked(
        text=text,
        zones=tuple(dict.fromkeys(names[char] for char in order if ord(char) < _CAMERAS_FROM)),
        cameras=tuple(dict.fromkeys(names[char] for char in order if ord(char) >= _CAMERAS_FROM)),
        names=names,
    )


def _whole(name: str) -> str:
    before = r"(?<![A-Za-z0-9])" if name[0].isascii() and name[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if name[-1].isascii() and name[-1].isalnum() else ""
    return before + re.escape(name) + after
