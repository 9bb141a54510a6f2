"""The tables of calibration, beside those of store.schema.

Takes: nothing.
Gives: SQLAlchemy Core tables in the same metadata; migrations import it from here, so that they see both.
Knows nothing about: who reads them."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, String, Table, Text, UniqueConstraint

from store.schema import metadata

__all__ = ["audited_frames", "calibrations", "labels", "metadata"]

#: what people said of single questions on single frames, beside the raw margin: what calibration is made from
labels = Table(
    "labels",
    metadata,
    Column("subject", String, primary_key=True),  # id of the incident or of the audited frame
    Column("question_key", String, primary_key=True),
    Column("rule_id", String, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("camera_group", String, nullable=False),
    Column("model", String, nullable=False),  # as store.calibration.model_key writes it
    Column("margin", Float, nullable=False),
    Column("truth", Boolean, nullable=False),
    Column("weight", Float, nullable=False),  # 1 / the probability with which the frame was chosen
    Column("source", String, nullable=False),  # feedback, audit
    Column("at", String, nullable=False, index=True),
)

#: one Platt scaling each; rule_id "" holds what all rules of a model share
calibrations = Table(
    "calibrations",
    metadata,
    Column("rule_id", String, primary_key=True),
    Column("rule_version", Integer, primary_key=True, autoincrement=False),
    Column("question_key", String, primary_key=True),
    Column("camera_group", String, primary_key=True),
    Column("model", String, primary_key=True),
    Column("slope", Float, nullable=False),
    Column("offset", Float, nullable=False),
    Column("labels", Integer, nullable=False),
    Column("fitted_at", String, nullable=False),
)

#: frames on which a rule was silent, chosen by chance for a person to look at
audited_frames = Table(
    "audited_frames",
    metadata,
    Column("id", String, primary_key=True),
    Column("rule_id", String, nullable=False, index=True),
    Column("rule_version", Integer, nullable=False),
    Column("camera_id", String, nullable=False),
    Column("camera_group", String, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("captured_at", String, nullable=False),
    Column("model", String, nullable=False),
    Column("margins", Text, nullable=False),  # JSON {question key: raw margin}
    Column("evidence", Text, nullable=False),  # JSON as in incidents
    Column("probability", Float, nullable=False),
    Column("value", String),  # true_alarm, false_alarm; null until a person looked
    UniqueConstraint("rule_id", "camera_id", "epoch", "seq"),
)
