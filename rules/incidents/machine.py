"""Answers over time become incidents: the machine that runs once per rule and camera.

Takes: a RuleSpec, the state so far, an observation or the passing of time.
Gives: the next state and the changes: opened, ended. At most one incident is open.
Knows nothing about: the database, clocks; the same observations give the same changes, also after a restart."""

from datetime import datetime, timedelta

import msgspec

from rules.incidents.clockface import is_open
from rules.incidents.judge import UNKNOWN, Judgement
from rules.incidents.logic import Truth, negate
from rules.incidents.opening import Opening, advance, overdue
from rules.incidents.spec import RuleSpec
from rules.incidents.state import (
    Change,
    ChangeKind,
    MachineState,
    Observation,
    Open,
    Reason,
    begun_anew,
    is_late,
    is_set_back,
)
from rules.incidents.thresholds import CLEARER_BY, LEAVE_AFTER_S, LEAVE_FRAMES, MISSED_STEP_OPEN_S, TELL_EVERY_S
from rules.tracks.state import Frame

Step = tuple[MachineState, tuple[Change, ...]]
_LEAVE_AFTER = timedelta(seconds=LEAVE_AFTER_S)
_TELL_EVERY = timedelta(seconds=TELL_EVERY_S)
_STEPS = 2


def step(spec: RuleSpec, state: MachineState, observation: Observation) -> Step:
    """A frame older than the last one changes nothing, unless the clock was set back."""
    at = observation.captured_at
    if is_late(state, at):
        return state, ()
    if is_set_back(state, at):
        state = begun_anew(state, at)
    if not is_open(spec.plan.window, spec.timezone, at):
        return _outside(_seen(state, observation), at)
    state, opening = advance(spec, _seen(state, observation), observation)
    if state.open is not None:
        return _leave(spec, state, observation)
    return _open(spec, state, opening, observation.judgement, at)


def tick(spec: RuleSpec, state: MachineState, now: datetime) -> Step:
    """Time alone ends a window and makes "B did not follow" true."""
    if not is_open(spec.plan.window, spec.timezone, now):
        return _outside(state, now)
    if state.open is not None:
        return _expire(spec, state, now)
    state, opening = overdue(spec, state, now)
    return _open(spec, state, opening, UNKNOWN, now)


def observe_unchanged(
    spec: RuleSpec, state: MachineState, captured_at: datetime, same_as: Frame, *, since: datetime | None = None
) -> Step:
    """The answers of `same_as` still hold, if it is the frame that was judged last; else nothing is known."""
    if state.last_judgement is not None and state.last_frame == same_as:
        return step(spec, state, Observation(captured_at, state.last_judgement, same_as, since))
    return observe_missed(spec, state, captured_at)


def observe_missed(spec: RuleSpec, state: MachineState, captured_at: datetime) -> Step:
    """A frame without an answer is unknown, never no."""
    return step(spec, state, Observation(captured_at))


def _seen(state: MachineState, observation: Observation) -> MachineState:
    at = observation.captured_at
    if observation.judgement.is_known:
        state = _looked(state, min(observation.since or at, at), at)
    if observation.frame is None:
        return msgspec.structs.replace(state, last_at=at)
    return msgspec.structs.replace(
        state, last_at=at, last_frame=observation.frame, last_judgement=observation.judgement
    )


def _looked(state: MachineState, begun: datetime, at: datetime) -> MachineState:
    steps_s = state.steps_s
    if state.looked_at is not None and begun > state.looked_at:
        steps_s = (*steps_s, (begun - state.looked_at).total_seconds())[-_STEPS:]
    return msgspec.structs.replace(state, looked_at=at, steps_s=steps_s)


def _outside(state: MachineState, at: datetime) -> Step:
    """Nothing is remembered across the edge of a window but the cooldown, and how often one looks."""
    changes: tuple[Change, ...] = ()
    if state.open is not None:
        changes = (Change(ChangeKind.ENDED, at, state.open.started_at, Reason.WINDOW),)
    kept = MachineState(
        last_at=state.last_at,
        last_frame=state.last_frame,
        last_judgement=state.last_judgement,
        sent_at=state.sent_at,
        looked_at=state.looked_at,
        steps_s=state.steps_s,
    )
    return kept, changes


