"""Remarks on a rule: what was wrong with it, and how to say it better.

Takes: lint codes and the rule's language.
Gives: Lint with level, message and suggestion.
Knows nothing about: how the codes were found."""

from typing import Literal

from contracts.plan import Lint
from rules.plan.told_zh import full_width
from rules.words.language import LONGEST_TEXT, Lang

Level = Literal["error", "warning", "info"]

#: code: (level, message and suggestion in English, message and suggestion in Chinese)
_REMARKS: dict[str, tuple[Level, tuple[str, str], tuple[str, str]]] = {
    "audio": (
        "error",
        ("A picture has no sound.", "Say what can be seen instead, such as 'a window is broken'."),
        ("画面里没有声音。", "请改成看得见的情况，例如“窗户破了”。"),
    ),
    "identity": (
        "error",
        (
            "I do not recognise who somebody is.",
            "Say 'a person', or name clothing or a visible role, such as 'a person at the door'.",
        ),
        ("我不识别某个人是谁。", "请改成“有人”或看得见的特征，例如“门口有人”。"),
    ),
    "intent": (
        "error",
        (
            "A picture does not show what somebody intends.",
            "Name the visible act, such as 'a person climbs over the fence'.",
        ),
        ("画面看不出人的意图。", "请写出看得见的动作，例如“有人翻围栏”。"),
    ),
    "past": (
        "error",
        (
            "A rule watches from now on; it does not know what was before.",
            "Say what should be reported when it happens, or search the incidents for the past.",
        ),
        ("规则只看现在和以后，不知道过去。", "请写以后要报告的情况；过去的情况请查事件记录。"),
    ),
    "nonvisual": (
        "error",
        (
            "A camera does not see smells, temperatures or the state of devices.",
            "Say what can be seen, such as 'smoke is visible'.",
        ),
        ("摄像头看不到气味、温度或设备状态。", "请改成看得见的情况，例如“有烟雾”。"),
    ),
    "vague": (
        "error",
        ("There is nothing definite to look for.", "Name a thing or an action, such as 'a person is at the gate'."),
        ("没有可以判断的具体内容。", "请写出具体的东西或动作，例如“大门口有人”。"),
    ),
    "too_long": (
        "error",
        (
            f"The rule is longer than {LONGEST_TEXT} characters.",
            "Say in one sentence what to look for, such as 'a person is at the gate'.",
        ),
        (f"规则超过{LONGEST_TEXT}个字符。", "请用一句话写出要看什么，例如“大门口有人”。"),
    ),
    "speed": (
        "error",
        (
            "One frame does not measure speed, distance, weight or height.",
            "Leave the figure out, such as 'a forklift is on the walkway'.",
        ),
        ("单帧画面量不出速度、距离、重量或高度。", "请去掉数值，例如“通道上有叉车”。"),
    ),
    "contradiction": (
        "error",
        (
            "The rule contradicts itself and would never alert.",
            "Check the hours, the numbers, and whether you want to be told or not.",
        ),
        ("规则自相矛盾，永远不会报警。", "请检查时间、数量，以及是否要报警。"),
    ),
    "negation": (
        "warning",
        (
            "The rule depends on something that is not there; I ask whether it is there and turn the answer round.",
            "If you can, name what is visible instead.",
        ),
        ("规则取决于“没有”的东西；我会先问有没有，再把答案反过来。", "如果可以，请写看得见的情况。"),
    ),
    "too_many": (
        "warning",
        ("That is more than six conditions in one rule.", "Make several rules of it; each is then easier to check."),
        ("一条规则里有六个以上的条件。", "请拆成几条规则，这样更容易检查。"),
    ),
    "ambiguous_time": (
        "warning",
        ("The hours do not say morning or evening.", "Write them as 18:00 or 6pm."),
        ("时间没有说明上午还是下午。", "请写成18:00或下午6点。"),
    ),
    "assumed_time": (
        "info",
        (
            "Some hours or a duration are my assumption.",
            "Name them if they differ, such as 22:00-06:00 or 'for 30 seconds'.",
        ),
        ("有的时间或时长是我假定的。", "如果不对，请写明，例如22:00-06:00或“超过30秒”。"),
    ),
}


def remark(code: str, lang: Lang, words: str = "") -> Lint:
    """`words`: those that it is about. The code of an overlong rule is `vague`: the conventions know no other."""
    level, english, chinese = _REMARKS[code]
    message, suggestion = english if lang == "en" else chinese
    about = (f" It is about “{words}”." if lang == "en" else f"指的是“{full_width(words)}”。") if words else ""
    return Lint(level, "vague" if code == "too_long" else code, message + about, suggestion)


def is_error(code: str) -> bool:
    """Whether the rule has to be reworded or refused."""
    return _REMARKS[code][0] == "error"
