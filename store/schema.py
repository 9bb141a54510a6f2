"""The tables.

Takes: nothing.
Gives: SQLAlchemy Core tables; migrations in store/migrations make exactly these.
Knows nothing about: who reads them.

Times are RFC 3339 UTC text with milliseconds, so that both databases sort and compare them alike.
JSON is text, read by msgspec at the door."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: one row a fact: site version, time zone, hash of the set-up key
site = Table("site", metadata, Column("name", String, primary_key=True), Column("value", Text, nullable=False))

cameras = Table(
    "cameras",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("url", Text, nullable=False),  # without credentials
    Column("sealed", LargeBinary, nullable=False),  # "user:password", sealed; empty where there are none
    Column("substream_url", Text, nullable=False, server_default=""),
    Column("sampling", Text, nullable=False),  # JSON of contracts.site.Sampling
    Column("zones", Text, nullable=False, server_default="[]"),  # JSON [{name, polygon}]
    Column("masks", Text, nullable=False, server_default="[]"),  # JSON [polygon]
    Column("timezone", String, nullable=False, server_default=""),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("armed", Boolean, nullable=False, server_default=true()),
    Column("arming", Text, nullable=False, server_default="[]"),  # JSON [{days, start, end}]; empty: at all hours
    Column("by_hand", Text, nullable=False, server_default="{}"),  # JSON of store.cameras.ByHand
    Column("keep_local", Boolean, nullable=False, server_default=false()),
    Column("group", String, nullable=False, server_default=""),  # cameras of one group share calibration
    Column("probe", Text, nullable=False, server_default="{}"),  # JSON of what the probe saw, without the picture
    Column("created_at", String, nullable=False),
)

#: where the answers of a camera stand, and its frames counted; one row per camera and epoch, old epochs folded to 0
progress = Table(
    "progress",
    metadata,
    Column("camera_id", String, primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("watermark_seq", BigInteger, nullable=False, server_default="0"),
    Column("captured_at", String, nullable=False, server_default=""),
    Column("sampled", BigInteger, nullable=False, server_default="0"),
    Column("analysed", BigInteger, nullable=False, server_default="0"),
    Column("unchanged", BigInteger, nullable=False, server_default="0"),
    Column("dropped", Text, nullable=False, server_default="{}"),  # JSON {reason: count}: what the answer stream said
    Column("ingest_dropped", Text, nullable=False, server_default="{}"),  # JSON {reason: count}: ingest's own, latest
    Column("broker", BigInteger, nullable=False, server_default="0"),  # what vanished between the two
    Column("folded_to", BigInteger, nullable=False, server_default="0"),  # in the row of folded epochs: the newest
    Column("last_id", String, nullable=False, server_default=""),  # the stream's id of the last message counted
    Column("closed", Boolean, nullable=False, server_default=false()),
)

rules = Table(
    "rules",
    metadata,
    Column("id", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", String, nullable=False, server_default=""),
    Column("text", Text, nullable=False),
    Column("plan", Text, nullable=False),  # JSON of the current version's RulePlan
    Column("cameras", Text, nullable=False, server_default="[]"),  # JSON ids; empty means all
    Column("threshold", Float),
    Column("false_alarm_budget_per_week", Float),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("created_at", String, nullable=False),
    Column("updated_at", String, nullable=False),
)

rule_versions = Table(
    "rule_versions",
    metadata,
    Column("rule_id", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("created_at", String, nullable=False),
)

#: the state of one temporal machine; committed with everything it caused
machines = Table(
    "machines",
    metadata,
    Column("rule_id", String, primary_key=True),
    Column("camera_id", String, primary_key=True),
    Column("rule_version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("updated_at", String, nullable=False),
)

#: the state of one camera's tracks; committed with the machines that it moved
tracks = Table(
    "tracks",
    metadata,
    Column("camera_id", String, primary_key=True),
    Column("state", Text, nullable=False),
    Column("updated_at", String, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", String, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("rule_id", String, nullable=False, index=True),
    Column("rule_version", Integer, nullable=False),
    Column("rule_text", Text, nullable=False),
    Column("rule_lang", String, nullable=False, server_default="en"),
    Column("camera_id", String, nullable=False, index=True),
    Column("camera_name", String, nullable=False),
    Column("zone", String),
    Column("severity", String, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("calibrated", Boolean, nullable=False),
    Column("explanation", Text),
    Column("grounded", Boolean),
    Column("started_at", String, nullable=False),
    Column("captured_at", String, nullable=False),
    Column("decided_at", String, nullable=False),
    Column("opened_at", String, nullable=False, index=True),
    Column("ended_at", String),
    Column("end_reason", Text),
    Column("latency_ms", Text, nullable=False),  # JSON {queue, infer, total}
    Column("evidence", Text, nullable=False),  # JSON {frames: [...], missing}
    Column("model", Text, nullable=False),  # JSON {name, revision, engine}
    Column("feedback", String),
    Column("margins", Text, nullable=False, server_default="{}"),  # JSON {question key: raw margin that decided}
    Column("camera_group", String, nullable=False, server_default=""),  # as it was then
    Column("group_id", String, index=True),  # the first incident told of, of one rule on several cameras
    Column("snoozed_until", String),
    Column("retract_reason", Text),
)
Index("ix_incidents_rule_captured", incidents.c.rule_id, incidents.c.captured_at)
# Promise 3, held by the database itself: one open incident per rule and camera.
Index(
    "uq_incidents_open",
    incidents.c.rule_id,
    incidents.c.camera_id,
    unique=True,
    sqlite_where=incidents.c.ended_at.is_(None),
    postgresql_where=incidents.c.ended_at.is_(None),
)

#: incidents whose explanation is still to come; the row goes when it came or was given up
explanations = Table(
    "explanations",
    metadata,
    Column("incident_id", String, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("questions", Text, nullable=False),  # JSON: those answered with yes, in the words they were asked in
    Column("wanted_at", String, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", String, nullable=False, index=True),
    Column("leased_until", String),
    Column("leased_by", String),
)

#: one row a gate: of one rule's version, one group of cameras, one model that looks
gates = Table(
    "gates",
    metadata,
    Column("rule_id", String, primary_key=True),
    Column("rule_version", Integer, primary_key=True, autoincrement=False),
    Column("camera_group", String, primary_key=True),
    Column("model", String, primary_key=True),
    Column("bar", Float),  # null: the gate is open
    Column("until", String),  # then it opens by itself
    Column("events", Integer, nullable=False, server_default="0"),  # that its bar is learnt from
    Column("caught", Integer, nullable=False, server_default="0"),  # since it closed
    Column("missed", Float, nullable=False, server_default="0"),
    Column("since", String, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),  # why it opened again
)

#: the best score of each event that was seen while the gate was open, the newest only
gate_events = Table(
    "gate_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rule_id", String, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("camera_group", String, nullable=False),
    Column("model", String, nullable=False),
    Column("at", String, nullable=False),
    Column("score", Float, nullable=False),
)
Index("ix_gate_events_rule_id", gate_events.c.rule_id, gate_events.c.rule_version)

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("url", Text, nullable=False),  # its query and credentials sealed away; shown redacted
    Column("sealed_url", LargeBinary, nullable=False),  # the whole URL
    Column("format", String, nullable=False, server_default="standard"),
    Column("event_types", Text, nullable=False, server_default="[]"),  # JSON; empty means all
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("status", String, nullable=False, server_default="untried"),  # untried, healthy, failing, disabled
    Column("status_reason", Text, nullable=False, server_default=""),
    Column("failing_since", String),
    Column("created_at", String, nullable=False),
    Column("min_severity", String, nullable=False, server_default=""),  # empty means any
    Column("signature", String, nullable=False, server_default="v1"),  # v1, v1a
    Column("public_key", String, nullable=False, server_default=""),  # of v1a
    Column("sealed_old_secret", LargeBinary),  # signs beside the new one until old_secret_until
    Column("old_secret_until", String),
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row; the circuit breaker's
    Column("open_until", String),  # nothing is sent there before
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String, primary_key=True),
    Column("message_id", String, nullable=False),  # webhook-id: the same over retries and replays
    Column("endpoint_id", String, ForeignKey("endpoints.id", ondelete="CASCADE"), nullable=False),
    Column("incident_id", String, index=True),
    Column("type", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String, nullable=False),  # pending, delivered, dead, cancelled
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", String, nullable=False),
    Column("leased_until", String),
    Column("leased_by", String),
    Column("created_at", String, nullable=False),
    Column("finished_at", String),
    Column("last_status", Integer),
    Column("last_error", Text),
    UniqueConstraint("message_id", "endpoint_id"),
)
# By endpoint first: what waits for a dead one must cost the others nothing, not even a look.
Index(
    "ix_deliveries_due", deliveries.c.endpoint_id, deliveries.c.state, deliveries.c.next_at, deliveries.c.id
)
Index("ix_deliveries_state", deliveries.c.state, deliveries.c.id)
Index(
    "ix_deliveries_leased",
    deliveries.c.leased_until,
    sqlite_where=deliveries.c.leased_until.is_not(None),
    postgresql_where=deliveries.c.leased_until.is_not(None),
)

attempts = Table(
    "attempts",
    metadata,
    Column("delivery_id", String, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("status", Integer),
    Column("latency_ms", Float, nullable=False),
    Column("error", Text),
    Column("answer", Text),  # at most 1 KB, for admins
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("hash", String, nullable=False, unique=True),  # SHA-256: enough for 256 random bits
    Column("scopes", Text, nullable=False),  # JSON of view, rules, cameras, admin
    Column("one_time", Boolean, nullable=False, server_default=false()),
    Column("created_at", String, nullable=False),
    Column("expires_at", String),
    Column("last_used_at", String),
    Column("revoked_at", String),
)

outbound_allow = Table(
    "outbound_allow",
    metadata,
    Column("target", String, primary_key=True),  # "CIDR:port"
    Column("kind", String, primary_key=True),  # camera, webhook
    Column("added_by", String, nullable=False),
    Column("added_at", String, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", String, nullable=False, index=True),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)

#: which alert worker owns which shard of the answer stream
shards = Table(
    "shards",
    metadata,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("owner", String, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("leased_until", String, nullable=False),
)
