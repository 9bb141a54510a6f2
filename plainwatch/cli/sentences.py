"""Sentences to explain, from files: one JSON object a line, and a site's names.

Takes: paths; "-" is standard input.
Gives: sentences with the names that they may use, one after the other; Invalid with the number of a line that is none.
Knows nothing about: what the sentences say."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from contracts.errors import Invalid

_FORM = '{"cameras":["front gate"],"zones":["loading bay"]}'


class Names(msgspec.Struct, frozen=True):
    """The only names that a sentence may use."""

    cameras: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


class Sentence(msgspec.Struct, frozen=True):
    """One line. `site`: its own names, in place of those of --site."""

    text: str
    id: object = msgspec.UNSET
    site: Names | None = None


_T = TypeVar("_T")


def read_names(path: Path) -> Names:
    """Raises Invalid."""
    return _read(_bytes(path), Names, f"site file '{path}'", f"write {_FORM}")


def read_sentences(path: Path) -> Iterator[Sentence]:
    """What stands before a line that is none is given. Raises Invalid there."""
    remedy = f'write {{"text":"a car at night"}}, with an `id` and `"site":{_FORM}` where you like'
    for number, line in enumerate(_bytes(path).split(b"\n"), start=1):
        if line.strip():
            yield _read(line, Sentence, f"file '{path}', line {number}", remedy)


def _read(raw: bytes, form: type[_T], subject: str, remedy: str) -> _T:
    try:
        return msgspec.convert(json.loads(raw.decode("utf-8")), form)
    except UnicodeDecodeError as error:
        raise Invalid(f"{subject}: it is no UTF-8 at byte {error.start}", "save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{subject}: it is not understood: {error}", remedy) from error


def _bytes(path: Path) -> bytes:
    """Without the mark that some editors put first."""
    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise Invalid(f"file '{path}' cannot be read: {error.strerror}", "give the path of a file") from error
    return raw.removeprefix(b"\xef\xbb\xbf")
