"""All that a user chose, in the form in which they take it with them and bring it back.

The members are called as in the API. Rows are msgspec structs, because there can be tens of thousands of them and each
is read by itself: one that cannot be used is reported in its place instead of spoiling the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import msgspec

from service.domain.blocks import Block, Source
from service.domain.comment_limits import CommentLimits, PostLimits, are_defaults
from service.domain.expiry import Instant
from service.domain.keyword_filters import (
    FIELDS_BY_DEFAULT,
    Action,
    AuthorScope,
    Field,
    FilterWording,
    KeywordFilter,
    Op,
)
from service.domain.matching import Mode, Strictness
from service.domain.mutes import ALL_SCOPES, Mute, MuteScope, MuteType
from service.domain.not_interested import Signal
from service.domain.people import Id, UserId
from service.domain.signal_resets import Reset, counting_parts
from service.domain.topic_preferences import TopicPreference

FORMAT: Final = "safety-controls/1"

_STARS: Final = {Mode.PREFIX: ("", "*"), Mode.SUFFIX: ("*", ""), Mode.SUBSTRING: ("*", "*")}


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One setting; a member with an unknown name is refused, so that a typing mistake is no silent default."""


class FilterRow(Row, frozen=True):
    """A keyword filter; only its terms are needed."""

    terms: tuple[str, ...]
    id: Id | None = None
    title: str | None = None
    op: Op = Op.ANY
    mode: Mode = Mode.WORD
    strictness: Strictness | None = None
    fields: tuple[Field, ...] = FIELDS_BY_DEFAULT
    surfaces: tuple[str, ...] = ()
    author_scope: AuthorScope = AuthorScope()
    action: Action | None = None
    expires_at: Instant | None = None
    enabled: bool = True
    created_at: Instant | None = None

    @property
    def wording(self) -> FilterWording:
        """What the filter says."""
        return FilterWording(**{name: getattr(self, name) for name in FilterWording.__slots__})


class BlockRow(Row, frozen=True):
    """A block; only whom it is about is needed."""

    user_id: UserId
    note: str | None = None
    expires_at: Instant | None = None
    source: Source = Source.IMPORT
    created_at: Instant | None = None


class MuteRow(Row, frozen=True):
    """A mute; only what it is about is needed."""

    type: MuteType
    id: Id
    scopes: tuple[MuteScope, ...] = ALL_SCOPES
    note: str | None = None
    expires_at: Instant | None = None
    source: Source = Source.IMPORT
    created_at: Instant | None = None


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one user chose, as of one moment; lists stand newest first."""

    format: Literal["safety-controls/1"] = FORMAT
    exported_at: datetime
    keyword_filters: tuple[FilterRow, ...]
    allow_phrases: tuple[str, ...]
    blocks: tuple[BlockRow, ...]
    mutes: tuple[MuteRow, ...]
    not_interested: tuple[Signal, ...]
    topic_preferences: tuple[TopicPreference, ...]
    comment_limits: CommentLimits | None
    post_comment_limits: dict[str, PostLimits]


@dataclass(frozen=True, slots=True)
class Belongings:
    """Everything that one user chose, as it is kept.

    ``signals_aside`` and ``topics_aside`` are kept too, but a reset set them aside, so that they travel nowhere; nor
    does what one of the ``resets`` set aside of the other signals.
    """

    keyword_filters: Sequence[KeywordFilter]
    allow_phrases: tuple[str, ...]
    blocks: Sequence[Block]
    mutes: Sequence[Mute]
    signals: Sequence[Signal]
    topic_preferences: Sequence[TopicPreference]
    comment_limits: CommentLimits
    post_limits: Mapping[str, PostLimits]
    signals_aside: Sequence[Signal] = ()
    topics_aside: Sequence[TopicPreference] = ()
    resets: Sequence[Reset] = ()


def export_of(own: Belongings, now: datetime) -> Export:
    """Return all of somebody's settings for them to take along; comment limits where they are none but the defaults."""
    return Export(
        exported_at=now,
        keyword_filters=tuple(_filter_row(each) for each in own.keyword_filters),
        allow_phrases=own.allow_phrases,
        blocks=tuple(_block_row(each) for each in own.blocks),
        mutes=tuple(_mute_row(each) for each in own.mutes),
        not_interested=tuple(counting_parts(own.signals, own.resets)),
        topic_preferences=tuple(own.topic_preferences),
        comment_limits=None if are_defaults(own.comment_limits) else own.comment_limits,
        post_comment_limits=dict(own.post_limits),
    )


def term_list(own: Belongings) -> Iterator[str]:
    """Yield every term once, the mode of its filter written as stars; what else a filter says is lost."""
    seen: set[str] = set()
    for kept in own.keyword_filters:
        for term in kept.wording.terms:
            written = _with_stars(term, kept.wording.mode)
            if written not in seen:
                seen.add(written)
                yield written


def _with_stars(term: str, mode: Mode) -> str:
    before, after = _STARS.get(mode, ("", ""))
    starred = term.startswith("*") or (term.endswith("*") and not term.endswith("\\*"))
    return term if starred else f"{before}{term}{after}"


def _filter_row(kept: KeywordFilter) -> FilterRow:
    wording = {name: getattr(kept.wording, name) for name in FilterWording.__slots__}
    return FilterRow(id=kept.id, created_at=kept.created_at, **wording)


def _block_row(kept: Block) -> BlockRow:
    return BlockRow(
        user_id=kept.target_id,
        note=kept.note,
        expires_at=kept.expires_at,
        source=kept.source,
        created_at=kept.created_at,
    )


def _mute_row(kept: Mute) -> MuteRow:
    return MuteRow(
        type=kept.target.type,
        id=kept.target.id,
        scopes=kept.scopes,
        note=kept.note,
        expires_at=kept.expires_at,
        source=kept.source,
        created_at=kept.created_at,
    )
