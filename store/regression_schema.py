"""The tables of what was graded, beside those of store.schema and store.calibration_schema.

Takes: nothing.
Gives: SQLAlchemy Core tables in the same metadata; migrations import it from here, so that they see all three.
Knows nothing about: who reads them."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, String, Table, Text

from store.calibration_schema import metadata

__all__ = ["case_answers", "checked_engines", "deciding_answers", "metadata", "regression_cases"]

#: what the engine had said on the frame that opened an incident
deciding_answers = Table(
    "deciding_answers",
    metadata,
    Column("incident_id", String, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("answers", Text, nullable=False),  # JSON of contracts.messages.Answer, raw, those of the rule's questions
)

#: a person's word on one frame, with all that is needed to judge it again
regression_cases = Table(
    "regression_cases",
    metadata,
    Column("subject", String, primary_key=True),  # id of the incident or of the audited frame
    Column("rule_id", String, nullable=False, index=True),
    Column("rule_version", Integer, nullable=False),
    Column("camera_id", String, nullable=False),
    Column("captured_at", String, nullable=False),
    Column("model", Text, nullable=False),  # JSON of contracts.messages.ModelRef
    Column("answers", Text, nullable=False),  # JSON as above
    Column("fired", Boolean, nullable=False),  # whether the rule told of it
    Column("truth", Boolean, nullable=False),  # whether it is right to
    Column("threshold", Float),  # that it was judged by; null: of an audited frame it is not known
    Column("weight", Float, nullable=False),  # 1 / the probability with which the frame was chosen
    Column("at", String, nullable=False, index=True),
)

#: what another engine says of a case's picture
case_answers = Table(
    "case_answers",
    metadata,
    Column("subject", String, primary_key=True),
    Column("model", String, primary_key=True),  # as store.calibration.model_key writes it
    Column("answers", Text, nullable=False),  # JSON as above
)

#: an engine that was held against a rule's cases, and passed or was accepted
checked_engines = Table(
    "checked_engines",
    metadata,
    Column("rule_id", String, primary_key=True),
    Column("model", String, primary_key=True),
    Column("at", String, nullable=False),
)
