"""Alembic's entry: runs the migrations on the connection that store.database hands over.

Takes: the connection.
Gives: the schema at the wanted revision.
Knows nothing about: configuration files."""

from alembic import context

from store.clips_schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
