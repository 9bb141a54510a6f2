"""Regular expressions, compiled when first used and then kept.

Takes: patterns that the code holds; never one made of a user's words, which would be kept as well.
Gives: what `re` gives.
Knows nothing about: sentences.

`re` itself forgets the oldest of 512, and the compiler has about as many: a sentence would then wait."""

import re
from collections.abc import Callable, Iterator
from functools import cache

IGNORECASE = re.IGNORECASE
Instead = str | Callable[[re.Match[str]], str]


@cache
def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The same object for the same pattern."""
    return re.compile(pattern, flags)


def search(pattern: str, text: str, flags: int = 0) -> re.Match[str] | None:
    """Anywhere in the text."""
    return compiled(pattern, flags).search(text)


def match(pattern: str, text: str, flags: int = 0) -> re.Match[str] | None:
    """At the beginning of the text."""
    return compiled(pattern, flags).match(text)


def fullmatch(pattern: str, text: str, flags: int = 0) -> re.Match[str] | None:
    """The whole text."""
    return compiled(pattern, flags).fullmatch(text)


def finditer(pattern: str, text: str, flags: int = 0) -> Iterator[re.Match[str]]:
    """One after the other."""
    return compiled(pattern, flags).finditer(text)


def sub(pattern: str, instead: Instead, text: str, flags: int = 0) -> str:
    """Every match replaced."""
    return compiled(pattern, flags).sub(instead, text)


def split(pattern: str, text: str) -> list[str]:
    """Around every match; a group of the pattern that did not match gives None, as in `re`."""
    return compiled(pattern).split(text)
