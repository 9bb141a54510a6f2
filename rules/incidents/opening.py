"""When a condition is fulfilled in time: at once, after it held, when B followed A, k times.

Takes: a RuleSpec, the state so far and an observation.
Gives: the state after it, and since when the condition is fulfilled, if it is.
Knows nothing about: cooldowns, windows, open incidents; see machine.py."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from rules.incidents.judge import Truths
from rules.incidents.logic import Truth, negate
from rules.incidents.runs import confirmed, extend, lasts, remember
from rules.incidents.spec import RuleSpec
from rules.incidents.state import Glance, MachineState, Observation, Reason, Run
from rules.incidents.thresholds import BRIDGE_AT_LEAST_S, RARE_S

_MOST_FRAMES = 100


@dataclass(frozen=True, slots=True)
class Opening:
    """Nothing hinders an incident but cooldown and window."""

    started_at: datetime
    reason: Reason


Advance = tuple[MachineState, Opening | None]


def advance(spec: RuleSpec, state: MachineState, observation: Observation) -> Advance:
    """One observation further, whether or not an incident is open."""
    match spec.plan.temporal.kind:
        case "instant":
            return _instant(state, observation)
        case "sustained":
            return _held(spec, state, observation)
        case "absent":
            return _held(spec, state, observation)
        case "sequence":
            return _sequence(spec, state, observation)
        case "k_of_n":
            return _k_of_n(spec, state, observation)


def overdue(spec: RuleSpec, state: MachineState, now: datetime) -> Advance:
    """Without a frame only one thing can become true: that B did not follow A in time."""
    if spec.plan.temporal.kind != "sequence" or not spec.plan.negated or state.waiting_since is None:
        return state, None
    if now - state.waiting_since < timedelta(seconds=spec.within_s):
        return state, None
    began, seen = state.waiting_since, state.waiting_seen
    state = msgspec.structs.replace(state, waiting_since=None, waiting_seen=False)
    return state, (Opening(began, Reason.MISSED_STEP) if seen else None)


def _instant(state: MachineState, observation: Observation) -> Advance:
    truths, at = observation.judgement.main, observation.captured_at
    is_sure = truths.enter is Truth.YES
    state = msgspec.structs.replace(state, recent=remember(state.recent, truths.stay, at, is_sure=is_sure))
    if truths.at_once is Truth.YES or (truths.alone is Truth.YES and state.spacing_s >= RARE_S):
        return state, Opening(_first_yes(state.recent, at), Reason.SEEN)
    # A frame of which nothing is known opens nothing, though those before it, in a cooldown, agreed.
    began = confirmed(state.recent, at) if truths.stay is Truth.YES else None
    return state, (Opening(began, Reason.SEEN) if began else None)


def _first_yes(recent: tuple[Glance, ...], at: datetime) -> datetime:
    return confirmed(recent, at) or at


def _held(spec: RuleSpec, state: MachineState, observation: Observation) -> Advance:
    """Begins with a sure yes; then a weaker one is enough to go on."""
    at, truths = observation.captured_at, observation.judgement.main
    if spec.plan.temporal.kind == "absent":
        truths = Truths(enter=negate(truths.stay), stay=negate(truths.enter))
    truth = truths.enter if state.run is None else truths.stay
    run = extend(state.run, truth, at, since=observation.since, bridge_s=spec.bridge_s)
    state = msgspec.structs.replace(state, run=run)
    held = run is not None and lasts(run, spec.hold_s, at)
    # What a track has counted itself began so long before its first yes.
    return state, (Opening(run.since - timedelta(seconds=spec.counted_s), Reason.HELD) if run and held else None)


def _sequence(spec: RuleSpec, state: MachineState, observation: Observation) -> Advance:
    """Only what begins counts: a car that has been there all day does not pull up."""
    at, judgement = observation.captured_at, observation.judgement
    state, late = overdue(spec, state, at)
    run, first_began = _occurrence(state.run, judgement.main, at)
    then_run, second_began = _occurrence(state.then_run, judgement.then or Truths(), at)
    began = state.waiting_since
    known = judgement.then is not None and judgement.then.enter is not Truth.UNKNOWN
    state = msgspec.structs.replace(
        state, run=run, then_run=then_run, waiting_seen=state.waiting_seen or (began is not None and known)
    )
    followed = began is not None and second_began and at > began and at - began <= timedelta(seconds=spec.within_s)
    if followed or (
        spec.plan.negated and began is not None and judgement.then is not None and judgement.then.enter is Truth.YES
    ):
        state = msgspec.structs.replace(state, waiting_since=None, waiting_seen=False)
    if first_began:
        state = msgspec.structs.replace(state, waiting_since=at, waiting_seen=False)
    if late is not None:
        return state, late
    return state, (Opening(began, Reason.FOLLOWED) if followed and began and not spec.plan.negated else None)


def _occurrence(run: Run | None, truths: Truths, at: datetime) -> tuple[Run | None, bool]:
    """Whether something begins with this very frame."""
    longer = extend(run, truths.enter if run is None else truths.stay, at, bridge_s=BRIDGE_AT_LEAST_S)
    return longer, longer is not None and longer.since == at and (run is None or run.since != at)


def _k_of_n(spec: RuleSpec, state: MachineState, observation: Observation) -> Advance:
    temporal, at, truths = spec.plan.temporal, observation.captured_at, observation.judgement.main
    k = temporal.k or 1
    if temporal.n is not None:
        state = msgspec.structs.replace(
            state, recent=remember(state.recent, truths.enter, at, of=min(temporal.n, _MOST_FRAMES))
        )
        yes = [glance.at for glance in state.recent if glance.truth is Truth.YES]
        ready = len(yes) >= k and yes[-1] == at
        return state, (Opening(yes[0], Reason.REPEATED) if ready else None)
    run, began = _occurrence(state.run, truths, at)
    within = timedelta(seconds=spec.within_s)
    starts = tuple(start for start in state.starts if at - start <= within)
    starts = (*starts, at)[-min(k, _MOST_FRAMES) :] if began else starts
    state = msgspec.structs.replace(state, run=run, starts=starts)
    return state, (Opening(starts[0], Reason.REPEATED) if began and len(starts) >= k else None)
