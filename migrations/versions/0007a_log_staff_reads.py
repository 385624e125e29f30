"""Keep on record who of the staff looked at whose settings."""

import sqlalchemy as sa
from alembic import op

revision = "0007a"
down_revision = "0007"


def _key(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=False, comment=comment)


def upgrade() -> None:
    op.create_table(
        "staff_reads",
        _key("user_id", "Whose settings were looked at."),
        _key("id", "Made by us."),
        sa.Column("staff_id", sa.Text(), nullable=False, comment="Who looked: the subject of their token."),
        sa.Column("ticket", sa.Text(), nullable=False, comment="What for, as they stated it."),
        sa.Column("view", sa.Text(), nullable=False, comment="What of the person they looked at."),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When; kept for two years."),
        sa.CheckConstraint("char_length(ticket) BETWEEN 1 AND 64", name=op.f("staff_reads_ticket_is_named")),
        sa.CheckConstraint("view IN ('settings', 'reads')", name=op.f("staff_reads_view_is_known")),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("staff_reads_pkey")),
        comment="That staff looked at somebody's settings. Entries are added and, when they are old, removed.",
    )
    op.create_index(op.f("staff_reads_user_id_at_id"), "staff_reads", ["user_id", "at", "id"])
    op.create_index(op.f("staff_reads_at"), "staff_reads", ["at"])


def downgrade() -> None:
    op.drop_index(op.f("staff_reads_at"), table_name="staff_reads")
    op.drop_index(op.f("staff_reads_user_id_at_id"), table_name="staff_reads")
    op.drop_table("staff_reads")
