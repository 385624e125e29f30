"""Index the revisions of what users have many of, by which devices ask what changed."""

from alembic import op

revision = "0007"
down_revision = "0006"

TABLES = ("blocks", "mutes", "not_interested")


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for table in TABLES:
            op.create_index(
                f"{table}_user_id_revision",
                table,
                ["user_id", "revision"],
                postgresql_concurrently=True,
                if_not_exists=True,
            )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for table in TABLES:
            op.drop_index(
                f"{table}_user_id_revision", table_name=table, postgresql_concurrently=True, if_exists=True
            )
