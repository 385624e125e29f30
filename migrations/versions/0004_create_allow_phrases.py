"""Create the table of exceptions to keyword filters."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "allow_phrases",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Whose exceptions these are."),
        sa.Column(
            "phrases",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="Wordings in which a filtered term does not count, as the owner wrote them.",
        ),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="The owner's revision when this row last changed.",
        ),
        sa.CheckConstraint(
            "cardinality(phrases) BETWEEN 0 AND 100", name=op.f("allow_phrases_phrases_are_few")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("allow_phrases_pkey")),
        comment="Exceptions to keyword filters; users without a row never chose any.",
    )


def downgrade() -> None:
    op.drop_table("allow_phrases")
