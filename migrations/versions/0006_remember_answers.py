"""Remember answers for whoever asks again, and settings that are gone for devices that were away."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005a"


def upgrade() -> None:
    op.create_table(
        "remembered_answers",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Who asked."),
        sa.Column(
            "key",
            sa.Text(collation="C"),
            nullable=False,
            comment="The Idempotency-Key that the caller made for the request.",
        ),
        sa.Column(
            "fingerprint",
            sa.LargeBinary(),
            nullable=False,
            comment="Tells the request from any other under that key.",
        ),
        sa.Column("status", sa.BigInteger(), nullable=False, comment="The HTTP status it was answered with."),
        sa.Column(
            "headers", sa.Text(), nullable=False, comment="Headers of the answer: JSON, names and values."
        ),
        sa.Column(
            "body", sa.LargeBinary(), nullable=False, comment="The body of the answer, as it was sent."
        ),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was answered; kept for a day.",
        ),
        sa.CheckConstraint(
            "char_length(key) BETWEEN 1 AND 255", name=op.f("remembered_answers_key_is_named")
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("remembered_answers_pkey")),
        comment="Answers that are repeated to whoever repeats the request.",
    )
    op.create_index(op.f("remembered_answers_at"), "remembered_answers", ["at"])
    op.create_table(
        "tombstones",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Whose setting it was."),
        sa.Column("kind", sa.Text(collation="C"), nullable=False, comment="What kind of setting."),
        sa.Column("id", sa.Text(collation="C"), nullable=False, comment="Which one."),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="The owner's revision when this row last changed.",
        ),
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was removed; kept for 90 days.",
        ),
        sa.PrimaryKeyConstraint("user_id", "kind", "id", name=op.f("tombstones_pkey")),
        comment="Settings that are gone, so that devices which were away learn of it.",
    )
    op.create_index(op.f("tombstones_user_id_revision"), "tombstones", ["user_id", "revision"])
    op.create_index(op.f("tombstones_deleted_at"), "tombstones", ["deleted_at"])


def downgrade() -> None:
    op.drop_index(op.f("tombstones_deleted_at"), table_name="tombstones")
    op.drop_index(op.f("tombstones_user_id_revision"), table_name="tombstones")
    op.drop_table("tombstones")
    op.drop_index(op.f("remembered_answers_at"), table_name="remembered_answers")
    op.drop_table("remembered_answers")
