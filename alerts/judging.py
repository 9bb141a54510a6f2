"""The one place where alerts and rules meet: messages go in, changes of incidents come out.

Takes: the rulebook, machine states, messages, the passing of time.
Gives: the next states and what changed; nothing is written here.
Knows nothing about: how a machine decides, the database, pictures."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from alerts.calibrating import UNCALIBRATED, Calibration, calibrated_answers
from contracts.errors import Invalid
from contracts.messages import Answers, Missed, StreamMessage, Unchanged
from contracts.plan import TRACK_KINDS
from rules.asking.asked import asked_key
from rules.incidents.judge import judge
from rules.incidents.machine import observe_missed, observe_unchanged, step, tick
from rules.incidents.spec import RuleSpec, spec_for
from rules.incidents.state import Change, ChangeKind, MachineState, Observation, decode_state, encode_state
from rules.tracks.following import Wanted
from rules.tracks.ground import Polygon
from store.cameras import CameraRow
from store.machines import MachineRow
from store.rulebook import Rulebook
from store.rules import RuleRow
from store.times import to_text

log = logging.getLogger(__name__)

__all__ = ["Change", "ChangeKind", "Judges", "Key", "States", "Watch"]

#: rule and camera
Key = tuple[str, str]
States = dict[Key, MachineState]


@dataclass(frozen=True, slots=True)
class Watch:
    """One rule on one camera."""

    rule: RuleRow
    camera: CameraRow
    spec: RuleSpec

    @property
    def key(self) -> Key:
        """Where its state is kept."""
        return (self.rule.id, self.camera.id)

    @property
    def follows(self) -> bool:
        """Whether one of its questions is answered by tracks."""
        predicates = (question.predicate for question in self.rule.plan.questions)
        return any(predicate is not None and predicate.kind in TRACK_KINDS for predicate in predicates)


class Judges:
    """For one rulebook; make another when it changes."""

    def __init__(self, rulebook: Rulebook, *, timezone: str) -> None:
        self.rulebook = rulebook
        self._timezone = timezone
        self._watches: dict[str, tuple[Watch, ...]] = {}
        self._followed: dict[str, tuple[Wanted, Mapping[str, Polygon]]] = {}

    def watches(self, camera_id: str) -> tuple[Watch, ...]:
        """The rules that watch this camera."""
        if camera_id not in self._watches:
            camera = self.rulebook.camera(camera_id)
            rules = self.rulebook.rules_of(camera_id) if camera else ()
            found = (self._watch(rule, camera) for rule in rules if camera)
            self._watches[camera_id] = tuple(watch for watch in found if watch)
        return self._watches[camera_id]

    def followed(self, camera_id: str) -> tuple[Wanted, Mapping[str, Polygon]]:
        """What the rules that follow things ask of this camera, and its zones; nothing where no rule does."""
        if camera_id not in self._followed:
            plans = [watch.rule.plan for watch in self.watches(camera_id) if watch.follows]
            wanted = {asked_key(plan, each): each.predicate for plan in plans for each in plan.questions}
            camera = self.rulebook.camera(camera_id)
            zones = {zone.name: zone.polygon for zone in camera.zones} if camera else {}
            self._followed[camera_id] = (wanted, zones)
        return self._followed[camera_id]

    def hear(
        self,
        watch: Watch,
        states: States,
        message: StreamMessage,
        *,
        skipped: int,
        calibration: Calibration = UNCALIBRATED,
        again: Answers | None = None,
    ) -> tuple[Change, ...]:
        """`skipped` frames before this one got no answer: they are unknown. Moves the state in `states`.

        `again`: of a frame that is unchanged, its answers as of now; who stands still in it has stood longer."""
        before = state = states.get(watch.key, MachineState())
        early: tuple[Change, ...] = ()
        if skipped:
            state, early = observe_missed(watch.spec, state, _begins(message))
        if again is not None and watch.follows:
            state, changes = _observe(watch, state, again, calibration)
        else:
            state, changes = _observe(watch, state, message, calibration)
        states[watch.key], changes = self._hushed(watch, before, state, early + changes, message.captured_at)
        return changes

    def tick(self, states: States, now: datetime) -> tuple[States, tuple[tuple[Watch, Change], ...]]:
        """The states that time alone moved, and what changed."""
        moved: States = {}
        changes: list[tuple[Watch, Change]] = []
        for (rule_id, camera_id), state in states.items():
            if state.open is None and state.waiting_since is None:
                continue
            watch = next((each for each in self.watches(camera_id) if each.rule.id == rule_id), None)
            if watch is None:
                continue
            after, changed = self._hushed(watch, state, *tick(watch.spec, state, now), now)
            if after != state:
                moved[watch.key] = after
            changes += [(watch, change) for change in changed]
        return moved, tuple(changes)

    def _hushed(
        self, watch: Watch, before: MachineState, after: MachineState, changes: tuple[Change, ...], at: datetime
    ) -> tuple[MachineState, tuple[Change, ...]]:
        """As in a cooldown: while a person snoozes the rule here nothing opens, and what is open goes on."""
        opens = any(change.kind is ChangeKind.OPENED for change in changes)
        if not opens or not self.rulebook.is_snoozed(*watch.key, to_text(at)):
            return after, changes
        quiet = msgspec.structs.replace(after, open=None, sent_at=before.sent_at)
        return quiet, tuple(change for change in changes if change.kind is not ChangeKind.OPENED)

    def why_over(self, rule_id: str, version: int, camera_id: str) -> str | None:
        """Why a rule's version no longer watches a camera; None: it still does."""
        if camera_id in self.rulebook.disarmed:
            return "disarmed"
        if self.rulebook.camera(camera_id) is None:
            return "the camera was removed or switched off"
        rule = next((rule for rule in self.rulebook.rules if rule.id == rule_id), None)
        if rule is None:
            return "the rule was removed or switched off"
        if rule not in self.rulebook.rules_of(camera_id):
            return "the rule no longer watches this camera"
        return None if rule.version == version else "the rule was changed"

    def _watch(self, rule: RuleRow, camera: CameraRow) -> Watch | None:
        try:
            spec = spec_for(
                rule.plan,
                rule_id=rule.id,
                version=rule.version,
                zones={zone.name: zone.polygon for zone in camera.zones},
                timezone=camera.timezone or self._timezone,
                threshold=rule.threshold,
            )
        except Invalid as error:
            log.warning("rule not run", extra={"rule_id": rule.id, "camera_id": camera.id, "problem": str(error)})
            return None
        return Watch(rule, camera, spec)


