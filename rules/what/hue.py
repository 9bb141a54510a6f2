"""Colours in a sentence: "a red car", 红色的车.

Takes: one affirmative clause.
Gives: the colour in the name that engines use, and the clause without it.
Knows nothing about: pixels; only colours that a camera shows reliably have a name here."""

from rules.words import patterns
from rules.words.language import Lang

_EN = {
    "red": "red",
    "orange": "orange",
    "yellow": "yellow",
    "green": "green",
    "blue": "blue",
    "purple": "purple",
    "violet": "purple",
    "black": "black",
    "grey": "grey",
    "gray": "grey",
    "silver": "grey",
    "white": "white",
}
_ZH = {
    "红": "red",
    "橙": "orange",
    "黄": "yellow",
    "绿": "green",
    "蓝": "blue",
    "紫": "purple",
    "黑": "black",
    "灰": "grey",
    "银": "grey",
    "白": "white",
}
#: before a thing, not alone: an orange is a fruit
_WORD_EN = r"\b(?P<colour>" + "|".join(_EN) + r")(?:-?colou?red)?\s+(?=[a-z])"
_WORD_ZH = r"(?P<colour>[" + "".join(_ZH) + r"])色?(?:的)?(?=[^色])"


def take_colour(text: str, lang: Lang) -> tuple[str, str]:
    """The first colour; "" where none is named, or several are."""
    pattern, names = (_WORD_EN, _EN) if lang == "en" else (_WORD_ZH, _ZH)
    found = list(patterns.finditer(pattern, text, patterns.IGNORECASE))
    if len(found) != 1:
        return "", text
    match = found[0]
    return names[match["colour"].lower()], text[: match.start()] + text[match.end() :]
