"""Names for things: a short prefix and a random rest that sorts by time.

Takes: a prefix and the current time.
Gives: ids such as `inc_01kap3v5c7e8k2m9`; unique without a counter.
Knows nothing about: what is named."""

import secrets
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case: no i, l, o, u


def new_id(prefix: str, now: datetime) -> str:
    """Ten characters of milliseconds, then 40 random bits."""
    return f"{prefix}_{_base32(int(now.timestamp() * 1000), 10)}{_base32(secrets.randbits(40), 8)}"


def _base32(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 32)
        digits = _ALPHABET[digit] + digits
    return digits
