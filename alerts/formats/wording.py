"""Text that others wrote, fit for a service: on one line, escaped, and no longer than it takes.

Takes: texts of users, cameras and models, which nobody has looked at.
Gives: the same without control characters and marks that turn the writing round, cut with an ellipsis.
Knows nothing about: which service it is for."""

import unicodedata
from collections.abc import Callable
from datetime import datetime

Escape = Callable[[str], str]
Measure = Callable[[str], int]
_CUT = "…"


def on_one_line(text: str) -> str:
    """Blanks for what ends a line; what is invisible goes."""
    # Cf holds the marks that turn the direction of writing: with them a line reads as what it does not say.
    shown = "".join(_shown(letter) for letter in text)
    return " ".join(shown.split())


def utf16_units(text: str) -> int:
    """As JavaScript and Telegram count: the strictest of the counts in use, but for bytes."""
    return len(text.encode("utf-16-le")) // 2


def utf8_bytes(text: str) -> int:
    """As ntfy counts."""
    return len(text.encode())


def unescaped(letter: str) -> str:
    """For services whose fields hold plain text."""
    return letter


def fitted(text: str, most: int, *, escape: Escape = unescaped, measure: Measure = utf16_units) -> str:
    """On one line, escaped letter by letter, cut between letters: never inside of an escape."""
    pieces = [escape(letter) for letter in on_one_line(text)]
    if sum(map(measure, pieces)) <= most:
        return "".join(pieces)
    kept, room = [], most - measure(_CUT)
    for piece in pieces:
        room -= measure(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + _CUT


def off_by(seconds: float) -> str:
    """Of a picture that stands in for the one that decided; nothing of the one itself."""
    if not seconds:
        return ""
    return f"{abs(seconds):.1f} s {'later' if seconds > 0 else 'earlier'} than what was judged"


def readable_time(text: str) -> str:
    """`2026-11-22 12:00:00 UTC`; what is no time stays as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _shown(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if kind[0] == "C" else letter
