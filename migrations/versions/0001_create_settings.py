"""Create the tables of the settings, and the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "blocked_by",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Who is blocked."),
        sa.Column("blocker_id", sa.Text(collation="C"), nullable=False, comment="Who blocks."),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it ends by itself; null: never.",
        ),
        sa.PrimaryKeyConstraint("user_id", "blocker_id", name=op.f("blocked_by_pkey")),
        comment="The same blocks from the other side, written together with them: what is decided about the blocked "
        "person then needs nobody else's rows. Never shown to anybody.",
    )
    op.create_table(
        "blocks",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Who blocks."),
        sa.Column("target_id", sa.Text(collation="C"), nullable=False, comment="Who is blocked."),
        sa.Column("note", sa.Text(), nullable=True, comment="The owner's private note."),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it ends by itself; null: never.",
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="How it came about."),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was first made."
        ),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="The owner's revision when this row last changed.",
        ),
        sa.CheckConstraint(
            "source IN ('manual', 'batch', 'import', 'comment', 'guardian', 'list')",
            name=op.f("blocks_source_is_known"),
        ),
        sa.CheckConstraint("char_length(note) <= 200", name=op.f("blocks_note_is_short")),
        sa.CheckConstraint(
            "char_length(target_id) BETWEEN 1 AND 128", name=op.f("blocks_target_id_is_named")
        ),
        sa.CheckConstraint("user_id <> target_id", name=op.f("blocks_target_is_somebody_else")),
        sa.PrimaryKeyConstraint("user_id", "target_id", name=op.f("blocks_pkey")),
        comment="Whom users blocked.",
    )
    op.create_index(
        op.f("blocks_user_id_created_at_target_id"),
        "blocks",
        ["user_id", "created_at", "target_id"],
        unique=False,
    )
    op.create_table(
        "comment_limits",
        sa.Column(
            "user_id", sa.Text(collation="C"), nullable=False, comment="Under whose posts these limits count."
        ),
        sa.Column(
            "who_can_comment",
            sa.ARRAY(sa.Text()),
            nullable=True,
            comment="Groups any of which may comment; null: the platform's default.",
        ),
        sa.Column("hold_mode", sa.Text(), nullable=False, comment="Which comments wait for the owner."),
        sa.Column(
            "keyword_terms",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="What a comment is held for, as the owner wrote it.",
        ),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="The owner's revision when this row last changed.",
        ),
        sa.CheckConstraint(
            "hold_mode IN ('off', 'suspected', 'keywords', 'all')",
            name=op.f("comment_limits_hold_mode_is_known"),
        ),
        sa.CheckConstraint(
            "cardinality(keyword_terms) BETWEEN 0 AND 500", name=op.f("comment_limits_keyword_terms_are_few")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("comment_limits_pkey")),
        comment="Who may comment, and what is held; users without a row never chose.",
    )
    op.create_table(
        "keyword_filters",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Whose filter this is."),
        sa.Column(
            "id",
            sa.Text(collation="C"),
            nullable=False,
            comment="Chosen by the client or by us, unique within the user.",
        ),
        sa.Column("title", sa.Text(), nullable=True, comment="What the owner calls it."),
        sa.Column(
            "terms", sa.ARRAY(sa.Text()), nullable=False, comment="What to look for, as the owner wrote it."
        ),
        sa.Column("op", sa.Text(), nullable=False, comment="Whether one term is enough or all are needed."),
        sa.Column("mode", sa.Text(), nullable=False, comment="Where in a word a hit may begin and end."),
        sa.Column(
            "strictness",
            sa.Text(),
            nullable=True,
            comment="Whether spellings that evade also hit; null: as suits the term.",
        ),
        sa.Column("fields", sa.ARRAY(sa.Text()), nullable=False, comment="The parts of a post to look at."),
        sa.Column(
            "surfaces",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="Where the filter works; empty: everywhere.",
        ),
        sa.Column("author_scope", sa.Text(), nullable=False, comment="Whose posts the filter looks at."),
        sa.Column(
            "scope_authors", sa.ARRAY(sa.Text()), nullable=False, comment="The people whom the scope names."
        ),
        sa.Column(
            "action",
            sa.Text(),
            nullable=True,
            comment="What happens to a post that is hit; null: as suits the surface.",
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it ends by itself; null: never.",
        ),
        sa.Column("enabled", sa.Boolean(), nullable=False, comment="Whether the owner has it switched on."),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was added."),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="The owner's revision when this row last changed.",
        ),
        sa.CheckConstraint(
            "action IN ('hide', 'warn', 'blur', 'downrank')", name=op.f("keyword_filters_action_is_known")
        ),
        sa.CheckConstraint(
            "author_scope IN ('everyone', 'exclude_following', 'only', 'except')",
            name=op.f("keyword_filters_author_scope_is_known"),
        ),
        sa.CheckConstraint(
            "mode IN ('word', 'prefix', 'suffix', 'substring', 'tag', 'domain')",
            name=op.f("keyword_filters_mode_is_known"),
        ),
        sa.CheckConstraint("op IN ('any', 'all')", name=op.f("keyword_filters_op_is_known")),
        sa.CheckConstraint(
            "strictness IN ('strict', 'loose')", name=op.f("keyword_filters_strictness_is_known")
        ),
        sa.CheckConstraint(
            "cardinality(scope_authors) BETWEEN 0 AND 50", name=op.f("keyword_filters_scope_authors_are_few")
        ),
        sa.CheckConstraint("cardinality(terms) BETWEEN 1 AND 20", name=op.f("keyword_filters_terms_are_few")),
        sa.CheckConstraint("char_length(id) BETWEEN 1 AND 128", name=op.f("keyword_filters_id_is_named")),
        sa.CheckConstraint("char_length(title) <= 80", name=op.f("keyword_filters_title_is_short")),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("keyword_filters_pkey")),
        comment="What users do not want to read.",
    )
    op.create_table(
        "mutes",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Who mutes."),
        sa.Column("type", sa.Text(collation="C"), nullable=False, comment="What kind of thing is muted."),
        sa.Column(
            "id",
            sa.Text(collation="C"),
            nullable=False,
            comment="Which one, in the form that posts are compared with.",
        ),
        sa.Column(
            "scopes", sa.ARRAY(sa.Text()), nullable=False, comment="What of a muted person goes silent."
        ),
        sa.Column("note", sa.Text(), nullable=True, comment="The owner's private note."),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it ends by itself; null: never.",
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="How it came about."),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was first made."
        ),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="The owner's revision when this row last changed.",
        ),
        sa.CheckConstraint(
            "source IN ('manual', 'batch', 'import', 'comment', 'guardian', 'list')",
            name=op.f("mutes_source_is_known"),
        ),
        sa.CheckConstraint(
            "type IN ('user', 'hashtag', 'topic', 'sound', 'domain')", name=op.f("mutes_type_is_known")
        ),
        sa.CheckConstraint("char_length(note) <= 200", name=op.f("mutes_note_is_short")),
        sa.CheckConstraint("octet_length(id) BETWEEN 1 AND 1024", name=op.f("mutes_id_is_named")),
        sa.PrimaryKeyConstraint("user_id", "type", "id", name=op.f("mutes_pkey")),
        comment="What users muted. Never shown to whoever is muted.",
    )
    op.create_index(
        op.f("mutes_user_id_created_at_type_id"),
        "mutes",
        ["user_id", "created_at", "type", "id"],
        unique=False,
    )
    op.create_table(
        "not_interested",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Who sent the signal."),
        sa.Column(
            "id",
            sa.Text(collation="C"),
            nullable=False,
            comment="Chosen by the client or by us, unique within the user.",
        ),
        sa.Column("item_id", sa.Text(collation="C"), nullable=False, comment="The post that was rejected."),
        sa.Column("surface", sa.Text(), nullable=False, comment="Where it was shown."),
        sa.Column(
            "reasons",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="What the user said is wrong with it; empty: nothing in particular.",
        ),
        sa.Column("author_id", sa.Text(), nullable=True, comment="Who made the post, if the client said."),
        sa.Column("sound_id", sa.Text(), nullable=True, comment="The sound of the post, if the client said."),
        sa.Column(
            "hashtags",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="The post's hashtags, as they are compared.",
        ),
        sa.Column("topics", sa.ARRAY(sa.Text()), nullable=False, comment="The post's topics."),
        sa.Column(
            "request_id", sa.Text(), nullable=True, comment="The feed request that showed it, for evaluation."
        ),
        sa.Column(
            "position", sa.BigInteger(), nullable=True, comment="Where in that feed it stood, for evaluation."
        ),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was sent, within what can be believed of a client's clock.",
        ),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="The owner's revision when this row last changed.",
        ),
        sa.CheckConstraint("char_length(id) BETWEEN 1 AND 128", name=op.f("not_interested_id_is_named")),
        sa.CheckConstraint(
            "char_length(item_id) BETWEEN 1 AND 128", name=op.f("not_interested_item_id_is_named")
        ),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("not_interested_pkey")),
        comment="What users rejected.",
    )
    op.create_index(
        op.f("not_interested_user_id_at_id"), "not_interested", ["user_id", "at", "id"], unique=False
    )
    op.create_table(
        "outbox",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Roughly in order of writing.",
        ),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Whose feed rules changed."),
        sa.Column("epoch", sa.BigInteger(), nullable=False, comment="The history that version counts in."),
        sa.Column(
            "version",
            sa.BigInteger(),
            nullable=False,
            comment="The version that the change led to; anything cached from before it is stale.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When it was written, to see how far delivery lags.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pkey")),
        comment="Changes that the cache has yet to be told of. A row goes once it is delivered.",
    )
    op.create_table(
        "user_state",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False, comment="Whose settings these are."),
        sa.Column(
            "revision", sa.BigInteger(), nullable=False, comment="How often this user edited their settings."
        ),
        sa.Column(
            "version",
            sa.BigInteger(),
            nullable=False,
            comment="How often anything changed that decisions about this user depend on.",
        ),
        sa.Column(
            "epoch",
            sa.BigInteger(),
            server_default=sa.text("(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"),
            nullable=False,
            comment="Which history version counts in: microseconds since 1970 when that history began.",
        ),
        sa.CheckConstraint(
            "0 <= revision AND revision <= version", name=op.f("user_state_revision_is_within_version")
        ),
        sa.CheckConstraint(
            "char_length(user_id) BETWEEN 1 AND 128", name=op.f("user_state_user_id_is_named")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("user_state_pkey")),
        comment="Where each user's settings stand. Every edit locks this row, so that one user's edits queue up.",
    )


def downgrade() -> None:
    op.drop_table("user_state")
    op.drop_table("outbox")
    op.drop_index(op.f("not_interested_user_id_at_id"), table_name="not_interested")
    op.drop_table("not_interested")
    op.drop_index(op.f("mutes_user_id_created_at_type_id"), table_name="mutes")
    op.drop_table("mutes")
    op.drop_table("keyword_filters")
    op.drop_table("comment_limits")
    op.drop_index(op.f("blocks_user_id_created_at_target_id"), table_name="blocks")
    op.drop_table("blocks")
    op.drop_table("blocked_by")
