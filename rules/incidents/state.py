"""What a rule remembers of one camera between two frames, and what it says when something changes.

Takes: nothing.
Gives: MachineState (to JSON and back without loss), Observation, Change.
Knows nothing about: how they come about; see machine.py."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from contracts.messages import Detection
from rules.incidents.judge import UNKNOWN, Judgement
from rules.incidents.logic import Truth
from rules.incidents.thresholds import SET_BACK_S
from rules.tracks.state import Frame


class ChangeKind(StrEnum):
    """An incident begins, is seen better, or is over."""

    OPENED = "opened"
    UPDATED = "updated"
    ENDED = "ended"


class Reason(StrEnum):
    """Why it changed."""

    SEEN = "seen"  # the condition held
    HELD = "held"  # it held for its time
    FOLLOWED = "followed"  # B came after A
    MISSED_STEP = "missed_step"  # B did not come after A
    REPEATED = "repeated"  # k of n, or k times
    CLEARER = "clearer"  # a frame shows it better than the one that was told
    CLEARED = "cleared"  # it no longer holds
    WINDOW = "window"  # the rule's hours are over


@dataclass(frozen=True, slots=True)
class Change:
    """`at`: captured_at of the deciding frame. `started_at`: when the condition began."""

    kind: ChangeKind
    at: datetime
    started_at: datetime
    reason: Reason
    confidence: float = 0.0
    boxes: tuple[Detection, ...] = ()
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What is known at `captured_at`; `since`: it has been so from then on. No `judgement`: nothing is known."""

    captured_at: datetime
    judgement: Judgement = UNKNOWN
    frame: Frame | None = None
    since: datetime | None = None


class Glance(msgspec.Struct, frozen=True):
    """One answer of late, kept to confirm the next."""

    at: datetime
    truth: Truth
    is_sure: bool = True


class Run(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stretch in which something is true: `no_since` marks a doubt that may be flicker."""

    since: datetime
    last_yes: datetime
    no_since: datetime | None = None


class Open(msgspec.Struct, frozen=True, omit_defaults=True):
    """The open incident; `no_since` and `no_frames` count towards its end. `told`: the confidence last told."""

    started_at: datetime
    opened_at: datetime
    no_since: datetime | None = None
    no_frames: int = 0
    told: float = 0.0
    told_at: datetime | None = None


class MachineState(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that the machine remembers; it never grows beyond a few dozen entries.

    `run`: the condition, or a sequence's A. `then_run`: a sequence's B. `waiting_since`: A began and B is awaited.
    `starts`: when the latest occurrences began. `sent_at`: when the last incident opened, for the cooldown.
    `looked_at`: the last frame of which something was known; `steps_s`: how far apart the latest of them were."""

    last_at: datetime | None = None
    last_frame: Frame | None = None
    last_judgement: Judgement | None = None
    recent: tuple[Glance, ...] = ()
    run: Run | None = None
    then_run: Run | None = None
    waiting_since: datetime | None = None
    waiting_seen: bool = False
    starts: tuple[datetime, ...] = ()
    open: Open | None = None
    sent_at: datetime | None = None
    looked_at: datetime | None = None
    steps_s: tuple[float, ...] = ()

    @property
    def spacing_s(self) -> float:
        """How far apart looks are of late; one pause says nothing. 0: not known yet."""
        return min(self.steps_s, default=0.0)


def is_late(state: MachineState, at: datetime) -> bool:
    """A frame of that time is older than the last one; much older, and its clock was set back: then it is not late."""
    return state.last_at is not None and timedelta() < state.last_at - at < timedelta(seconds=SET_BACK_S)


def is_set_back(state: MachineState, at: datetime) -> bool:
    """No frame comes so late: the clock was set back before it was taken."""
    return state.last_at is not None and state.last_at - at >= timedelta(seconds=SET_BACK_S)


def begun_anew(state: MachineState, at: datetime) -> MachineState:
    """After the clock was set back to `at`: what lies ahead now is forgotten, but for the open incident."""
    opened = state.open
    if opened is not None:
        opened = Open(min(opened.started_at, at), min(opened.opened_at, at), told=opened.told, told_at=at)
    sent_at = min(state.sent_at, at) if state.sent_at else None
    return MachineState(last_frame=state.last_frame, last_judgement=state.last_judgement, open=opened, sent_at=sent_at)


_DECODER = msgspec.json.Decoder(MachineState)


def encode_state(state: MachineState) -> str:
    """For the database."""
    return msgspec.json.encode(state).decode()


def decode_state(text: str) -> MachineState:
    """Raises msgspec.ValidationError where the text is no state."""
    return _DECODER.decode(text)
