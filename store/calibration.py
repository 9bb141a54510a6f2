"""What people said of single answers, and the scalings that were fitted to it.

Takes: a connection inside the caller's transaction, LabelRow, CalibrationRow.
Gives: the same back; a version that grows with every change of labels, and the one that was fitted last.
Knows nothing about: how a scaling is fitted or applied."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from contracts.messages import ModelRef
from store.calibration_schema import calibrations, labels
from store.site import count_of, count_up, raise_count
from store.times import to_text

#: the newest of all; what is older than so many speaks for a site as it no longer is
LABELS_MOST = 50_000
_LABELS = "labels_version"
_FITTED = "fitted_version"

Source = Literal["feedback", "audit"]


@dataclass(frozen=True, slots=True)
class LabelRow:
    """`subject`: the incident or the audited frame that a person looked at; `margin` as the engine gave it."""

    subject: str
    question_key: str
    rule_id: str
    rule_version: int
    camera_group: str
    model: str
    margin: float
    truth: bool
    source: Source
    at: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """`rule_id` "" is what all rules of a model share. `labels`: how many it was fitted to."""

    rule_id: str
    rule_version: int
    question_key: str
    camera_group: str
    model: str
    slope: float
    offset: float
    labels: int


def model_key(model: ModelRef) -> str:
    """Engine, model and revision (which names the wording too): margins of two of these never mix."""
    return f"{model.engine}/{model.name}@{model.revision}"


def set_labels(connection: sa.Connection, subject: str, rows: Sequence[LabelRow]) -> None:
    """In place of what was said of the subject before; no rows take it back."""
    dropped = connection.execute(sa.delete(labels).where(labels.c.subject == subject)).rowcount
    if rows:
        connection.execute(sa.insert(labels), [asdict(row) for row in rows])
    if rows or dropped:
        count_up(connection, _LABELS)


def newest_labels(connection: sa.Connection, *, most: int = LABELS_MOST) -> tuple[LabelRow, ...]:
    """Newest first."""
    wanted = sa.select(*(labels.c[field.name] for field in fields(LabelRow)))
    wanted = wanted.order_by(labels.c.at.desc(), labels.c.subject, labels.c.question_key).limit(most)
    return tuple(LabelRow(**found) for found in connection.execute(wanted).mappings())


def labels_version(connection: sa.Connection) -> int:
    """0 before the first label."""
    return count_of(connection, _LABELS)


def fitted_version(connection: sa.Connection) -> int:
    """The version of the labels that the stored scalings were fitted to."""
    return count_of(connection, _FITTED)


def all_calibrations(connection: sa.Connection) -> tuple[CalibrationRow, ...]:
    """In no particular order."""
    wanted = sa.select(*(calibrations.c[field.name] for field in fields(CalibrationRow)))
    return tuple(CalibrationRow(**found) for found in connection.execute(wanted).mappings())


def replace_calibrations(
    connection: sa.Connection, rows: Sequence[CalibrationRow], *, version: int, now: datetime
) -> bool:
    """All of them at once. False: another worker fitted these labels, or newer ones; nothing was written."""
    if not raise_count(connection, _FITTED, version):
        return False
    connection.execute(sa.delete(calibrations))
    if rows:
        at = to_text(now)
        connection.execute(sa.insert(calibrations), [asdict(row) | {"fitted_at": at} for row in rows])
    return True
