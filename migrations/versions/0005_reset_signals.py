"""Let signals ask for more, be reset and be undone in a way that counts; keep topic sliders; count unblocks."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _key(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=False, comment=comment)


def _instant(name: str, comment: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)


def upgrade() -> None:
    op.add_column(
        "not_interested",
        sa.Column(
            "wants_more",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether the user asked for more of it rather than for less.",
        ),
    )
    _create_undone_signals()
    _create_signal_resets()
    _create_topic_preferences()
    op.add_column(
        "unblocks",
        sa.Column(
            "earlier",
            sa.ARRAY(sa.DateTime(timezone=True)),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="When, before that, within 24 hours.",
        ),
    )


def _create_undone_signals() -> None:
    op.create_table(
        "undone_signals",
        _key("user_id", "Who took a signal back."),
        _key("id", "The id that the signal had, which stays taken."),
        sa.Column(
            "wants_more",
            sa.Boolean(),
            nullable=False,
            comment="Whether it had asked for more of something.",
        ),
        sa.Column("surface", sa.Text(), nullable=False, comment="Where its item was shown."),
        sa.Column(
            "reasons",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="What it had said is wrong with the item.",
        ),
        _instant("sent_at", "When it was sent."),
        _instant("undone_at", "When it was taken back."),
        sa.CheckConstraint("char_length(id) BETWEEN 1 AND 128", name=op.f("undone_signals_id_is_named")),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("undone_signals_pkey")),
        comment="Signals that were taken back, without what they were about: to be counted, and known when sent again.",
    )
    op.create_index(op.f("undone_signals_undone_at"), "undone_signals", ["undone_at"], unique=False)


def _create_signal_resets() -> None:
    op.create_table(
        "signal_resets",
        _key("user_id", "Who started over."),
        _key("id", "Made by us."),
        sa.Column("scope", sa.Text(), nullable=False, comment="Which effects are set aside."),
        _instant("at", "What was sent up to here does not count."),
        _instant("restored_at", "When it was taken back; null: it stands.", nullable=True),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="The owner's revision when this row last changed.",
        ),
        sa.CheckConstraint(
            "scope IN ('all', 'topics', 'authors')", name=op.f("signal_resets_scope_is_known")
        ),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("signal_resets_pkey")),
        comment="Resets of signals and topic sliders. What they set aside is erased 30 days later, and they with it.",
    )
    op.create_index(op.f("signal_resets_at"), "signal_resets", ["at"], unique=False)


def _create_topic_preferences() -> None:
    op.create_table(
        "topic_preferences",
        _key("user_id", "Whose slider this is."),
        _key("topic", "Which topic it is about."),
        sa.Column("level", sa.BigInteger(), nullable=False, comment="From -2, hardly any, to 2, a lot."),
        _instant("set_at", "When it was last moved."),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="The owner's revision when this row last changed.",
        ),
        sa.CheckConstraint("level BETWEEN -2 AND 2", name=op.f("topic_preferences_level_is_on_the_slider")),
        sa.CheckConstraint(
            "char_length(topic) BETWEEN 1 AND 128", name=op.f("topic_preferences_topic_is_named")
        ),
        sa.PrimaryKeyConstraint("user_id", "topic", name=op.f("topic_preferences_pkey")),
        comment="How much of a topic users want.",
    )


def downgrade() -> None:
    op.drop_column("unblocks", "earlier")
    op.drop_table("topic_preferences")
    op.drop_index(op.f("signal_resets_at"), table_name="signal_resets")
    op.drop_table("signal_resets")
    op.drop_index(op.f("undone_signals_undone_at"), table_name="undone_signals")
    op.drop_table("undone_signals")
    op.drop_column("not_interested", "wants_more")
