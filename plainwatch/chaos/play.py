"""The rounds: kill everything, break something, wait until all is well, count; and in the end, settle the books.

Takes: a number of rounds, a seed, a folder.
Gives: Outcome.
Knows nothing about: terminals."""

import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from contracts.errors import Unavailable
from plainwatch.chaos.books import Settled, settle
from plainwatch.chaos.faults import EMPTIED, HOUSE_FAULTS
from plainwatch.chaos.frames import Blows, Count, answered, settled_counts, unexplained
from plainwatch.chaos.plan import Round, rounds
from plainwatch.chaos.processes import SUPERVISOR, VALKEY, alive, send
from plainwatch.chaos.receivers import EndpointFault
from plainwatch.chaos.yard import Yard, yard
from plainwatch.simulator import Fault

#: generous: five interpreters that start at once on a busy machine
RECOVERS_WITHIN_S = 120.0
#: one that was just being started notices once its imports are done
ORPHANS_END_WITHIN_S = 30.0
BEFORE_FIRST_S = 3.0
MOVED_FRAMES = 2
#: ingest looks once a second whether its site has changed
TAKES_NOTE_S = 2.0

Say = Callable[[str], None]


@dataclass(slots=True)
class Outcome:
    """Of a whole run. `recovery_s`: after each round's kills, and after each fault."""

    rounds: int = 0
    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    recovery_s: list[float] = field(default_factory=list)
    counts: dict[str, Count] = field(default_factory=dict)
    conserved: bool = True
    problems: list[str] = field(default_factory=list)
    settled: Settled = field(default_factory=Settled)


