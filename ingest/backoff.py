"""How long to wait before a camera is tried again.

Takes: what went wrong.
Gives: seconds, with jitter.
Knows nothing about: cameras."""

import random

from contracts.errors import PlainwatchError, SourceUnauthorized, SourceUnreachable, SourceUnsupported

_FIRST_S = 1.0
_LONGEST_S = 30.0
#: cameras lock an address out after a handful of wrong passwords
_UNAUTHORIZED_FIRST_S = 30.0
_UNAUTHORIZED_LONGEST_S = 300.0
_UNSUPPORTED_S = 60.0
#: decided here without asking the camera, so the answer may change as soon as the site does
_REFUSED_S = 10.0
_JITTER = 0.25


class Backoff:
    """One camera's."""

    def __init__(self) -> None:
        self._failures = 0

    def reset(self) -> None:
        """The camera has been well."""
        self._failures = 0

    def next_s(self, problem: PlainwatchError) -> float:
        """Spread, since all cameras of a switch come back at the same moment."""
        doubled = 2.0 ** min(self._failures, 10)
        self._failures += 1
        if isinstance(problem, SourceUnauthorized):
            seconds = min(_UNAUTHORIZED_LONGEST_S, _UNAUTHORIZED_FIRST_S * doubled)
        elif isinstance(problem, SourceUnsupported):
            seconds = _UNSUPPORTED_S
        elif isinstance(problem, SourceUnreachable):
            seconds = min(_LONGEST_S, _FIRST_S * doubled)
        else:
            seconds = _REFUSED_S
        return seconds * random.uniform(1 - _JITTER, 1 + _JITTER)
