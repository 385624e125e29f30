"""Feed rules: one user's settings in the form that decisions need and the cache keeps.

They are msgspec structs written as arrays, because they cross the cache on every cold request; field order is their
wire format, so a change here raises ``CODEC_VERSION`` in ``cache/rules_codec.py``. ``gc=False``: none of them can be
part of a cycle, and a worker holds those of thousands of viewers, which the collector would look through.
"""

from datetime import datetime

import msgspec

from service.domain.comment_limits import CommentLimits, PostLimits
from service.domain.consistency import Version
from service.domain.keyword_filters import Action, AuthorScope, Field, FilterWording, Op
from service.domain.matching import Mode, Strictness
from service.domain.mutes import MuteScope, MuteType
from service.domain.not_interested import Push
from service.domain.people import UserId


class FilterRule(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A keyword filter without what only its owner reads."""

    id: str
    terms: tuple[str, ...]
    op: Op
    mode: Mode
    strictness: Strictness | None
    fields: tuple[Field, ...]
    surfaces: tuple[str, ...]
    author_scope: AuthorScope
    action: Action | None
    expires_at: datetime | None


class MuteRule(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A mute without what only its owner reads."""

    type: MuteType
    id: str
    scopes: tuple[MuteScope, ...]
    expires_at: datetime | None


class FeedRules(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """All that decisions about one user depend on, at one version.

    ``blocks`` maps whom the user blocked, ``blocked_by`` who blocked the user, each to the instant at which it ends
    (None: never). ``pushes`` are what not-interested signals count for and against, other than items;
    ``rejected_items`` never come back. ``topic_levels`` are the positions of topic sliders, -2 to 2.
    ``post_limits`` are the rules of single posts of the user, by the post's id. ``has_comment_history``: comments
    under the user's posts were held at some time, so that what became of them has to be looked up.
    ``allow_phrases`` are exceptions to all filters. ``has_more_blockers``: ``blocked_by`` is not everybody, so that who
    of the people at hand blocked the user has to be looked up.
    """

    user_id: UserId
    version: Version
    revision: int
    blocks: dict[UserId, datetime | None] = {}
    blocked_by: dict[UserId, datetime | None] = {}
    mutes: tuple[MuteRule, ...] = ()
    filters: tuple[FilterRule, ...] = ()
    pushes: tuple[Push, ...] = ()
    comment_limits: CommentLimits = CommentLimits()
    post_limits: dict[str, PostLimits] = {}
    has_comment_history: bool = False
    allow_phrases: tuple[str, ...] = ()
    rejected_items: tuple[str, ...] = ()
    topic_levels: dict[str, int] = {}
    has_more_blockers: bool = False


def rule_of(filter_id: str, wording: FilterWording) -> FilterRule:
    """Return what decisions need of a keyword filter."""
    return FilterRule(
        id=filter_id,
        terms=wording.terms,
        op=wording.op,
        mode=wording.mode,
        strictness=wording.strictness,
        fields=wording.fields,
        surfaces=wording.surfaces,
        author_scope=wording.author_scope,
        action=wording.action,
        expires_at=wording.expires_at,
    )
