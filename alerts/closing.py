"""Gates close and open again: what events that are over mean for the bar.

Takes: a connection inside the batch's transaction, GateEvents.
Gives: the gates whose bar moved; the site's version grows with them, so that it is published.
Knows nothing about: how events are followed, who skips.

Events seen while the gate was open teach the bar: nothing was skipped then, so none is missing. Those since it closed
only watch over it. What was learnt holds for a month: a bar ends then, and events older than that are forgotten. There
is no signal that a camera was turned; until the month is over audits and due looks watch for what that would break."""

from collections.abc import Iterable
from dataclasses import astuple, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from alerts.gating import GateEvent
from rules.learning.gate import MOST_EVENTS, Watched, bar_of, must_reopen
from store.gates import GateRow, add_gate_event, forget_gate_events, keep_gate, locked_gate, reopened
from store.site import next_site_version
from store.times import to_text

HOLDS_FOR = timedelta(days=30)


def learn_from(connection: sa.Connection, events: Iterable[GateEvent], *, now: datetime) -> tuple[GateRow, ...]:
    """Beside the endings that the events come from: both or neither."""
    moved = []
    # One order for all workers: two that share gates must not wait for one another.
    for event in sorted(events, key=lambda event: astuple(event.key)):
        before = locked_gate(connection, event.key, now=now)
        after = _taught(connection, before, event, now) if event.was_open else _watched(connection, before, event, now)
        if after == before:
            continue
        keep_gate(connection, after)
        moved += [after] if (after.bar, after.until) != (before.bar, before.until) else []
    if moved:
        next_site_version(connection)
    return tuple(moved)


def _taught(connection: sa.Connection, gate: GateRow, event: GateEvent, now: datetime) -> GateRow:
    scores = add_gate_event(
        connection, event.key, event.score, at=now, not_before=now - HOLDS_FOR, most=MOST_EVENTS
    )
    bar = bar_of(scores)
    if bar is None:
        is_over = gate.bar is not None
        gate = replace(gate, since=to_text(now), caught=0, missed=0.0, reason="its month was over") if is_over else gate
        return replace(gate, bar=None, until=None, events=len(scores))
    if gate.bar is not None and gate.until is not None and to_text(now) < gate.until:
        # The analyzers have not heard of the bar yet: one event more that nobody skipped.
        return replace(gate, bar=bar, events=len(scores))
    until = to_text(now + HOLDS_FOR)
    return GateRow(gate.key, to_text(now), bar=bar, until=until, events=len(scores))


def _watched(connection: sa.Connection, gate: GateRow, event: GateEvent, now: datetime) -> GateRow:
    if gate.bar is None:
        return gate
    if event.score >= gate.bar:
        return replace(gate, caught=gate.caught + 1)
    gate = replace(gate, missed=gate.missed + event.stands_for)
    if not must_reopen(Watched(gate.caught, gate.missed)):
        return gate
    forget_gate_events(connection, gate.key)
    return reopened(gate, f"of its events {gate.caught} were seen and about {gate.missed:.0f} were missed", now=now)
