"""`--from` and `--to`, read.

Takes: what was typed.
Gives: seconds of a clip, or moments.
Knows nothing about: footage."""

import re
from datetime import datetime

from contracts.errors import Invalid

_CLOCK = re.compile(r"(?:(?:(?P<hours>\d+):)?(?P<minutes>\d{1,2}):)?(?P<seconds>\d+(?:\.\d+)?)s?")
_FORMS = "write seconds, or minutes as 1:30, or hours as 1:02:30"


def clip_seconds(text: str, option: str) -> float:
    """Raises Invalid for anything but a place in a clip."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise Invalid(f"{option}: '{text}' is no place in a file", _FORMS)
    hours, minutes, seconds = (float(found[name] or 0) for name in ("hours", "minutes", "seconds"))
    return hours * 3600 + minutes * 60 + seconds


def moment(text: str, option: str) -> datetime:
    """Raises Invalid for anything but a date and time with its zone."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid(f"{option}: '{text}' is no date and time", "write 2026-11-22T18:00:00Z") from error
    if at.tzinfo is None:
        raise Invalid(f"{option}: '{text}' names no time zone", f"write {text}Z, or with an offset such as +01:00")
    return at


def as_clock(seconds: float) -> str:
    """For people: 75.5 is 1:15.5."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    shown = f"{minutes}:{rest / 10:04.1f}"
    return f"{hours}:{int(minutes):02}:{rest / 10:04.1f}" if hours else shown
