"""One statement for "write it, whether it is there or not", for many rows at once.

Takes: a connection, a table.
Gives: an INSERT that knows ON CONFLICT, of the dialect in use.
Knows nothing about: tables, rows."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_update(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """Both databases spell it alike, SQLAlchemy has a class for each."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
