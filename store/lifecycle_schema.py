"""The tables of snoozes and of what is wrong with the site, beside those of store.schema.

Takes: nothing.
Gives: SQLAlchemy Core tables in the same metadata; migrations import it from here, so that they see them too.
Knows nothing about: who reads them."""

from sqlalchemy import Column, Integer, String, Table, Text

from store.regression_schema import metadata

__all__ = ["conditions", "metadata", "snoozes", "system_events"]

#: a rule that opens no incident on a camera for a while, because a person said so
snoozes = Table(
    "snoozes",
    metadata,
    Column("rule_id", String, primary_key=True),
    Column("camera_id", String, primary_key=True),
    Column("until", String, nullable=False),
    Column("by", String, nullable=False),  # id of the API key
    Column("incident_id", String, nullable=False),  # on the occasion of which it was said
    Column("at", String, nullable=False),
)

#: what is wrong with a camera, the analyzers or a rule; a row stays after its end, to know who comes and goes often
conditions = Table(
    "conditions",
    metadata,
    Column("subject", String, primary_key=True),  # "camera/ID", "rule/ID", "analyzer"
    Column("kind", String, primary_key=True),
    Column("since", String, nullable=False),
    Column("told_at", String, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("ended_at", String),
    Column("episodes", Integer, nullable=False, server_default="1"),  # of late, this one counted
)

#: what was told about the site itself, the newest only; the same body as in webhooks
system_events = Table(
    "system_events",
    metadata,
    Column("id", String, primary_key=True),
    Column("type", String, nullable=False),
    Column("at", String, nullable=False),
    Column("data", Text, nullable=False),  # JSON
)
