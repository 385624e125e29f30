"""Remember whose counts are still to be forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "erased_people",
        sa.Column(
            "person",
            sa.LargeBinary(),
            nullable=False,
            comment="The key of somebody who was erased, in one epoch.",
        ),
        sa.Column(
            "erased_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When.",
        ),
        sa.PrimaryKeyConstraint("person", name=op.f("erased_people_pkey")),
        comment="Whose rows behind the figures are to be deleted; a row goes with them.",
    )


def downgrade() -> None:
    op.drop_table("erased_people")
