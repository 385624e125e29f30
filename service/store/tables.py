"""The tables: what each column holds, and what PostgreSQL itself refuses.

The primary key of everything that belongs to a user begins with ``user_id``, so that the tables shard by user and no
statement on the way of a request looks into another shard. Ids compare byte by byte (collation C): the order of
pages is then the same on every machine, and it is Python's order.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from service.domain.allow_phrases import PHRASES_PER_USER
from service.domain.blocks import NOTE_LENGTH, Source
from service.domain.comment_limits import APPROVED_USERS, KEYWORD_TERMS, HoldMode
from service.domain.comments import CommentState
from service.domain.keyword_filters import (
    AUTHORS_PER_SCOPE,
    TERMS_PER_FILTER,
    TITLE_LENGTH,
    Action,
    Op,
    ScopeKind,
)
from service.domain.matching import Mode, Strictness
from service.domain.mutes import MuteType
from service.domain.people import ID_LENGTH
from service.domain.signal_resets import ResetScope

INDEXABLE_BYTES: Final = 1_024
"""How long a mute's target may be: with a user id beside it, it still fits into an index entry of 2,704 bytes."""

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ck": "%(table_name)s_%(constraint_name)s",
        "ix": "%(table_name)s_%(column_0_N_name)s",
    }
)


def _id(name: str, comment: str, *, key: bool = True) -> Column[str]:
    return Column(name, Text(collation="C"), primary_key=key, nullable=False, comment=comment)


def _texts(name: str, comment: str, *, nullable: bool = False) -> Column[list[str]]:
    return Column(name, ARRAY(Text), nullable=nullable, comment=comment)


def _choice(name: str, comment: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable, comment=comment)


def _switch(name: str, comment: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("false"), comment=comment)


def _number(name: str, comment: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, comment=comment)


def _instant(name: str, comment: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, DateTime(timezone=True), nullable=nullable, comment=comment)


def _expiry() -> Column[datetime]:
    return _instant("expires_at", "When it ends by itself; null: never.", nullable=True)


def _revision() -> Column[int]:
    return _number("revision", "The owner's revision when this row last changed.")


def _note() -> Column[str]:
    return Column("note", Text, comment="The owner's private note.")


def _short(column: str, characters: int = ID_LENGTH) -> CheckConstraint:
    return CheckConstraint(f"char_length({column}) <= {characters}", name=f"{column}_is_short")


def _named(column: str, characters: int = ID_LENGTH) -> CheckConstraint:
    return CheckConstraint(f"char_length({column}) BETWEEN 1 AND {characters}", name=f"{column}_is_named")


