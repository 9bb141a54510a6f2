"""The way onto the bus that does not make every camera wait while the bus is away.

Takes: Keyframe and Unchanged.
Gives: Door, through which pipelines put frames. BusDoor gives what FrameBus.put gives; while the bus is away,
BusUnreachable at once and one real try a moment.
Knows nothing about: cameras."""

import threading
from collections.abc import Callable
from typing import Protocol

from contracts.bus import FrameBus, Put
from contracts.errors import BusUnreachable
from contracts.messages import Keyframe, Unchanged

#: a stopped server costs each call its socket timeout of 2 s, in which a camera's next pictures would go stale
_RETRY_S = 1.0


class Door(Protocol):
    """A way to whoever analyses."""

    def put(self, message: Keyframe | Unchanged) -> Put:
        """Raises BusFull or BusUnreachable: count the frame as dropped."""
        ...


class BusDoor:
    """One a process, shared by all cameras."""

    def __init__(self, bus: FrameBus, monotonic_s: Callable[[], float]) -> None:
        self._bus = bus
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._shut_until_s = float("-inf")

    def put(self, message: Keyframe | Unchanged) -> Put:
        """Raises BusFull or BusUnreachable: count the frame as dropped."""
        with self._lock:
            if self._monotonic_s() < self._shut_until_s:
                raise BusUnreachable("bus: was away a moment ago", "check that Redis or Valkey runs")
        try:
            return self._bus.put(message)
        except BusUnreachable:
            with self._lock:
                self._shut_until_s = self._monotonic_s() + _RETRY_S
            raise
