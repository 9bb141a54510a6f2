"""Which language a sentence is in, and one spelling for what may be written in many ways.

Takes: any string.
Gives: the language, the normalised sentence, and `tidy` for what is left after parts were taken out.
Knows nothing about: what the words mean."""

import re
import unicodedata
from typing import Literal

from rules.words import patterns

Lang = Literal["en", "zh"]

#: a sentence; the time to read one grows with the square of its length
LONGEST_TEXT = 600
#: private-use characters stand for site names inside a sentence, so a sentence may not bring its own
NAME_FIRST, NAME_LAST = "\ue000", "\uf8ff"
_CJK = re.compile(r"[\u4e00-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_QUOTES = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "。": ".", "、": ",", "；": ";", "|": ","}
)
#: 6:00-14:00+15:00-22:00
_PLUS = re.compile(r"(?<=[\d点])\s*\+\s*(?=\d{1,2}[:点])")
_DASHES = re.compile(r"[\u2010-\u2015\u2212~\u301c]")

#: a word that ends a clause only because what followed it was taken out
_DANGLING = frozenset(
    (
        "between from for at on in during only and or but when if to of by the then with is are it's outside as than"
    ).split()
)
#: "the lights are left on": here it is what the clause says
_BELONGS_AFTER = frozenset(
    "left turned switched lights light still is are lamp lamps tv engine beam headlights".split()
)
#: "a dog comes in"
_GOES_IN = frozenset("comes come coming goes go going walks walking drives driving breaks breaking gets runs".split())
_CLAUSE_END = re.compile(r"([,.;:!?])")
_LEADING = re.compile(r"^(?:[\s,.;:!?\-]|(?:and|or|but|then)\b|或者?|[且并和])+", re.IGNORECASE)


def normalise(text: str) -> str:
    """Full-width forms become half-width, control and private-use characters vanish, spaces are single."""
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    plain = _PLUS.sub(",", _DASHES.sub("-", plain))
    kept = "".join(" " if _unprintable(char) else char for char in plain)
    return " ".join(kept.split())


def _unprintable(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Cn", "Co"}


def detect(text: str) -> Lang:
    """Chinese where there are at least as many Chinese characters as Latin words."""
    cjk = len(_CJK.findall(text))
    return "zh" if cjk and cjk >= len(_LATIN_WORD.findall(text)) else "en"


def cut(text: str, start: int, end: int, lang: Lang) -> str:
    """The sentence without that part."""
    return text[:start] + (" " if lang == "en" else "") + text[end:]


def tidy(text: str, lang: Lang) -> str:
    """No doubled punctuation, no preposition without its object."""
    text = patterns.sub(r"\(\s+", "(", patterns.sub(r"\(\s*\)", " ", text))
    text = patterns.sub(r"\s+([,.;:!?])", r"\1", " ".join(text.split()))
    text = patterns.sub(r"[,.;:\s]*([,.;:])(?=[,.;:\s]|$)[,.;:\s]*", r"\1 ", text)
    text = _LEADING.sub("", text)
    if lang == "en":
        previous = None
        while previous != text:
            previous, text = text, _without_loose_ends(text).rstrip(" ,.;:!?-=+")
        return text.strip()
    return patterns.sub(r"\s+", " ", text).strip(" ,.;:!?-")


def _without_loose_ends(text: str) -> str:
    pieces = _CLAUSE_END.split(text)
    return "".join(piece if at % 2 else _trimmed(piece) for at, piece in enumerate(pieces))


def _trimmed(piece: str) -> str:
    words = piece.split()
    kept = len(words)
    while kept and words[kept - 1].lower() in _DANGLING:
        before = words[kept - 2].lower() if kept > 1 else ""
        if before in _BELONGS_AFTER or (before in _GOES_IN and words[kept - 1].lower() == "in"):
            break
        kept -= 1
    return piece if kept == len(words) else " " * piece.startswith(" ") + " ".join(words[:kept])
