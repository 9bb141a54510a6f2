"""The database: cameras, rules, endpoints, incidents, deliveries, keys, audit; SQLite or PostgreSQL.

Takes: a SQLAlchemy URL; rows as frozen dataclasses.
Gives: one module per resource, each function a statement or two inside the caller's transaction.
Knows nothing about: HTTP, Redis, models, what rules mean."""
