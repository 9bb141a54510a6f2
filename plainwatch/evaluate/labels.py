"""What a person saw on clips: statements, and when they hold and do not hold.

Takes: a label file: our JSON, or the published annotations of UCF-Crime or XD-Violence.
Gives: Labelled, one for each clip and statement.
Knows nothing about: engines, what is made of the labels."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from contracts.errors import Invalid
from plainwatch.evaluate.published import Annotated, read_ucf_crime, read_xd_violence
from rules.tracks.ground import Polygon
from store.cameras import Zone

#: from and to, in seconds of the clip
Span = tuple[float, float]
#: a clip's frames a second, and its length in seconds
RateOf = Callable[[str], tuple[float, float]]

TOLERANCE_S = 0.5
_FORM = "give events.json's form, or the annotation file of UCF-Crime or XD-Violence (.txt)"


@dataclass(frozen=True, slots=True)
class Labelled:
    """What lies in neither `true` nor `false` is unlabelled: nobody can say. `tol_s`: how exact the borders are.

    `zones`: drawn on the clip's picture, for statements that name them."""

    clip: str
    statement: str
    true: tuple[Span, ...]
    false: tuple[Span, ...]
    tol_s: float = TOLERANCE_S
    zones: tuple[Zone, ...] = ()


class _Statement(msgspec.Struct, frozen=True):
    statement: str
    true: tuple[Span, ...] = ()
    false: tuple[Span, ...] = ()
    tol: float = TOLERANCE_S


class _File(msgspec.Struct, frozen=True):
    clips: dict[str, tuple[_Statement, ...]]
    zones: dict[str, dict[str, Polygon]] = {}


def read_labels(path: Path, rate_of: RateOf, *, statement: str = "") -> tuple[Labelled, ...]:
    """In the file's order. `statement`: the one sentence to try where the file names only classes of events.

    Raises Invalid where the file is not readable, is in no form that we know, or labels nothing."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"labels '{path}' cannot be read: {error}", "give a label file") from error
    if text.lstrip().startswith("{"):
        labelled = _ours(path, text)
    else:
        labelled = _published(path, text, rate_of, statement)
    for each in labelled:
        _check(path, each)
    if not labelled:
        raise Invalid(f"labels '{path}' label no statement", _FORM)
    return labelled


def _ours(path: Path, text: str) -> tuple[Labelled, ...]:
    try:
        read = msgspec.json.decode(text, type=_File)
    except msgspec.DecodeError as error:
        raise Invalid(f"labels '{path}' are not in the form of events.json: {error}", _FORM) from error
    return tuple(
        Labelled(clip, each.statement, each.true, each.false, each.tol, _zones(read, clip))
        for clip, statements in read.clips.items()
        for each in statements
    )


def _zones(read: _File, clip: str) -> tuple[Zone, ...]:
    return tuple(Zone(name, polygon) for name, polygon in read.zones.get(clip, {}).items())


def _published(path: Path, text: str, rate_of: RateOf, statement: str) -> tuple[Labelled, ...]:
    lines = [line for line in text.splitlines() if line.strip()]
    annotated = read_ucf_crime(lines) or read_xd_violence(lines)
    if not annotated:
        raise Invalid(f"labels '{path}' are in no form that is known", _FORM)
    asked = {statement} if statement else {each.statement for each in annotated if each.statement}
    labelled = []
    for each in annotated:
        fps, seconds = rate_of(each.clip)
        # A clip of one class says nothing about the others; a normal one says no to all.
        for one in sorted(asked) if statement or not each.frames else [each.statement]:
            labelled.append(_in_seconds(each, one, fps, seconds))
    return tuple(labelled)


def _in_seconds(annotated: Annotated, statement: str, fps: float, seconds: float) -> Labelled:
    if fps <= 0.0:
        raise Invalid(f"clip '{annotated.clip}' does not say how many frames a second it has", "convert it to MP4")
    true = tuple((first / fps, min(last / fps, seconds)) for first, last in annotated.frames)
    return Labelled(annotated.clip, statement, true, outside(true, seconds))


def outside(spans: tuple[Span, ...], seconds: float) -> tuple[Span, ...]:
    """The rest of the clip; spans may overlap."""
    rest, at = [], 0.0
    for start, end in sorted(spans):
        if start > at:
            rest.append((at, start))
        at = max(at, end)
    return (*rest, (at, seconds)) if at < seconds else tuple(rest)


def _check(path: Path, labelled: Labelled) -> None:
    if not labelled.statement.strip():
        raise Invalid(f"labels '{path}', clip '{labelled.clip}': a statement is empty", "say what is to be seen")
    for start, end in (*labelled.true, *labelled.false):
        if not 0.0 <= start <= end:
            raise Invalid(
                f"labels '{path}', clip '{labelled.clip}': [{start}, {end}] is no interval",
                "write [from, to] in seconds",
            )
    for zone in labelled.zones:
        if len(zone.polygon) < 2 or not all(0.0 <= part <= 1.0 for point in zone.polygon for part in point):
            raise Invalid(
                f"labels '{path}', clip '{labelled.clip}': zone '{zone.name}' is no part of a picture",
                "write corners [x, y], each 0-1 of the picture; two for a line",
            )
    if not labelled.tol_s >= 0.0:
        raise Invalid(f"labels '{path}', clip '{labelled.clip}': tol is {labelled.tol_s}", "give seconds, 0 or more")
