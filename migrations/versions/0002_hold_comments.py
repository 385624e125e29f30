"""Create the tables of held comments and of posts with limits of their own; more members of comment limits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

CHECKS = (
    (
        "comment_limits_hold_mode_is_known",
        "hold_mode IN ('off', 'suspected', 'keywords', 'first_time', 'all')",
    ),
    ("comment_limits_approved_users_are_few", "cardinality(approved_users) BETWEEN 0 AND 1000"),
)
WIDEN = """
-- squawk-ignore ban-drop-constraint
ALTER TABLE comment_limits DROP CONSTRAINT comment_limits_hold_mode_is_known
"""
"""It comes back at once with one more choice; what is there already passes both."""


def upgrade() -> None:
    op.create_table(
        "counted_comments",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Under whose post it stands."),
        sa.Column("post_id", sa.Text(collation="C"), nullable=False, comment="Under which post."),
        sa.Column("author_id", sa.Text(collation="C"), nullable=False, comment="Who wrote it."),
        sa.Column(
            "comment_id",
            sa.Text(collation="C"),
            nullable=False,
            comment="Which comment; counted once, however often it is checked.",
        ),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was made; an hour later it counts no more.",
        ),
        sa.PrimaryKeyConstraint(
            "user_id", "post_id", "author_id", "comment_id", name=op.f("counted_comments_pkey")
        ),
        comment="Comments of the last hour, where the post's owner limits how many one person may leave.",
    )
    op.create_index(op.f("counted_comments_at"), "counted_comments", ["at"], unique=False)
    op.create_table(
        "held_comments",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Under whose post it stands."),
        sa.Column("comment_id", sa.Text(collation="C"), nullable=False, comment="Which comment."),
        sa.Column("post_id", sa.Text(collation="C"), nullable=False, comment="Under which post."),
        sa.Column(
            "author_id", sa.Text(collation="C"), nullable=True, comment="Who wrote it; null: forgotten."
        ),
        sa.Column("text", sa.Text(), nullable=True, comment="What it says; null: forgotten after 60 days."),
        sa.Column(
            "mark", sa.Text(), nullable=False, comment="Tells this text from any other without holding it."
        ),
        sa.Column("reasons", sa.ARRAY(sa.Text()), nullable=False, comment="Why it was held."),
        sa.Column(
            "held_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was held; while it waits, an edit does not change that.",
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="Whether it waits, or what the owner said."),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True, comment="When the owner said so."),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="The owner's revision when this row last changed.",
        ),
        sa.CheckConstraint(
            "state IN ('held', 'approved', 'rejected')", name=op.f("held_comments_state_is_known")
        ),
        sa.CheckConstraint(
            "char_length(comment_id) BETWEEN 1 AND 128", name=op.f("held_comments_comment_id_is_named")
        ),
        sa.CheckConstraint(
            "char_length(post_id) BETWEEN 1 AND 128", name=op.f("held_comments_post_id_is_named")
        ),
        sa.PrimaryKeyConstraint("user_id", "comment_id", name=op.f("held_comments_pkey")),
        comment="Comments that were held at some time. Rows stay when their text is forgotten: what was never approved "
        "must not appear one day because nobody knows of it any more.",
    )
    op.create_index(
        "held_comments_texts_to_forget",
        "held_comments",
        ["held_at"],
        postgresql_where=sa.text("text IS NOT NULL"),
    )
    op.create_index(
        "held_comments_authors_to_forget",
        "held_comments",
        ["held_at"],
        postgresql_where=sa.text("author_id IS NOT NULL AND state <> 'approved'"),
    )
    op.create_index(
        op.f("held_comments_user_id_author_id_held_at"),
        "held_comments",
        ["user_id", "author_id", "held_at"],
        unique=False,
    )
    op.create_index(
        op.f("held_comments_user_id_state_held_at_comment_id"),
        "held_comments",
        ["user_id", "state", "held_at", "comment_id"],
        unique=False,
    )
    op.create_table(
        "post_comment_limits",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Whose post it is."),
        sa.Column(
            "post_id",
            sa.Text(collation="C"),
            nullable=False,
            comment="Under which post this rule counts instead of the owner's.",
        ),
        sa.Column(
            "who_can_comment",
            sa.ARRAY(sa.Text()),
            nullable=True,
            comment="Groups any of which may comment; null: as the owner's limits say.",
        ),
        sa.Column(
            "hold_mode",
            sa.Text(),
            nullable=True,
            comment="Which comments wait; null: as the owner's limits say.",
        ),
        sa.Column(
            "gates",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="What a commenter must pass; null: as the owner's limits say.",
        ),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="The owner's revision when this row last changed.",
        ),
        sa.CheckConstraint(
            "hold_mode IN ('off', 'suspected', 'keywords', 'first_time', 'all')",
            name=op.f("post_comment_limits_hold_mode_is_known"),
        ),
        sa.CheckConstraint(
            "char_length(post_id) BETWEEN 1 AND 128", name=op.f("post_comment_limits_post_id_is_named")
        ),
        sa.PrimaryKeyConstraint("user_id", "post_id", name=op.f("post_comment_limits_pkey")),
        comment="Rules of single posts.",
    )
    op.create_table(
        "unblocks",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Who unblocked somebody."),
        sa.Column("target_id", sa.Text(collation="C"), nullable=False, comment="Who was unblocked."),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When, last."),
        sa.PrimaryKeyConstraint("user_id", "target_id", name=op.f("unblocks_pkey")),
        comment="Whom users unblocked in the last 90 days; care mode holds their comments. Never shown to anybody.",
    )
    op.create_index(op.f("unblocks_at"), "unblocks", ["at"], unique=False)
    op.add_column(
        "comment_limits",
        sa.Column(
            "gates",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="What a commenter must pass, by the names of the API; what is missing is open.",
        ),
    )
    op.add_column(
        "comment_limits",
        sa.Column(
            "approved_users",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
            comment="Whose comments wait for nothing but keywords.",
        ),
    )
    op.add_column(
        "comment_limits",
        sa.Column(
            "approved_users_exempt",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether theirs do not wait for keywords either.",
        ),
    )
    op.add_column(
        "comment_limits",
        sa.Column(
            "care_mode",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether offence and people turned away lately are held.",
        ),
    )
    op.add_column(
        "comment_limits",
        sa.Column(
            "limited_mode",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Whose comments wait, from when until when; null: never switched on.",
        ),
    )
    op.execute(WIDEN)
    for name, condition in CHECKS:
        op.create_check_constraint(op.f(name), "comment_limits", condition, postgresql_not_valid=True)


def downgrade() -> None:
    op.execute("UPDATE comment_limits SET hold_mode = 'all' WHERE hold_mode = 'first_time'")
    op.drop_constraint("comment_limits_hold_mode_is_known", "comment_limits")
    op.drop_constraint("comment_limits_approved_users_are_few", "comment_limits")
    op.create_check_constraint(
        op.f("comment_limits_hold_mode_is_known"),
        "comment_limits",
        "hold_mode IN ('off', 'suspected', 'keywords', 'all')",
    )
    op.drop_column("comment_limits", "limited_mode")
    op.drop_column("comment_limits", "care_mode")
    op.drop_column("comment_limits", "approved_users_exempt")
    op.drop_column("comment_limits", "approved_users")
    op.drop_column("comment_limits", "gates")
    op.drop_index(op.f("unblocks_at"), table_name="unblocks")
    op.drop_table("unblocks")
    op.drop_table("post_comment_limits")
    op.drop_index(op.f("held_comments_user_id_state_held_at_comment_id"), table_name="held_comments")
    op.drop_index(op.f("held_comments_user_id_author_id_held_at"), table_name="held_comments")
    op.drop_index("held_comments_texts_to_forget", table_name="held_comments")
    op.drop_index("held_comments_authors_to_forget", table_name="held_comments")
    op.drop_table("held_comments")
    op.drop_index(op.f("counted_comments_at"), table_name="counted_comments")
    op.drop_table("counted_comments")
