"""How many deliveries may be under way at once, and to whom, so that nobody waits for an endpoint that hangs.

Takes: what was begun, to which endpoint, when; what ended.
Gives: Room for the next turn.
Knows nothing about: the database, HTTP.

An attempt costs a place of PROMPT only while it is young. What hangs moves over to the rest, which is ten times as
large; what is not known to be healthy has a lane of its own and never takes the last places."""

from dataclasses import dataclass

from alerts.formats.choose import IN_TURN
from store.outbox import Room

PROMPT = 64
#: of endpoints that are not known to be healthy
SUSPECTS = 256
#: a process may open 1,024 files by default
AT_ONCE = 768
#: at most so many suspects begin in one turn, so that a turn stays short, and only in some turns: where there are a
#: thousand of them, looking through them takes a third of it
SUSPECTS_A_TURN = 16
SUSPECTS_EVERY_S = 0.15
SLOW_AFTER_S = 1.0
PER_ENDPOINT = 8
PER_SUSPECT = 2


@dataclass(frozen=True, slots=True)
class _Begun:
    endpoint_id: str
    is_suspect: bool
    at_s: float


class Lanes:
    """Of one deliverer; times are of a monotonic clock."""

    def __init__(self) -> None:
        self._begun: dict[str, _Begun] = {}
        self._last_turn = ""
        self._suspects_next_s = 0.0

    def begin(self, delivery_id: str, endpoint_id: str, *, is_suspect: bool, at_s: float) -> None:
        """In the order in which they were leased."""
        self._begun[delivery_id] = _Begun(endpoint_id, is_suspect, at_s)
        if not is_suspect:
            self._last_turn = endpoint_id

    def end(self, delivery_id: str) -> None:
        """Its place is free."""
        del self._begun[delivery_id]

    def room(self, *, at_s: float) -> Room:
        """For a turn that is taken now. Endpoints with an attempt that hangs get no more until it ends."""
        slow = [each for each in self._begun.values() if at_s - each.at_s > SLOW_AFTER_S]
        suspects = sum(each.is_suspect for each in self._begun.values())
        slow_and_well = sum(not each.is_suspect for each in slow)
        young = len(self._begun) - suspects - slow_and_well
        left = AT_ONCE - len(self._begun)
        open_to_suspects = max(0, min(SUSPECTS - suspects, SUSPECTS_A_TURN, left))
        if at_s < self._suspects_next_s:
            open_to_suspects = 0
        else:
            self._suspects_next_s = at_s + SUSPECTS_EVERY_S
        return Room(
            most=max(0, min(PROMPT - young, left)) + open_to_suspects,
            per_endpoint=PER_ENDPOINT,
            suspects=open_to_suspects,
            per_suspect=PER_SUSPECT,
            besides=frozenset(each.endpoint_id for each in slow),
            after=self._last_turn,
            in_turn=IN_TURN,
        )
