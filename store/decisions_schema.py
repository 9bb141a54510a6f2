"""The tables of the decision ledger, beside those of store.schema.

Takes: nothing.
Gives: SQLAlchemy Core tables in the same metadata; migrations import it from here, so that they see them too.
Knows nothing about: who reads them."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from store.lifecycle_schema import metadata

__all__ = ["decision_blocks", "decision_journal", "ingest_drops", "metadata"]

#: what was decided in the last minute or so, a row a transaction; gone once it stands in blocks
decision_journal = Table(
    "decision_journal",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("shard", Integer, nullable=False),
    Column("at", String, nullable=False),
    Column("body", LargeBinary, nullable=False),  # store.decision_block.pack_noted
    # A block names the rows that it holds, so an id must never come again.
    sqlite_autoincrement=True,
)

#: a minute of one camera, or an hour once that is over
decision_blocks = Table(
    "decision_blocks",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("camera_id", String, nullable=False),
    Column("starts_ms", BigInteger, nullable=False),
    Column("ends_ms", BigInteger, nullable=False),
    Column("upto", BigInteger, nullable=False),  # the newest row of the journal that it holds
    Column("whole", Integer, nullable=False, server_default="0"),  # 1: of an hour that is over
    Column("size_bytes", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),  # store.decision_block.pack
)
Index("ix_decision_blocks_camera_id", decision_blocks.c.camera_id, decision_blocks.c.ends_ms)

#: what ingest gave up by itself, a row a minute in which it did: those frames have no answer to be noted with
ingest_drops = Table(
    "ingest_drops",
    metadata,
    Column("camera_id", String, primary_key=True),
    Column("minute_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", String, primary_key=True),
    Column("count", BigInteger, nullable=False),
)