def _open(spec: RuleSpec, state: MachineState, opening: Opening | None, judgement: Judgement, at: datetime) -> Step:
    if opening is None or _cooling(spec, state, at):
        return state, ()
    opened = Open(started_at=opening.started_at, opened_at=at, told=judgement.confidence, told_at=at)
    change = Change(
        ChangeKind.OPENED, at, opening.started_at, opening.reason, judgement.confidence, judgement.boxes, judgement.zone
    )
    return msgspec.structs.replace(state, open=opened, sent_at=at), (change,)


def _cooling(spec: RuleSpec, state: MachineState, at: datetime) -> bool:
    return state.sent_at is not None and at - state.sent_at < timedelta(seconds=spec.cooldown_s)


def _leave(spec: RuleSpec, state: MachineState, observation: Observation) -> Step:
    """A no ends an incident once it has lasted; unknown neither ends nor saves it."""
    at, opened = observation.captured_at, state.open
    if opened is None:
        return state, ()
    truth = _still(spec, observation.judgement)
    if truth is Truth.UNKNOWN:
        return _expire(spec, state, at)
    if truth is Truth.YES:
        stays = msgspec.structs.replace(opened, no_since=None, no_frames=0)
        return _tell_anew(*_expire(spec, msgspec.structs.replace(state, open=stays), at), observation)
    half = timedelta(seconds=state.spacing_s / 2)
    begun = opened.no_since or min(observation.since or at, at) - half
    frames = opened.no_frames + 1
    if at - begun >= _LEAVE_AFTER and (frames >= LEAVE_FRAMES or half >= _LEAVE_AFTER):
        return _ended(state, at, Reason.CLEARED)
    leaving = msgspec.structs.replace(opened, no_since=begun, no_frames=frames)
    return _expire(spec, msgspec.structs.replace(state, open=leaving), at)


def _tell_anew(state: MachineState, changes: tuple[Change, ...], observation: Observation) -> Step:
    """What was half seen when it opened may be plain by now: with a better picture people decide faster."""
    at, judgement, opened = observation.captured_at, observation.judgement, state.open
    if opened is None or not judgement.boxes or judgement.confidence < opened.told + CLEARER_BY:
        return state, changes
    if at - (opened.told_at or opened.opened_at) < _TELL_EVERY:
        return state, changes
    told = msgspec.structs.replace(opened, told=judgement.confidence, told_at=at)
    change = Change(
        ChangeKind.UPDATED,
        at,
        opened.started_at,
        Reason.CLEARER,
        judgement.confidence,
        judgement.boxes,
        judgement.zone,
    )
    return msgspec.structs.replace(state, open=told), (*changes, change)


def _still(spec: RuleSpec, judgement: Judgement) -> Truth:
    """Whether what the incident was opened for goes on; for a sequence that is B."""
    truths = judgement.then if spec.plan.temporal.kind == "sequence" and judgement.then else judgement.main
    turned = spec.plan.temporal.kind == "absent" or (spec.plan.temporal.kind == "sequence" and spec.plan.negated)
    return negate(truths.enter) if turned else truths.stay


def _expire(spec: RuleSpec, state: MachineState, at: datetime) -> Step:
    """What did not happen has no end of its own."""
    missed = spec.plan.temporal.kind == "sequence" and spec.plan.negated
    if missed and state.open is not None and at - state.open.opened_at >= timedelta(seconds=MISSED_STEP_OPEN_S):
        return _ended(state, at, Reason.CLEARED)
    return state, ()


def _ended(state: MachineState, at: datetime, reason: Reason) -> Step:
    """The next incident has to prove itself anew."""
    if state.open is None:
        return state, ()
    change = Change(ChangeKind.ENDED, at, state.open.started_at, reason)
    return msgspec.structs.replace(state, open=None, recent=(), run=None), (change,)
