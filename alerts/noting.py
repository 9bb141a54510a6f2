"""What the ledger is told of one message: which frame it was, what was answered, what came of it for each rule.

Takes: messages of the answer stream, the states of each rule's machine before and after them.
Gives: Scribe, which notes a batch as store.decision_block.Entry.
Knows nothing about: the database, how a machine decides."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import exp, floor

from alerts.judging import Change, Judges, Watch
from alerts.ledger import Watermark
from contracts.messages import Answer, Answers, Missed, StreamMessage, Unchanged
from rules.incidents.decision import Asked, Decision, Outcome, asked_of, decision_of, decision_of_time
from rules.incidents.judge import UNKNOWN
from rules.incidents.state import MachineState, Observation
from store.decision_block import Answered, Decided, Entry, Noted
from store.incidents import IncidentRow
from store.times import to_text

#: frames between two messages, of which the answer stream says nothing: ingest gave them up, or the bus lost them
UNHEARD = "unheard"
#: why no rule was held against a frame
DISARMED, SWITCHED_OFF, NO_RULES = "disarmed", "switched_off", "no_rules"

ByKey = Mapping[str, Answer]
Changes = tuple[Change, ...]
_BLANK = MachineState()


class Scribe:
    """For one batch: each message in its order, each rule's word on it before the message itself."""

    def __init__(self, judges: Judges, watermarks: Mapping[str, Watermark], *, keeps: bool = True) -> None:
        self.noted: list[Noted] = []
        self._judges = judges
        self._newest = {camera: mark.captured_at for camera, mark in watermarks.items()} if keeps else {}
        self._keeps = keeps
        self._answers: tuple[StreamMessage, ByKey] | None = None
        self._decisions: list[Decided] = []
        self._asked: dict[str, Asked] = {}

    def judged(
        self, watch: Watch, before: MachineState | None, after: MachineState, message: StreamMessage, changes: Changes
    ) -> None:
        """What it came to for one rule. Of a frame that was dropped nothing is said where nothing changed."""
        if not self._keeps or (isinstance(message, Missed) and not changes):
            return
        rulebook, rule_id = self._judges.rulebook, watch.rule.id
        if rule_id not in self._asked:
            self._asked[rule_id] = asked_of(watch.spec)
        decision = decision_of(
            watch.spec,
            self._asked[rule_id],
            before or _BLANK,
            after,
            _observed(before or _BLANK, after, message),
            changes,
            self._by_key(message),
            is_snoozed=bool(rulebook.snoozes) and rulebook.is_snoozed(*watch.key, to_text(message.captured_at)),
        )
        self._decisions.append(_row(watch, decision))

    def frame(self, message: StreamMessage, skipped: int) -> None:
        """After all rules. `skipped`: frames before it of which nothing was heard."""
        if not self._keeps:
            return
        if skipped:
            self._note(message.camera, unheard_entry(message, skipped, self._newest.get(message.camera)))
        self._note(message.camera, frame_entry(message, self._decisions, self._why_silent(message.camera)))
        self._newest[message.camera] = message.captured_at
        self._decisions = []

    def late(self, message: StreamMessage) -> None:
        """Counted, and nothing else."""
        if self._keeps:
            self._note(message.camera, late_entry(message))

    def time(self, changes: Iterable[tuple[Watch, Change]], now: datetime) -> None:
        """What changed without a frame."""
        by_camera: dict[str, list[Decided]] = {}
        for watch, change in changes:
            by_camera.setdefault(watch.camera.id, []).append(_row(watch, decision_of_time(change)))
        for camera_id, decisions in by_camera.items():
            self._note(camera_id, time_entry(now, decisions))

    def over(self, incident: IncidentRow, why: str, now: datetime) -> None:
        """The rule, or its camera, is no longer what the incident was opened for."""
        ended = Decided(incident.rule_id, incident.rule_version, Outcome.ENDED.value, why=why)
        self._note(incident.camera_id, time_entry(now, (ended,)))

    def _note(self, camera_id: str, entry: Entry) -> None:
        if self._keeps:
            self.noted.append((camera_id, entry))

    def _by_key(self, message: StreamMessage) -> ByKey | None:
        """The answers of a frame that has its own."""
        if not isinstance(message, Answers):
            return None
        if self._answers is None or self._answers[0] is not message:
            self._answers = (message, {answer.question_key: answer for answer in message.answers})
        return self._answers[1]

    def _why_silent(self, camera_id: str) -> str:
        if self._judges.watches(camera_id):
            return ""
        rulebook = self._judges.rulebook
        if camera_id in rulebook.disarmed:
            return DISARMED
        return NO_RULES if rulebook.camera(camera_id) else SWITCHED_OFF