def states_from(rows: Iterable[MachineRow], judges: Judges) -> tuple[States, list[Key]]:
    """What was committed, and the keys of machines that are over: their rule has another version, or is gone."""
    states: States = {}
    over: list[Key] = []
    for row in rows:
        key = (row.rule_id, row.camera_id)
        if judges.why_over(row.rule_id, row.rule_version, row.camera_id) is not None:
            over.append(key)
            continue
        try:
            states[key] = decode_state(row.state)
        except msgspec.DecodeError:
            log.warning("machine begun anew", extra={"rule_id": row.rule_id, "camera_id": row.camera_id})
            over.append(key)
    return states, over


def machine_rows(states: Mapping[Key, MachineState], judges: Judges) -> tuple[MachineRow, ...]:
    """For the database."""
    versions = {rule.id: rule.version for rule in judges.rulebook.rules}
    return tuple(
        MachineRow(rule_id, camera_id, versions[rule_id], encode_state(state))
        for (rule_id, camera_id), state in states.items()
    )


def _observe(
    watch: Watch, state: MachineState, message: StreamMessage, calibration: Calibration
) -> tuple[MachineState, tuple[Change, ...]]:
    spec = watch.spec
    match message:
        case Answers():
            answers = calibrated_answers(calibration, watch.rule, watch.camera, message.model, message.answers)
            judgement = judge(spec, answers)
            seen = Observation(message.captured_at, judgement, (message.epoch, message.seq))
            return step(spec, state, seen)
        case Unchanged():
            same_as = (message.epoch, message.same_as_seq)
            return observe_unchanged(spec, state, message.captured_at, same_as, since=message.since)
        case Missed():
            return observe_missed(spec, state, message.captured_at)


def _begins(message: StreamMessage) -> datetime:
    since = message.since if isinstance(message, Unchanged) else None
    return since or message.captured_at
