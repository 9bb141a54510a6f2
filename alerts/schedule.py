"""When a webhook is tried again, and when we give up.

Takes: how often it was tried, what the endpoint asked for, the time, a random number.
Gives: the time of the next attempt; None at the end of the budget (about 28 hours).
Knows nothing about: HTTP clients, the database."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: after the first attempt, which is made at once; alerts are urgent, hence the many early tries
WAITS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
JITTER = 0.2
RETRY_AFTER_MAX = timedelta(hours=24)
#: An endpoint that only fails for so long is disabled. Between two failures no more than LONGEST_GAP counts (the
#: longest wait and some): neither a quiet week nor a clock that jumps ahead is a failure.
DISABLE_AFTER = timedelta(days=5)
LONGEST_GAP = timedelta(hours=12)


def next_attempt(
    made: int, *, now: datetime, luck: float, asked: timedelta | None = None, time_scale: float = 1.0
) -> datetime | None:
    """After `made` attempts. `luck` is in -1..1, for the jitter; `asked` is the endpoint's Retry-After.

    `time_scale` shortens every wait, for tests."""
    if made > len(WAITS):
        return None
    wait = WAITS[made - 1] * (1 + JITTER * luck)
    if asked is not None:
        wait = max(wait, min(asked, RETRY_AFTER_MAX))
    return now + wait * time_scale


def retry_after(header: str | None, *, now: datetime) -> timedelta | None:
    """Seconds, or an HTTP date, and a day at most; None where it is absent, unreadable or over."""
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), RETRY_AFTER_MAX.total_seconds()))
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):  # such as a time zone of twenty digits
        return None
    wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    return min(wait, RETRY_AFTER_MAX) if wait > timedelta() else None
