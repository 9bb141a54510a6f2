"""Frames on which a rule was silent, chosen by chance so that a person may say whether that was right.

Takes: a connection inside the caller's transaction, AuditedFrame.
Gives: the same back, page by page; each holds a person's word once there is one.
Knows nothing about: how they are chosen, what a word does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import msgspec
import sqlalchemy as sa

from store.calibration_schema import audited_frames
from store.incidents import Evidence
from store.upsert import insert_or_update


@dataclass(frozen=True, slots=True)
class AuditedFrame:
    """`model` as store.calibration.model_key writes it; `margins` raw, by question key; `value` None: not looked at."""

    id: str
    rule_id: str
    rule_version: int
    camera_id: str
    camera_group: str
    epoch: int
    seq: int
    captured_at: str
    model: str
    margins: Mapping[str, float]
    evidence: Evidence
    probability: float
    value: str | None = None


def add_audited_frames(connection: sa.Connection, frames: Sequence[AuditedFrame]) -> None:
    """A frame that was chosen before, by a worker that was killed, stays as it is."""
    for frame in frames:
        connection.execute(insert_or_update(connection, audited_frames).values(_values(frame)).on_conflict_do_nothing())


def audited_frame_by_id(connection: sa.Connection, frame_id: str) -> AuditedFrame | None:
    """None where there is none."""
    found = connection.execute(sa.select(audited_frames).where(audited_frames.c.id == frame_id)).mappings().first()
    return _row(found) if found else None


def page_of_audited_frames(
    connection: sa.Connection, *, before: str, limit: int, rule_id: str = "", unseen_only: bool = False
) -> tuple[AuditedFrame, ...]:
    """Newest first, older than the id `before` ("" for the newest of all)."""
    wanted = sa.select(audited_frames).order_by(audited_frames.c.id.desc()).limit(limit)
    if before:
        wanted = wanted.where(audited_frames.c.id < before)
    if rule_id:
        wanted = wanted.where(audited_frames.c.rule_id == rule_id)
    if unseen_only:
        wanted = wanted.where(audited_frames.c.value.is_(None))
    return tuple(_row(found) for found in connection.execute(wanted).mappings())


def judge_audited_frame(connection: sa.Connection, frame: AuditedFrame, value: str) -> AuditedFrame:
    """A person's word, in place of the one before."""
    connection.execute(sa.update(audited_frames).where(audited_frames.c.id == frame.id).values(value=value))
    return replace(frame, value=value)


def _values(frame: AuditedFrame) -> dict[str, object]:
    values: dict[str, object] = {field.name: getattr(frame, field.name) for field in fields(frame)}
    return values | {name: msgspec.json.encode(values[name]).decode() for name in ("margins", "evidence")}


def _row(found: Mapping[Any, Any]) -> AuditedFrame:
    values = dict(found)
    values["margins"] = msgspec.json.decode(values["margins"], type=dict[str, float])
    values["evidence"] = msgspec.json.decode(values["evidence"], type=Evidence)
    return AuditedFrame(**values)
