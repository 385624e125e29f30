"""The tables of who may comment, and of comments that were held or counted."""

from sqlalchemy import ARRAY, Column, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from service.domain.comment_limits import APPROVED_USERS, KEYWORD_TERMS, HoldMode
from service.domain.comments import CommentState
from service.store.columns import (
    are_few,
    choice,
    identifier,
    instant,
    is_known,
    is_named,
    metadata,
    revision,
    switch,
    texts,
)

comment_limits = Table(
    "comment_limits",
    metadata,
    identifier("user_id", "Under whose posts these limits count."),
    texts("who_can_comment", "Groups any of which may comment; null: the platform's default.", nullable=True),
    choice("hold_mode", "Which comments wait for the owner."),
    texts("keyword_terms", "What a comment is held for, as the owner wrote it."),
    revision(),
    Column(
        "gates",
        JSONB,
        nullable=False,
        server_default=text("'{}'::jsonb"),
        comment="What a commenter must pass, by the names of the API; what is missing is open.",
    ),
    Column(
        "approved_users",
        ARRAY(Text),
        nullable=False,
        server_default=text("'{}'::text[]"),
        comment="Whose comments wait for nothing but keywords.",
    ),
    switch("approved_users_exempt", "Whether theirs do not wait for keywords either."),
    switch("care_mode", "Whether offence and people turned away lately are held."),
    Column(
        "limited_mode",
        JSONB(none_as_null=True),
        comment="Whose comments wait, from when until when; null: never switched on.",
    ),
    is_known("hold_mode", HoldMode),
    are_few("keyword_terms", 0, KEYWORD_TERMS),
    are_few("approved_users", 0, APPROVED_USERS),
    comment="Who may comment, and what is held; users without a row never chose.",
)

post_comment_limits = Table(
    "post_comment_limits",
    metadata,
    identifier("user_id", "Whose post it is."),
    identifier("post_id", "Under which post this rule counts instead of the owner's."),
    texts(
        "who_can_comment", "Groups any of which may comment; null: as the owner's limits say.", nullable=True
    ),
    choice("hold_mode", "Which comments wait; null: as the owner's limits say.", nullable=True),
    Column(
        "gates",
        JSONB(none_as_null=True),
        comment="What a commenter must pass; null: as the owner's limits say.",
    ),
    revision(),
    is_named("post_id"),
    is_known("hold_mode", HoldMode),
    comment="Rules of single posts.",
)

held_comments = Table(
    "held_comments",
    metadata,
    identifier("user_id", "Under whose post it stands."),
    identifier("comment_id", "Which comment."),
    identifier("post_id", "Under which post.", key=False),
    Column("author_id", Text(collation="C"), comment="Who wrote it; null: forgotten."),
    Column("text", Text, comment="What it says; null: forgotten after 60 days."),
    Column("mark", Text, nullable=False, comment="Tells this text from any other without holding it."),
    texts("reasons", "Why it was held."),
    instant("held_at", "When it was held; while it waits, an edit does not change that."),
    choice("state", "Whether it waits, or what the owner said."),
    instant("decided_at", "When the owner said so.", nullable=True),
    revision(),
    is_named("comment_id"),
    is_named("post_id"),
    is_known("state", CommentState),
    Index(None, "user_id", "state", "held_at", "comment_id"),
    Index(None, "user_id", "author_id", "held_at"),
    Index("held_comments_texts_to_forget", "held_at", postgresql_where=text("text IS NOT NULL")),
    Index(
        "held_comments_authors_to_forget",
        "held_at",
        postgresql_where=text("author_id IS NOT NULL AND state <> 'approved'"),
    ),
    comment="Comments that were held at some time. Rows stay when their text is forgotten: what was never approved "
    "must not appear one day because nobody knows of it any more.",
)

counted_comments = Table(
    "counted_comments",
    metadata,
    identifier("user_id", "Under whose post it stands."),
    identifier("post_id", "Under which post."),
    identifier("author_id", "Who wrote it."),
    identifier("comment_id", "Which comment; counted once, however often it is checked."),
    instant("at", "When it was made; an hour later it counts no more."),
    Index(None, "at"),
    comment="Comments of the last hour, where the post's owner limits how many one person may leave.",
)
