"""The end of a process whose model hangs: it cannot be interrupted, only replaced.

Takes: how long a call may take.
Gives: a context; past its time the process writes where every thread stands, and exits.
Knows nothing about: what runs inside; the supervisor starts the process anew."""

import faulthandler
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    """One at a time in a process. The timer is a C thread: it fires even where the model holds Python's lock."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__ or sys.stderr)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
