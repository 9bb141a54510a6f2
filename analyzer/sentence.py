"""One sentence out of what a model said.

Takes: the model's text, whole or as far as it came.
Gives: its first sentence on one line, bounded, without the marks of a chat around it; whether it is complete already.
Knows nothing about: models, servers, torch."""

import re

LONGEST = 300
#: a stop only where something follows ("3.5 m" goes on), but for the wide marks of Chinese
_END = re.compile(r"(?<=[。\uff01\uff1f])|(?<=[.!?])(?=[\"'”)\]]*\s)|[\r\n]")
#: the answer that was given before, and that the sentence need not repeat
_REPEATED_YES = re.compile(r"^\W*(?:yes\b|是的?(?=\W|$))[\s.:;!,\uff0c。\uff1a\uff1b\uff01—-]*", re.IGNORECASE)
_MARKUP = re.compile(r"[*`#]+|^[>\s]+")
_QUOTES = "\"'“”"


def is_whole(text: str) -> bool:
    """Whether the first sentence has ended, so that a model need not go on."""
    return _END.search(_bare(text)) is not None


def first_sentence(text: str, *, cut_off: bool = False) -> str:
    """Empty where there is none. `cut_off`: the model was stopped; an unfinished sentence then ends at a word."""
    shown = "".join(char if char.isprintable() or char.isspace() else " " for char in text.replace("\ufffd", ""))
    clean = " ".join(_END.split(_bare(shown), maxsplit=1)[0].split()).strip(_QUOTES + " ")
    unfinished = cut_off and clean[-1:].isalnum() and not is_whole(text)
    if len(clean) > LONGEST or unfinished:
        clean = re.sub(r"\W+$", "", clean[: LONGEST - 1].rsplit(" ", 1)[0]) + "…"
    return clean[:1].upper() + clean[1:]


def _bare(text: str) -> str:
    return _REPEATED_YES.sub("", _MARKUP.sub("", text).lstrip(), count=1)