class Chaos:
    """One run in a folder that holds nothing yet."""

    def __init__(self, count: int, seed: int, folder: Path, say: Say) -> None:
        self._plan = rounds(count, seed)
        self._folder = folder
        self._say = say
        self._outcome = Outcome()
        self._orphans: dict[int, str] = {}

    def run(self) -> Outcome:
        """Raises PlainwatchError where the site does not even come up."""
        began_s = time.monotonic()
        with yard(self._folder, {}) as made:
            self._say(f"the site is up at {made.client.address}")
            made.wait(BEFORE_FIRST_S)
            for one in self._plan:
                self._play(made, one)
            self._bring_back_the_moody(made)
            self._say("settling the books")
            self._outcome.settled = settle(made)
        self._outcome.seconds = time.monotonic() - began_s
        return self._outcome

    def _play(self, made: Yard, one: Round) -> None:
        outcome = self._outcome
        began_s, known = time.monotonic(), len(outcome.problems)
        self._break_outside(made, one, first=True)
        for gap_s, victim in one.kills:
            made.wait(gap_s)
            self._kill(made, victim)
        after_kills_s = self._recover(made, "the kills")
        self._look_for_orphans(made)
        self._break_outside(made, one, first=False)
        outcome.problems += [f"round {one.number}: {said}" for said in HOUSE_FAULTS[one.house](made)]
        outcome.faults[one.house] += 1
        after_fault_s = self._recover(made, one.house)
        self._mend_outside(made, one)
        counts = self._count(made, one)
        outcome.rounds += 1
        sent, sampled = (sum(getattr(each, name) for each in counts.values()) for name in ("sent", "sampled"))
        self._say(
            f"round {one.number}: all killed, well after {after_kills_s:.1f} s; {one.house}, well after "
            f"{after_fault_s:.1f} s; endpoint {one.endpoint.value}; camera {', '.join(one.camera)}; "
            f"{len(made.seen)} incidents, {sent} keyframes sent, {sampled} sampled "
            f"({time.monotonic() - began_s:.1f} s)"
        )
        for said in outcome.problems[known:]:
            self._say(f"  {said}")

    def _break_outside(self, made: Yard, one: Round, *, first: bool) -> None:
        """The moody camera suffers one fault while everything is killed and another one afterwards."""
        fault = one.camera[0 if first else 1]
        made.moody.mount.behave()
        made.moody.mount.misbehave(fault, made.cameras.url("trap") if fault is Fault.REDIRECT_302 else None)
        self._outcome.faults[f"camera: {fault}"] += 1
        if first:
            if one.endpoint is EndpointFault.BAD_TLS:
                self._move_endpoint(made, made.moody_endpoint.receiver.bad_tls_url)
            made.moody_endpoint.receiver.fault = one.endpoint
            self._outcome.faults[f"endpoint: {one.endpoint.value}"] += 1

    def _mend_outside(self, made: Yard, one: Round) -> None:
        """An endpoint that said 410 is switched on again by hand, as its owner would."""
        made.moody.mount.behave()
        made.moody_endpoint.receiver.fault = None
        if one.endpoint is EndpointFault.BAD_TLS:
            self._move_endpoint(made, made.moody_endpoint.receiver.url)
        elif one.endpoint is EndpointFault.GONE:
            path = f"/endpoints/{made.moody_endpoint.id}"
            made.insist(lambda: made.client.patch(path, {"enabled": True}))
        if made.trap.connections:
            self._outcome.problems.append(f"round {one.number}: a camera's redirect was followed")
        if made.moody_endpoint.receiver.followed:
            self._outcome.problems.append(f"round {one.number}: an endpoint's redirect was followed")

    def _move_endpoint(self, made: Yard, url: str) -> None:
        body = {"url": url, "confirm_private": True}
        made.insist(lambda: made.client.patch(f"/endpoints/{made.moody_endpoint.id}", body))

    def _kill(self, made: Yard, victim: str) -> None:
        pid = made.pid(victim)
        services = made.site.pids() if victim == SUPERVISOR else {}
        send(pid, signal.SIGKILL)
        self._outcome.kills[victim] += 1
        self._orphans |= {child: name for name, child in services.items() if name != SUPERVISOR}

    def _look_for_orphans(self, made: Yard) -> None:
        orphans, self._orphans = self._orphans, {}
        if not made.until(lambda: not any(map(alive, orphans)), within_s=ORPHANS_END_WITHIN_S):
            names = sorted(name for pid, name in orphans.items() if alive(pid))
            self._outcome.problems.append(f"outlived the supervisor: {', '.join(names)}")

    def _recover(self, made: Yard, cause: str) -> float:
        """Until of each steady camera some more frames were answered and committed, and every service says so."""
        began_s, before = time.monotonic(), _answered(made)
        if not made.until(lambda: _is_well(made, before), within_s=RECOVERS_WITHIN_S):
            self._outcome.problems.append(f"not well {RECOVERS_WITHIN_S:.0f} s after {cause}")
        took_s = time.monotonic() - began_s
        self._outcome.recovery_s.append(took_s)
        return took_s

    def _count(self, made: Yard, one: Round) -> dict[str, Count]:
        """The moody camera may not be back yet: its newest frames may still be without an account."""
        counts = settled_counts(made, made.steady)
        self._outcome.counts = counts
        self._judge(made, counts, f"round {one.number}", all_play=False)
        return counts

    def _bring_back_the_moody(self, made: Yard) -> None:
        """It is switched off and on, as its owner would, so that ingest asks it at once; then its books are judged."""
        path, began = f"/cameras/{made.moody.id}", _answered(made).get(made.moody.id, 0)
        for enabled in (False, True):
            made.insist(partial(made.client.patch, path, {"enabled": enabled}))
            made.wait(TAKES_NOTE_S)
        plays = made.until(
            lambda: _answered(made).get(made.moody.id, 0) >= began + MOVED_FRAMES, within_s=RECOVERS_WITHIN_S
        )
        if not plays:
            self._outcome.problems.append(f"a camera without a fault did not play again in {RECOVERS_WITHIN_S:.0f} s")
        counts = settled_counts(made, made.watched())
        self._outcome.counts = counts
        self._judge(made, counts, "in the end", all_play=plays)

    def _judge(self, made: Yard, counts: dict[str, Count], when: str, *, all_play: bool) -> None:
        done = self._outcome
        blows = Blows(done.kills["ingest"] + done.kills[SUPERVISOR], done.kills[VALKEY] + done.faults[EMPTIED])
        for camera in made.watched():
            held, plays = counts.get(camera.id), all_play or camera in made.steady
            wrong = ["never counted"] if held is None else unexplained(held, blows, plays=plays)
            done.conserved = done.conserved and not wrong
            done.problems += [f"{when}: frames of {camera.mount.name}: {said}" for said in wrong]


def _answered(made: Yard) -> dict[str, int]:
    try:
        return answered(made)
    except Unavailable:
        return {}


def _is_well(made: Yard, before: dict[str, int]) -> bool:
    """The first frame after it may have been in the making before."""
    now = _answered(made)
    moved = all(now.get(camera.id, 0) >= before.get(camera.id, 0) + MOVED_FRAMES for camera in made.steady)
    return moved and made.client.is_ready()
