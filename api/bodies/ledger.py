"""The decision ledger over HTTP.

Takes: entries of a camera, the rules whose versions they name.
Gives: LedgerOut.
Knows nothing about: how entries are kept."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from contracts.plan import RulePlan
from rules.asking.asked import asked_as, asked_key
from store.decision_block import Answered, Decided, Entry
from store.times import to_text

_OUT: JsonDict = {
    "from": "2026-11-22T22:14:03.120Z",
    "to": "2026-11-22T22:14:03.120Z",
    "kind": "analysed",
    "epoch": 3,
    "first_seq": 1842,
    "last_seq": 1842,
    "frames": 1,
    "answers": [{"question": "q_5c1de0c6a1b2c3d4", "text": "Is a car visible?", "score": 0.31, "count": 1}],
    "rules": [
        {
            "id": "rul_01kap3v5c7e8k2m9qs",
            "version": 1,
            "text": "a car is visible",
            "outcome": "below_threshold",
            "score": 0.31,
            "bar": 0.35,
        }
    ],
}

#: (rule, version): its text and plan as they were
Versions = Mapping[tuple[str, int], tuple[str, RulePlan]]


class LedgerAnswer(BaseModel):
    """What the engine said to one question."""

    question: str
    text: str | None = Field(default=None, description="As it was asked; absent where its rule is gone.")
    score: float | None = Field(default=None, description="How sure of a yes, before calibration; rounded down.")
    count: int | None = None
    unknown: str | None = Field(default=None, description="Why there is no answer.")


class LedgerRule(BaseModel):
    """What came of it for one rule."""

    id: str
    version: int
    text: str | None = Field(default=None, description="Absent where the rule is gone.")
    outcome: str = Field(
        description="opened, updated, ended, still_open; below_threshold, confirming, holding, waiting, counting: "
        "something is missing yet; cooldown, snoozed, outside_window, out_of_order; unknown, not_evaluated."
    )
    score: float | None = Field(default=None, description="How sure it was, rounded down.")
    bar: float | None = Field(default=None, description="What a score has to reach.")
    since: str | None = Field(default=None, description="When what has to last began, or the incident.")
    needed_s: float | None = Field(default=None, description="How long it has to last, or a cooldown lasts.")
    so_far: int | None = Field(default=None, description="How often it happened.")
    needed: int | None = Field(default=None, description="How often it has to.")
    why: str | None = Field(default=None, description="Why it ended, or is unknown.")


class LedgerOut(BaseModel):
    """One frame, or a stretch of frames of which the same is to be said; or a moment without a frame."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]}, populate_by_name=True)

    since: str = Field(serialization_alias="from", description="When its first frame was taken.")
    to: str = Field(description="When its last frame was taken.")
    kind: str = Field(description="analysed, unchanged, dropped, late, or time: something changed without a frame.")
    reason: str | None = Field(
        default=None,
        description="Of a drop its reason, unheard: ingest gave the frames up, or the bus lost them. "
        "Else why no rule was held against it: disarmed, switched_off, no_rules.",
    )
    ingest_dropped: dict[str, int] | None = Field(
        default=None, description="With unheard: what ingest gave up in those minutes, by reason."
    )
    epoch: int | None = None
    first_seq: int | None = None
    last_seq: int | None = None
    frames: int
    answers: list[LedgerAnswer] = Field(description="None of its own where it is unchanged.")
    rules: list[LedgerRule]


def ledger_out(entry: Entry, versions: Versions, ingest_dropped: Mapping[str, int]) -> LedgerOut:
    """`ingest_dropped`: of the minutes that it touches."""
    texts: dict[str, str] = {}
    for each in entry.decided:
        _, plan = versions.get((each.rule_id, each.version), ("", None))
        texts |= {asked_key(plan, one): asked_as(plan, one).text for one in plan.questions} if plan else {}
    framed = entry.frames > 0
    return LedgerOut(
        since=_time(entry.since_ms),
        to=_time(entry.at_ms),
        kind=entry.kind,
        reason=entry.reason or None,
        ingest_dropped=dict(ingest_dropped) or None,
        epoch=entry.epoch if framed else None,
        first_seq=entry.seq - entry.frames + 1 if framed else None,
        last_seq=entry.seq if framed else None,
        frames=entry.frames,
        answers=[_answer(each, texts.get(each.question)) for each in entry.answers],
        rules=[_rule(each, versions) for each in entry.decided],
    )


def _answer(answer: Answered, text: str | None) -> LedgerAnswer:
    return LedgerAnswer(
        question=answer.question,
        text=text,
        score=_share(answer.percent),
        count=answer.count,
        unknown=answer.why or None,
    )


def _rule(decided: Decided, versions: Versions) -> LedgerRule:
    text, _ = versions.get((decided.rule_id, decided.version), (None, None))
    return LedgerRule(
        id=decided.rule_id,
        version=decided.version,
        text=text,
        outcome=decided.outcome,
        score=_share(decided.percent),
        bar=_share(decided.bar),
        since=None if decided.since_ms is None else _time(decided.since_ms),
        needed_s=decided.needed_s or None,
        so_far=decided.so_far if decided.needed else None,
        needed=decided.needed or None,
        why=decided.why or None,
    )


def _share(percent: int | None) -> float | None:
    return None if percent is None else percent / 100


def _time(ms: int) -> str:
    return to_text(datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000))
