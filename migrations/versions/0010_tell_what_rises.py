"""Tell terms that people filter from what they reject."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_COMMENT = "Terms that many people suddenly filter{}; analysts see confirmed ones alone."


def upgrade() -> None:
    op.add_column(
        "emerging_terms",
        sa.Column(
            "kind",
            sa.Text(),
            server_default="term",
            nullable=False,
            comment="Whether it is a term that people filter, or a topic, hashtag or sound of posts that they reject.",
        ),
    )
    op.create_table_comment("emerging_terms", _COMMENT.format(", and what they suddenly reject"))


def downgrade() -> None:
    op.execute("DELETE FROM emerging_terms WHERE kind <> 'term'")
    op.create_table_comment("emerging_terms", _COMMENT.format(""))
    op.drop_column("emerging_terms", "kind")
