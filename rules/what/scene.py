"""Facts of the scene that need no model: motion, something new, darkness, a covered or frozen camera.

Takes: a plain clause without places.
Gives: the predicate kind that it states, if it states one.
Knows nothing about: how ingest measures them."""

import re

from contracts.plan import PredicateKind
from rules.words.language import Lang

_PICTURE_EN = (
    r"(?:picture|image|camera|lens|view|video|stream|screen|feed|footage|scene|frame|camera (?:picture|image|view))"
)
_THING_EN = r"(?:something|anything|(?:an?|any|the|some) (?:object|thing|item)s?|objects?|things?|items?)"
_SCENE_EN: tuple[tuple[PredicateKind, str], ...] = (
    (
        "motion",
        (
            rf"(?:any\s+)?(?:motion|movement)(?:\s+(?:is\s+)?(?:detected|seen|visible))?|{_THING_EN}\s+(?:is\s+"
            rf"|are\s+|starts?\s+)*(?:moves?|moving|to move)|(?:the )?{_PICTURE_EN} (?:changes|moves)"
        ),
    ),
    (
        "foreground",
        (
            rf"{_THING_EN}\s+(?:(?:is|are|has been|have been|gets?)\s+)?(?:enters?|entering|comes? in(?:to)?"
            r"|appears?|appearing|shows? up|arrives?|stays?|staying|remains?|left(?: behind| unattended)?"
            r"|visible|there|abandoned|unattended|put down|new|placed)(?:\s+(?:there"
            rf"|behind))?(?:\s+(?:the\s+)?{_PICTURE_EN})?"
        ),
    ),
    (
        "dark",
        (
            rf"(?:the\s+)?{_PICTURE_EN}\s+(?:is|goes|gets|turns|becomes|went|has gone)\s+(?:completely\s+"
            r"|too\s+|very\s+|totally\s+)?(?:dark|black)|(?:it\s+)?(?:is|gets|goes)\s+(?:too\s+)?dark|darkness"
            r"|black (?:picture|image|screen)|dark (?:picture|image|screen)"
        ),
    ),
    (
        "covered",
        (
            rf"(?:the\s+)?{_PICTURE_EN}\s+(?:is|gets|has been|was|becomes)\s+(?:completely\s+"
            r"|partly\s+)?(?:covered|blocked|obscured|obstructed|masked|hidden|taped)(?:\s+(?:up|over))?"
            rf"|{_THING_EN}\s+(?:covers|blocks|obscures)\s+the\s+{_PICTURE_EN}|someone\s+(?:covers"
            r"|blocks)\s+the\s+(?:camera|lens)"
        ),
    ),
    (
        "frozen",
        (
            rf"(?:the\s+)?{_PICTURE_EN}\s+(?:is|gets|has|becomes|was)?\s*(?:frozen|freezes|froze|stuck|hangs"
            r"|stands still|no longer changes)"
        ),
    ),
)
_PICTURE_ZH = r"(?:画面|镜头|摄像头|摄像机|相机|图像|视频|屏幕|监控)"
_THING_ZH = r"(?:东西|物体|物品|异物|什么)"
_SCENE_ZH: tuple[tuple[PredicateKind, str], ...] = (
    (
        "dark",
        (
            rf"(?:{_PICTURE_ZH}[里中]?)?(?:变得?|太|一片|全|完全|突然)*(?:漆黑|黑屏|黑暗|变黑|变暗|黑了|全黑"
            r"|太暗|暗了|黑)(?:了)?"
        ),
    ),
    (
        "covered",
        (
            rf"{_PICTURE_ZH}(?:被|让)?(?:人|东西|什么)?(?:遮挡|遮住|挡住|盖住|遮盖|蒙住|覆盖|遮蔽|堵住|挡)(?:了"
            rf"|住)?|(?:有人|有东西)?(?:遮挡|遮住|挡住|盖住)(?:了)?{_PICTURE_ZH}"
        ),
    ),
    ("frozen", rf"{_PICTURE_ZH}(?:被)?(?:卡住|静止|定格|冻结|卡死|卡顿|不动|停住|卡)(?:了|不动)?"),
    (
        "motion",
        rf"(?:有)?{_THING_ZH}?(?:在|正在)?(?:移动|动了|活动|运动|晃动|在动|动)(?:着|的东西|的物体)?(?:了)?|有动静",
    ),
    (
        "foreground",
        (
            rf"(?:有|出现)?(?:了)?{_THING_ZH}(?:被)?(?:进入|进来|停留|留下|遗留|出现|落下|放下|滞留|停着|闯入"
            r"|进|放着|遗落|在)?(?:了|着|下)?"
        ),
    ),
)


def scene_fact(text: str, lang: Lang) -> PredicateKind | None:
    """The whole clause has to be said by the fact."""
    table = _SCENE_EN if lang == "en" else _SCENE_ZH
    return next((kind for kind, pattern in table if re.fullmatch(pattern, text)), None)