def _known(column: str, choices: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_known")


def _few(column: str, least: int, most: int) -> CheckConstraint:
    return CheckConstraint(f"cardinality({column}) BETWEEN {least} AND {most}", name=f"{column}_are_few")


user_state = Table(
    "user_state",
    metadata,
    _id("user_id", "Whose settings these are."),
    _number("revision", "How often this user edited their settings."),
    _number("version", "How often anything changed that decisions about this user depend on."),
    Column(
        "epoch",
        BigInteger,
        nullable=False,
        server_default=text("(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"),
        comment="Which history version counts in: microseconds since 1970 when that history began.",
    ),
    _named("user_id"),
    CheckConstraint("0 <= revision AND revision <= version", name="revision_is_within_version"),
    comment="Where each user's settings stand. Every edit locks this row, so that one user's edits queue up.",
)

keyword_filters = Table(
    "keyword_filters",
    metadata,
    _id("user_id", "Whose filter this is."),
    _id("id", "Chosen by the client or by us, unique within the user."),
    Column("title", Text, comment="What the owner calls it."),
    _texts("terms", "What to look for, as the owner wrote it."),
    _choice("op", "Whether one term is enough or all are needed."),
    _choice("mode", "Where in a word a hit may begin and end."),
    _choice("strictness", "Whether spellings that evade also hit; null: as suits the term.", nullable=True),
    _texts("fields", "The parts of a post to look at."),
    _texts("surfaces", "Where the filter works; empty: everywhere."),
    _choice("author_scope", "Whose posts the filter looks at."),
    _texts("scope_authors", "The people whom the scope names."),
    _choice("action", "What happens to a post that is hit; null: as suits the surface.", nullable=True),
    _expiry(),
    Column("enabled", Boolean, nullable=False, comment="Whether the owner has it switched on."),
    _instant("created_at", "When it was added."),
    _revision(),
    _named("id"),
    _short("title", TITLE_LENGTH),
    _few("terms", 1, TERMS_PER_FILTER),
    _few("scope_authors", 0, AUTHORS_PER_SCOPE),
    _known("op", Op),
    _known("mode", Mode),
    _known("strictness", Strictness),
    _known("author_scope", ScopeKind),
    _known("action", Action),
    Index(None, "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    comment="What users do not want to read.",
)

allow_phrases = Table(
    "allow_phrases",
    metadata,
    _id("user_id", "Whose exceptions these are."),
    _texts("phrases", "Wordings in which a filtered term does not count, as the owner wrote them."),
    _revision(),
    _few("phrases", 0, PHRASES_PER_USER),
    comment="Exceptions to keyword filters; users without a row never chose any.",
)

blocks = Table(
    "blocks",
    metadata,
    _id("user_id", "Who blocks."),
    _id("target_id", "Who is blocked."),
    _note(),
    _expiry(),
    _choice("source", "How it came about."),
    _instant("created_at", "When it was first made."),
    _revision(),
    _named("target_id"),
    _short("note", NOTE_LENGTH),
    _known("source", Source),
    CheckConstraint("user_id <> target_id", name="target_is_somebody_else"),
    Index(None, "user_id", "created_at", "target_id"),
    comment="Whom users blocked.",
)

blocked_by = Table(
    "blocked_by",
    metadata,
    _id("user_id", "Who is blocked."),
    _id("blocker_id", "Who blocks."),
    _expiry(),
    comment="The same blocks from the other side, written together with them: what is decided about the blocked "
    "person then needs nobody else's rows. Never shown to anybody.",
)

mutes = Table(
    "mutes",
    metadata,
    _id("user_id", "Who mutes."),
    _id("type", "What kind of thing is muted."),
    _id("id", "Which one, in the form that posts are compared with."),
    _texts("scopes", "What of a muted person goes silent."),
    _note(),
    _expiry(),
    _choice("source", "How it came about."),
    _instant("created_at", "When it was first made."),
    _revision(),
    _known("type", MuteType),
    CheckConstraint(f"octet_length(id) BETWEEN 1 AND {INDEXABLE_BYTES}", name="id_is_named"),
    _short("note", NOTE_LENGTH),
    _known("source", Source),
    Index(None, "user_id", "created_at", "type", "id"),
    comment="What users muted. Never shown to whoever is muted.",
)

not_interested = Table(
    "not_interested",
    metadata,
    _id("user_id", "Who sent the signal."),
    _id("id", "Chosen by the client or by us, unique within the user."),
    _id("item_id", "The post that was rejected.", key=False),
    _choice("surface", "Where it was shown."),
    _texts("reasons", "What the user said is wrong with it; empty: nothing in particular."),
    Column("author_id", Text, comment="Who made the post, if the client said."),
    Column("sound_id", Text, comment="The sound of the post, if the client said."),
    _texts("hashtags", "The post's hashtags, as they are compared."),
    _texts("topics", "The post's topics."),
    Column("request_id", Text, comment="The feed request that showed it, for evaluation."),
    Column("position", BigInteger, comment="Where in that feed it stood, for evaluation."),
    _instant("at", "When it was sent, within what can be believed of a client's clock."),
    _revision(),
    Column(
        "wants_more",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="Whether the user asked for more of it rather than for less.",
    ),
    _named("id"),
    _named("item_id"),
    Index(None, "user_id", "at", "id"),
    comment="What users rejected.",
)

undone_signals = Table(
    "undone_signals",
    metadata,
    _id("user_id", "Who took a signal back."),
    _id("id", "The id that the signal had, which stays taken."),
    Column("wants_more", Boolean, nullable=False, comment="Whether it had asked for more of something."),
    _choice("surface", "Where its item was shown."),
    _texts("reasons", "What it had said is wrong with the item."),
    _instant("sent_at", "When it was sent."),
    _instant("undone_at", "When it was taken back."),
    _named("id"),
    Index(None, "undone_at"),
    comment="Signals that were taken back, without what they were about: to be counted, and known when sent again.",
)

signal_resets = Table(
    "signal_resets",
    metadata,
    _id("user_id", "Who started over."),
    _id("id", "Made by us."),
    _choice("scope", "Which effects are set aside."),
    _instant("at", "What was sent up to here does not count."),
    _instant("restored_at", "When it was taken back; null: it stands.", nullable=True),
    _revision(),
    _known("scope", ResetScope),
    Index(None, "at"),
    comment="Resets of signals and topic sliders. What they set aside is erased 30 days later, and they with it.",
)

topic_preferences = Table(
    "topic_preferences",
    metadata,
    _id("user_id", "Whose slider this is."),
    _id("topic", "Which topic it is about."),
    _number("level", "From -2, hardly any, to 2, a lot."),
    _instant("set_at", "When it was last moved."),
    _revision(),
    CheckConstraint("level BETWEEN -2 AND 2", name="level_is_on_the_slider"),
    _named("topic"),
    comment="How much of a topic users want.",
)

comment_limits = Table(
    "comment_limits",
    metadata,
    _id("user_id", "Under whose posts these limits count."),
    _texts(
        "who_can_comment", "Groups any of which may comment; null: the platform's default.", nullable=True
    ),
    _choice("hold_mode", "Which comments wait for the owner."),
    _texts("keyword_terms", "What a comment is held for, as the owner wrote it."),
    _revision(),
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
    _switch("approved_users_exempt", "Whether theirs do not wait for keywords either."),
    _switch("care_mode", "Whether offence and people turned away lately are held."),
    Column(
        "limited_mode",
        JSONB(none_as_null=True),
        comment="Whose comments wait, from when until when; null: never switched on.",
    ),
    _known("hold_mode", HoldMode),
    _few("keyword_terms", 0, KEYWORD_TERMS),
    _few("approved_users", 0, APPROVED_USERS),
    comment="Who may comment, and what is held; users without a row never chose.",
)

post_comment_limits = Table(
    "post_comment_limits",
    metadata,
    _id("user_id", "Whose post it is."),
    _id("post_id", "Under which post this rule counts instead of the owner's."),
    _texts(
        "who_can_comment", "Groups any of which may comment; null: as the owner's limits say.", nullable=True
    ),
    _choice("hold_mode", "Which comments wait; null: as the owner's limits say.", nullable=True),
    Column(
        "gates",
        JSONB(none_as_null=True),
        comment="What a commenter must pass; null: as the owner's limits say.",
    ),
    _revision(),
    _named("post_id"),
    _known("hold_mode", HoldMode),
    comment="Rules of single posts.",
)

held_comments = Table(
    "held_comments",
    metadata,
    _id("user_id", "Under whose post it stands."),
    _id("comment_id", "Which comment."),
    _id("post_id", "Under which post.", key=False),
    Column("author_id", Text(collation="C"), comment="Who wrote it; null: forgotten."),
    Column("text", Text, comment="What it says; null: forgotten after 60 days."),
    Column("mark", Text, nullable=False, comment="Tells this text from any other without holding it."),
    _texts("reasons", "Why it was held."),
    _instant("held_at", "When it was held; while it waits, an edit does not change that."),
    _choice("state", "Whether it waits, or what the owner said."),
    _instant("decided_at", "When the owner said so.", nullable=True),
    _revision(),
    _named("comment_id"),
    _named("post_id"),
    _known("state", CommentState),
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
    _id("user_id", "Under whose post it stands."),
    _id("post_id", "Under which post."),
    _id("author_id", "Who wrote it."),
    _id("comment_id", "Which comment; counted once, however often it is checked."),
    _instant("at", "When it was made; an hour later it counts no more."),
    Index(None, "at"),
    comment="Comments of the last hour, where the post's owner limits how many one person may leave.",
)

unblocks = Table(
    "unblocks",
    metadata,
    _id("user_id", "Who unblocked somebody."),
    _id("target_id", "Who was unblocked."),
    _instant("at", "When, last."),
    Column(
        "earlier",
        ARRAY(DateTime(timezone=True)),
        nullable=False,
        server_default=text("'{}'"),
        comment="When, before that, within 24 hours.",
    ),
    Index(None, "at"),
    comment="Whom users unblocked in the last 90 days; care mode holds their comments. Never shown to anybody.",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True, comment="Roughly in order of writing."),
    _id("user_id", "Whose feed rules changed.", key=False),
    _number("epoch", "The history that version counts in."),
    _number("version", "The version that the change led to; anything cached from before it is stale."),
    Column(
        "created_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.clock_timestamp(),
        comment="When it was written, to see how far delivery lags.",
    ),
    comment="Changes that the cache has yet to be told of. A row goes once it is delivered.",
)

remembered_answers = Table(
    "remembered_answers",
    metadata,
    _id("user_id", "Who asked."),
    _id("key", "The Idempotency-Key that the caller made for the request."),
    Column(
        "fingerprint", LargeBinary, nullable=False, comment="Tells the request from any other under that key."
    ),
    _number("status", "The HTTP status it was answered with."),
    Column("headers", Text, nullable=False, comment="Headers of the answer: JSON, names and values."),
    Column("body", LargeBinary, nullable=False, comment="The body of the answer, as it was sent."),
    _instant("at", "When it was answered; kept for a day."),
    CheckConstraint("char_length(key) BETWEEN 1 AND 255", name="key_is_named"),
    Index(None, "at"),
    comment="Answers that are repeated to whoever repeats the request.",
)

tombstones = Table(
    "tombstones",
    metadata,
    _id("user_id", "Whose setting it was."),
    _id("kind", "What kind of setting."),
    _id("id", "Which one."),
    _revision(),
    _instant("deleted_at", "When it was removed; kept for 90 days."),
    Index(None, "user_id", "revision"),
    Index(None, "deleted_at"),
    comment="Settings that are gone, so that devices which were away learn of it.",
)
