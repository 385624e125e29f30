"""The tables: what each column holds, and what PostgreSQL itself refuses.

The primary key of everything that belongs to a user begins with ``user_id``, so that the tables shard by user and no
statement on the way of a request looks into another shard. Ids compare byte by byte (collation C): the order of
pages is then the same on every machine, and it is Python's order.
"""

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
    Table,
    Text,
    func,
    text,
)

from service.domain.allow_phrases import PHRASES_PER_USER
from service.domain.blocks import NOTE_LENGTH, Source
from service.domain.keyword_filters import (
    AUTHORS_PER_SCOPE,
    TERMS_PER_FILTER,
    TITLE_LENGTH,
    Action,
    Op,
    ScopeKind,
)
from service.domain.matching import Mode, Strictness
from service.domain.mutes import LONGEST_TARGET_BYTES, MuteType
from service.domain.staff_reads import TICKET_LENGTH, StaffView
from service.store.columns import (
    are_few,
    choice,
    expiry,
    identifier,
    instant,
    is_known,
    is_named,
    is_short,
    metadata,
    note,
    number,
    revision,
    texts,
)

NEW_EPOCH = text("(extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
"""The number of a history that begins now: microseconds since 1970."""

user_state = Table(
    "user_state",
    metadata,
    identifier("user_id", "Whose settings these are."),
    number("revision", "How often this user edited their settings."),
    number("version", "How often anything changed that decisions about this user depend on."),
    Column(
        "epoch",
        BigInteger,
        nullable=False,
        server_default=NEW_EPOCH,
        comment="Which history version counts in: microseconds since 1970 when that history began.",
    ),
    is_named("user_id"),
    CheckConstraint("0 <= revision AND revision <= version", name="revision_is_within_version"),
    comment="Where each user's settings stand. Every edit locks this row, so that one user's edits queue up.",
)

keyword_filters = Table(
    "keyword_filters",
    metadata,
    identifier("user_id", "Whose filter this is."),
    identifier("id", "Chosen by the client or by us, unique within the user."),
    Column("title", Text, comment="What the owner calls it."),
    texts("terms", "What to look for, as the owner wrote it."),
    choice("op", "Whether one term is enough or all are needed."),
    choice("mode", "Where in a word a hit may begin and end."),
    choice("strictness", "Whether spellings that evade also hit; null: as suits the term.", nullable=True),
    texts("fields", "The parts of a post to look at."),
    texts("surfaces", "Where the filter works; empty: everywhere."),
    choice("author_scope", "Whose posts the filter looks at."),
    texts("scope_authors", "The people whom the scope names."),
    choice("action", "What happens to a post that is hit; null: as suits the surface.", nullable=True),
    expiry(),
    Column("enabled", Boolean, nullable=False, comment="Whether the owner has it switched on."),
    instant("created_at", "When it was added."),
    revision(),
    is_named("id"),
    is_short("title", TITLE_LENGTH),
    are_few("terms", 1, TERMS_PER_FILTER),
    are_few("scope_authors", 0, AUTHORS_PER_SCOPE),
    is_known("op", Op),
    is_known("mode", Mode),
    is_known("strictness", Strictness),
    is_known("author_scope", ScopeKind),
    is_known("action", Action),
    Index(None, "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    comment="What users do not want to read.",
)

allow_phrases = Table(
    "allow_phrases",
    metadata,
    identifier("user_id", "Whose exceptions these are."),
    texts("phrases", "Wordings in which a filtered term does not count, as the owner wrote them."),
    revision(),
    are_few("phrases", 0, PHRASES_PER_USER),
    comment="Exceptions to keyword filters; users without a row never chose any.",
)

blocks = Table(
    "blocks",
    metadata,
    identifier("user_id", "Who blocks."),
    identifier("target_id", "Who is blocked."),
    note(),
    expiry(),
    choice("source", "How it came about."),
    instant("created_at", "When it was first made."),
    revision(),
    is_named("target_id"),
    is_short("note", NOTE_LENGTH),
    is_known("source", Source),
    CheckConstraint("user_id <> target_id", name="target_is_somebody_else"),
    Index(None, "user_id", "created_at", "target_id"),
    Index(None, "user_id", "revision"),
    comment="Whom users blocked.",
)

blocked_by = Table(
    "blocked_by",
    metadata,
    identifier("user_id", "Who is blocked."),
    identifier("blocker_id", "Who blocks."),
    expiry(),
    comment="The same blocks from the other side, written together with them: what is decided about the blocked "
    "person then needs nobody else's rows. Never shown to anybody.",
)

unblocks = Table(
    "unblocks",
    metadata,
    identifier("user_id", "Who unblocked somebody."),
    identifier("target_id", "Who was unblocked."),
    instant("at", "When, last."),
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

mutes = Table(
    "mutes",
    metadata,
    identifier("user_id", "Who mutes."),
    identifier("type", "What kind of thing is muted."),
    identifier("id", "Which one, in the form that posts are compared with."),
    texts("scopes", "What of a muted person goes silent."),
    note(),
    expiry(),
    choice("source", "How it came about."),
    instant("created_at", "When it was first made."),
    revision(),
    is_known("type", MuteType),
    CheckConstraint(f"octet_length(id) BETWEEN 1 AND {LONGEST_TARGET_BYTES}", name="id_is_named"),
    is_short("note", NOTE_LENGTH),
    is_known("source", Source),
    Index(None, "user_id", "created_at", "type", "id"),
    Index(None, "user_id", "revision"),
    comment="What users muted. Never shown to whoever is muted.",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True, comment="Roughly in order of writing."),
    identifier("user_id", "Whose feed rules changed.", key=False),
    number("epoch", "The history that version counts in."),
    number("version", "The version that the change led to; anything cached from before it is stale."),
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
    identifier("user_id", "Who asked."),
    identifier("key", "The Idempotency-Key that the caller made for the request."),
    Column(
        "fingerprint", LargeBinary, nullable=False, comment="Tells the request from any other under that key."
    ),
    number("status", "The HTTP status it was answered with."),
    Column("headers", Text, nullable=False, comment="Headers of the answer: JSON, names and values."),
    Column("body", LargeBinary, nullable=False, comment="The body of the answer, as it was sent."),
    instant("at", "When it was answered; kept for a day."),
    CheckConstraint("char_length(key) BETWEEN 1 AND 255", name="key_is_named"),
    Index(None, "at"),
    comment="Answers that are repeated to whoever repeats the request.",
)

tombstones = Table(
    "tombstones",
    metadata,
    identifier("user_id", "Whose setting it was."),
    identifier("kind", "What kind of setting."),
    identifier("id", "Which one."),
    revision(),
    instant("deleted_at", "When it was removed; kept for 90 days."),
    Index(None, "user_id", "revision"),
    Index(None, "deleted_at"),
    comment="Settings that are gone, so that devices which were away learn of it.",
)

staff_reads = Table(
    "staff_reads",
    metadata,
    identifier("user_id", "Whose settings were looked at."),
    identifier("id", "Made by us."),
    Column("staff_id", Text, nullable=False, comment="Who looked: the subject of their token."),
    Column("ticket", Text, nullable=False, comment="What for, as they stated it."),
    choice("view", "What of the person they looked at."),
    instant("at", "When; kept for two years."),
    is_named("ticket", TICKET_LENGTH),
    is_known("view", StaffView),
    Index(None, "user_id", "at", "id"),
    Index(None, "at"),
    comment="That staff looked at somebody's settings. Entries are added and, when they are old, removed.",
)
