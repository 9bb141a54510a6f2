"""A rule, understood: the plan that the compiler makes and every room reads.

Takes: nothing.
Gives: RulePlan and its parts, frozen; the JSON of `rule explain`; the key by which identical questions are asked once.
Knows nothing about: sentences, engines, time."""

import hashlib
from typing import Literal, get_args

import msgspec

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Status = Literal["ok", "needs_rewording", "refused"]
Severity = Literal["critical", "high", "medium", "low", "info"]
TemporalKind = Literal["instant", "sustained", "absent", "sequence", "k_of_n"]
CountOp = Literal[">", ">=", "<", "<=", "=="]
TrackKind = Literal["stays", "still", "enters", "leaves", "crosses", "left", "removed", "near"]
Origin = Literal["grammar", "model"]
PredicateKind = Literal["objects", "motion", "foreground", "dark", "covered", "frozen", TrackKind]

#: what no single frame shows: made from the detections of successive frames
TRACK_KINDS: tuple[TrackKind, ...] = get_args(TrackKind)
#: of these a rule may want so many
COUNTABLE_KINDS: tuple[PredicateKind, ...] = ("objects", *TRACK_KINDS)


class Predicate(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the edge engine reads off a frame: objects of some classes, or one fact of the scene history.

    `objects`: something of `labels` is visible, in that `colour` where one is named. `motion`: something moves.
    `foreground`: something is there that the learnt background does not hold. `dark`, `covered`, `frozen`: the picture
    as a whole.

    Of TRACK_KINDS: one of `labels` `stays` in the picture, or in one of `zones`, or stands `still` there, for
    `seconds`; `enters`, `leaves` or `crosses` one of `zones`; is `near` one of `others`; was `left` by its owner
    `seconds` ago; was `removed`. `left` and `removed` without labels: anything that somebody put down."""

    kind: PredicateKind
    labels: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    seconds: float | None = None
    colour: str = ""


#: a question about change over time is asked of so many successive keyframes at most
MOST_FRAMES = 4


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """One affirmative yes/no question; `predicate` is there where the edge engine can answer it.

    `frames`: how many successive keyframes it is about, 1 to MOST_FRAMES; falling and fighting need more than one."""

    id: str
    text: str
    predicate: Predicate | None = None
    frames: int = 1


class Temporal(msgspec.Struct, frozen=True, omit_defaults=True):
    """How answers over time become an incident; a number that the sentence leaves open is absent."""

    kind: TemporalKind = msgspec.field(default="instant")
    seconds: float | None = None
    within_s: float | None = None
    k: int | None = None
    n: int | None = None

    def as_json(self) -> dict[str, object]:
        """The kind always stands in the JSON, also where it is the default."""
        return {"kind": self.kind} | {name: value for name, value in self._numbers() if value is not None}

    def _numbers(self) -> list[tuple[str, float | int | None]]:
        return [("seconds", self.seconds), ("within_s", self.within_s), ("k", self.k), ("n", self.n)]


class Window(msgspec.Struct, frozen=True):
    """`days` are those on which the window starts; `end` < `start` runs into the next day; "24:00" is midnight."""

    days: tuple[Day, ...]
    start: str
    end: str


class Count(msgspec.Struct, frozen=True):
    """How many of the questioned things there must be."""

    op: CountOp
    n: int


class Lint(msgspec.Struct, frozen=True, omit_defaults=True):
    """One remark on a rule; codes as in the annotation conventions."""

    level: Literal["error", "warning", "info"]
    code: str
    message: str
    suggestion: str | None = None


class Answerable(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one engine can do with the rule."""

    engine: str
    ok: bool
    reason: str | None = None


class RulePlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """A compiled rule. `logic` combines question ids with `and or not ( )`.

    `origin`: "model" where a language model proposed it and the proposal passed the checks.

    `unsure`: the grammar may have misread the sentence: a question holds what does not belong there, or a part had no
    place in the plan. It is no lint: the plan stays as it is, and a second opinion is worth asking. In the JSON it
    stands only where it is true."""

    lang: Literal["en", "zh"]
    status: Status
    questions: tuple[Question, ...]
    logic: str
    negated: bool
    temporal: Temporal
    window: tuple[Window, ...]
    zones: tuple[str, ...]
    cameras: tuple[str, ...]
    lint: tuple[Lint, ...]
    answerable: tuple[Answerable, ...]
    summary: str
    count: Count | None = None
    cooldown_s: float | None = None
    severity: Severity | None = None
    origin: Origin = "grammar"
    unsure: bool = False


_PLAN_DECODER = msgspec.json.Decoder(RulePlan)


def plan_to_json(plan: RulePlan) -> dict[str, object]:
    """The JSON object of `rule explain`: every key of the interface, optional ones absent."""
    data: dict[str, object] = msgspec.to_builtins(plan)
    data["temporal"] = plan.temporal.as_json()
    return data


def encode_plan(plan: RulePlan) -> str:
    """For the database; `decode_plan` reads it back."""
    return msgspec.json.encode(plan_to_json(plan)).decode()


def decode_plan(text: str) -> RulePlan:
    """Raises msgspec.ValidationError where the text is not a plan."""
    return _PLAN_DECODER.decode(text)


def question_key(question: Question) -> str:
    """The same for questions that ask the same thing, whichever rule holds them.

    The text counts too: "a person is visible" and "a person rides" share a predicate, and not an answer."""
    predicate = msgspec.json.encode(question.predicate) if question.predicate else b""
    frames = b"\0%d" % question.frames if question.frames > 1 else b""
    return "q_" + hashlib.sha256(predicate + b"\0" + question.text.casefold().encode() + frames).hexdigest()[:16]