def frame_entry(message: StreamMessage, decisions: Sequence[Decided], silent: str) -> Entry:
    """`silent`: why no rule was held against it."""
    at_ms = to_ms(message.captured_at)
    match message:
        case Answers():
            answered = tuple(_answered(answer) for answer in message.answers)
            return Entry(at_ms, at_ms, "analysed", message.epoch, message.seq, 1, silent, answered, tuple(decisions))
        case Unchanged():
            since_ms = to_ms(message.since or message.captured_at)
            frames, made = message.count, tuple(decisions)
            return Entry(at_ms, since_ms, "unchanged", message.epoch, message.seq, frames, silent, (), made)
        case Missed():
            moments = tuple(decisions)
            return Entry(
                at_ms, at_ms, "dropped", message.epoch, message.seq, message.count, message.reason, (), moments
            )


def late_entry(message: StreamMessage) -> Entry:
    """Its answers came when later frames had been judged: it counts, and nothing else."""
    at_ms = to_ms(message.captured_at)
    return Entry(at_ms, at_ms, "late", message.epoch, message.seq, _count(message))


def unheard_entry(message: StreamMessage, skipped: int, since: datetime | None) -> Entry:
    """The frames before this one. `since`: when the one before them was taken."""
    at_ms = to_ms(message.captured_at)
    since_ms = min(at_ms, to_ms(since)) if since else at_ms
    last = message.seq - _count(message)
    return Entry(at_ms, since_ms, "dropped", message.epoch, last, skipped, UNHEARD)


def time_entry(at: datetime, decisions: Sequence[Decided]) -> Entry:
    """Of no frame."""
    at_ms = to_ms(at)
    return Entry(at_ms, at_ms, "time", decided=tuple(decisions))


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def _observed(before: MachineState, after: MachineState, message: StreamMessage) -> Observation:
    """What the machine took the message for."""
    frame = (message.epoch, message.seq)
    if isinstance(message, Answers):
        return Observation(message.captured_at, after.last_judgement or UNKNOWN, frame)
    if isinstance(message, Missed):
        return Observation(message.captured_at)
    # Of things that are followed an unchanged frame is judged anew.
    known = after.last_frame != before.last_frame or before.last_frame == (message.epoch, message.same_as_seq)
    judgement = (after.last_judgement or UNKNOWN) if known else UNKNOWN
    return Observation(message.captured_at, judgement, frame, message.since)


def _row(watch: Watch, decision: Decision) -> Decided:
    return Decided(
        watch.rule.id,
        watch.rule.version,
        decision.outcome.value,
        None if decision.score is None else percent(decision.score),
        None if decision.bar is None else round(decision.bar * 100),
        None if decision.since is None else to_ms(decision.since),
        decision.needed_s,
        decision.so_far,
        decision.needed,
        decision.why,
    )


def _answered(answer: Answer) -> Answered:
    if answer.unknown_reason is not None and not answer.to_track:
        return Answered(answer.question_key, why=answer.unknown_reason)
    best: float | None = None
    if answer.detections:
        best = max(each.score for each in answer.detections)
    elif answer.margin is not None:
        best = 1.0 / (1.0 + exp(-max(min(answer.margin, 60.0), -60.0)))
    return Answered(answer.question_key, None if best is None else percent(best), answer.count)


def percent(chance: float) -> int:
    """Rounded down, so that what lies below a bar is not shown as if it reached it."""
    return floor(chance * 100 + 1e-6)


def _count(message: StreamMessage) -> int:
    return 1 if isinstance(message, Answers) else message.count
