"""`--zones FILE`: where on the picture a rule's places are.

Takes: a file: a camera's zones as the API shows them, or a label file of `evaluate`.
Gives: zones. Raises Invalid with what to write.
Knows nothing about: rules, footage."""

from pathlib import Path

import msgspec

from contracts.errors import Invalid
from rules.tracks.ground import Polygon
from store.cameras import Zone

_FORM = 'write [{"name": "gate", "polygon": [[0.1, 0.2], [0.9, 0.2], [0.9, 0.8]]}]'
_CORNERS = "write corners [x, y], each 0-1 of the picture; two for a line"


class _Drawn(msgspec.Struct, frozen=True):
    name: str
    polygon: Polygon


class _File(msgspec.Struct, frozen=True):
    """A camera, or labels: by clip, then by name."""

    zones: tuple[_Drawn, ...] | dict[str, dict[str, Polygon]]


def read_zones(path: Path, clip: str) -> tuple[Zone, ...]:
    """`clip`: of a label file, whose zones are wanted."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Invalid(f"zones '{path}' cannot be read: {error.strerror}", "give a JSON file") from error
    try:
        read = msgspec.json.decode(text, type=tuple[_Drawn, ...] | _File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"zones '{path}' are in no form that is known: {error}", _FORM) from error
    drawn = read.zones if isinstance(read, _File) else read
    if isinstance(drawn, dict):
        drawn = _of_clip(path, drawn, clip)
    _check(path, drawn)
    return tuple(Zone(each.name, each.polygon) for each in drawn)


def _of_clip(path: Path, zones: dict[str, dict[str, Polygon]], clip: str) -> tuple[_Drawn, ...]:
    if clip not in zones:
        held = ", ".join(f"'{each}'" for each in list(zones)[:5]) or "none"
        raise Invalid(f"zones '{path}': none are drawn on '{clip}'", f"it has zones of: {held}")
    return tuple(_Drawn(name, polygon) for name, polygon in zones[clip].items())


def _check(path: Path, drawn: tuple[_Drawn, ...]) -> None:
    if not drawn:
        raise Invalid(f"zones '{path}' hold none", _FORM)
    names: set[str] = set()
    for each in drawn:
        if not each.name.strip():
            raise Invalid(f"zones '{path}': a zone has no name", "give it the name that the rule uses")
        if each.name.casefold() in names:
            raise Invalid(f"zones '{path}': '{each.name}' is drawn twice", "give each zone a name of its own")
        names.add(each.name.casefold())
        if len(each.polygon) < 2 or not all(0.0 <= part <= 1.0 for point in each.polygon for part in point):
            raise Invalid(f"zones '{path}': zone '{each.name}' is no part of a picture", _CORNERS)
