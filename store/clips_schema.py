"""The table of clips, beside those of store.schema.

Takes: nothing.
Gives: a SQLAlchemy Core table in the same metadata; migrations import it from here, so that they see them all.
Knows nothing about: who reads it."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from store.decisions_schema import metadata

__all__ = ["clips", "metadata"]

#: the film of an incident: asked for, kept or given up; an incident without a row was not looked at yet
clips = Table(
    "clips",
    metadata,
    Column("incident_id", String, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String, nullable=False),  # wanted, kept, missing
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", String, nullable=False),
    Column("leased_until", String),
    Column("leased_by", String),
)
