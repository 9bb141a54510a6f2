"""Incidents against labels: which events were found, how fast, and what was told without cause.

Takes: one statement's labels, the incidents that opened on its clip.
Gives: Matched.
Knows nothing about: frames, scores.

An event is found where an incident opens between its start and its end, each widened by the tolerance. One that opened
earlier and is still open has found it too, for somebody was told and looks on; but not where a stretch that is labelled
false lies between: there it should have ended."""

from collections.abc import Sequence
from dataclasses import dataclass

from plainwatch.evaluate.labels import Labelled, Span


@dataclass(frozen=True, slots=True)
class Fired:
    """An incident, in seconds of the clip; `ended_s` None: it was open when the clip ended."""

    opened_s: float
    ended_s: float | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """`false_incidents` opened in a stretch labelled false, `elsewhere` where nothing is labelled and none was due.

    `lingering_s`: how long incidents stayed open within stretches labelled false."""

    events: int
    delays_s: tuple[float, ...]
    false_incidents: int
    elsewhere: int
    labelled_false_s: float
    lingering_s: float

    @property
    def found(self) -> int:
        """Of the events."""
        return len(self.delays_s)


def shrunk(spans: Sequence[Span], by_s: float) -> tuple[Span, ...]:
    """What surely lies inside; short ones vanish."""
    inner = ((start + by_s, end - by_s) for start, end in spans)
    return tuple((start, end) for start, end in inner if start < end)


def lies_in(at_s: float, spans: Sequence[Span]) -> bool:
    """Borders belong to a span."""
    return any(start <= at_s <= end for start, end in spans)


def matched(labelled: Labelled, fired: Sequence[Fired]) -> Matched:
    """`fired` in the order of opening."""
    surely_false = shrunk(labelled.false, labelled.tol_s)
    justified = [one for one in fired if not lies_in(one.opened_s, surely_false)]
    delays: list[float] = []
    used: set[Fired] = set()
    for start, end in labelled.true:
        widened = (start - labelled.tol_s, end + labelled.tol_s)
        finders = [one for one in justified if _finds(one, widened, surely_false)]
        if finders:
            delays.append(max(0.0, finders[0].opened_s - start))
        used.update(finders)
    return Matched(
        events=len(labelled.true),
        delays_s=tuple(delays),
        false_incidents=len(fired) - len(justified),
        elsewhere=len(justified) - len(used),
        labelled_false_s=sum(end - start for start, end in surely_false),
        lingering_s=sum(_overlap(one, span) for one in fired for span in surely_false),
    )


def _finds(one: Fired, event: Span, surely_false: Sequence[Span]) -> bool:
    start, end = event
    if start <= one.opened_s <= end:
        return True
    is_open = one.opened_s < start and (one.ended_s is None or one.ended_s >= start)
    return is_open and not any(one.opened_s < over[0] and over[1] <= start for over in surely_false)


def _overlap(one: Fired, span: Span) -> float:
    end = span[1] if one.ended_s is None else min(one.ended_s, span[1])
    return max(0.0, end - max(one.opened_s, span[0]))
