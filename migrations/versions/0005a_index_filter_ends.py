"""Index the ends of keyword filters, by which those that ended long ago are found."""

import sqlalchemy as sa
from alembic import op

revision = "0005a"
down_revision = "0005"

NAME = "keyword_filters_expires_at"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            NAME,
            "keyword_filters",
            ["expires_at"],
            unique=False,
            postgresql_where=sa.text("expires_at IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, table_name="keyword_filters", postgresql_concurrently=True, if_exists=True)
