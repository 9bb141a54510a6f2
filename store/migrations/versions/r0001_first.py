"""The first schema.

Takes: an empty database.
Gives: the tables of store.schema.
Knows nothing about: data."""

from alembic import op

from store.clips_schema import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """While 0.1 is unreleased this revision is the schema itself; the next change freezes it into statements."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Back to nothing."""
    metadata.drop_all(op.get_bind())
