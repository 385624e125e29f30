"""Log who reads which figures."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007a"


def upgrade() -> None:
    op.create_table(
        "analyst_reads",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Roughly in order of reading.",
        ),
        sa.Column(
            "day", sa.Date(), nullable=False, comment="The day (UTC) whose allowance it was spent from."
        ),
        sa.Column(
            "analyst", sa.Text(collation="C"), nullable=False, comment="Who read: the subject of the token."
        ),
        sa.Column("query", sa.Text(), nullable=False, comment="What was asked, in names of the catalogue."),
        sa.Column(
            "cell_queries",
            sa.BigInteger(),
            nullable=False,
            comment="What it cost of the day's allowance.",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When."),
        sa.PrimaryKeyConstraint("id", name=op.f("analyst_reads_pkey")),
        comment="Who read which figures, for 180 days; never what the answer was.",
    )
    op.create_index(op.f("analyst_reads_analyst_day"), "analyst_reads", ["analyst", "day"])


def downgrade() -> None:
    op.drop_index(op.f("analyst_reads_analyst_day"), table_name="analyst_reads")
    op.drop_table("analyst_reads")
