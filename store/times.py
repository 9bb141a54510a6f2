"""Times as the database keeps them: RFC 3339, UTC, milliseconds.

Takes: aware datetimes.
Gives: text that sorts as time does, and the way back.
Knows nothing about: clocks."""

from datetime import UTC, datetime


def to_text(at: datetime) -> str:
    """Raises ValueError on a datetime without a zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def from_text(text: str) -> datetime:
    """The inverse of to_text."""
    return datetime.fromisoformat(text)
