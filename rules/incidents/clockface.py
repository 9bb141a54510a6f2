"""Whether a rule watches at a moment: windows read on the wall clock of the camera's time zone.

Takes: windows, the name of a time zone, an aware moment.
Gives: yes or no. Across a change of summer time the wall clock counts, as people mean it.
Knows nothing about: the present, answers."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts.errors import Invalid
from contracts.plan import WEEK, Window


@lru_cache(maxsize=512)
def time_zone(name: str) -> ZoneInfo:
    """Raises Invalid for a name that the time zone database does not hold."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"time zone '{name}': unknown", "use a name such as Europe/Berlin or UTC") from error


def is_open(windows: Sequence[Window], zone_name: str, moment: datetime) -> bool:
    """No window means always."""
    if not windows:
        return True
    local = moment.astimezone(time_zone(zone_name))
    today, yesterday = WEEK[local.weekday()], WEEK[local.weekday() - 1]
    minute = local.hour * 60 + local.minute
    for window in windows:
        start, end = _minutes(window.start), _minutes(window.end)
        if start < end and today in window.days and start <= minute < end:
            return True
        overnight = end < start
        if overnight and ((today in window.days and minute >= start) or (yesterday in window.days and minute < end)):
            return True
    return False


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:5])
