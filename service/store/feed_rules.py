"""Reads what decisions about one user depend on: one statement, hence one moment, and one round trip."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Final

import msgspec
from sqlalchemy import Engine

from service.domain.blocks import BLOCKERS_LISTED
from service.domain.comment_limits import CommentLimits, PostLimits
from service.domain.consistency import BEFORE_EVERYTHING, Version
from service.domain.feed_rules import FeedRules, FilterRule, MuteRule
from service.domain.mutes import ALL_SCOPES, MuteScope, MuteType
from service.domain.not_interested import Direction, Reason, Signal
from service.domain.people import UserId, is_plain
from service.domain.signal_merging import merged
from service.domain.signal_resets import Reset, counting_pushes
from service.domain.topic_preferences import TopicPreference, counting_preferences, levels_of
from service.store.engine import document_of

QUERY: Final = """
SELECT json_build_object(
  'revision', coalesce((SELECT revision FROM user_state WHERE user_id = %(user_id)s), 0),
  'version', (SELECT json_build_array(epoch, version) FROM user_state WHERE user_id = %(user_id)s),
  'blocks', (SELECT json_object_agg(target_id, expires_at) FROM blocks WHERE user_id = %(user_id)s),
  'blocked_by', (SELECT json_object_agg(blocker_id, expires_at) FROM (
      SELECT blocker_id, expires_at FROM blocked_by WHERE user_id = %(user_id)s LIMIT %(listed)s) AS listed),
  'has_more_blockers', EXISTS(SELECT FROM blocked_by WHERE user_id = %(user_id)s OFFSET %(listed)s),
  'mutes', (SELECT json_build_array(array_agg(type), array_agg(id), array_agg(expires_at),
      array_agg(CASE WHEN cardinality(scopes) < ALL_SCOPES THEN array_to_string(scopes, ' ') END))
    FROM mutes WHERE user_id = %(user_id)s),
  'filters', (SELECT json_agg(json_build_array(
      id, terms, op, mode, strictness, fields, surfaces,
      json_build_object('kind', author_scope, 'authors', scope_authors), action, expires_at)
      ORDER BY created_at DESC, id DESC)
    FROM keyword_filters WHERE user_id = %(user_id)s AND enabled),
  'allow_phrases', (SELECT to_json(phrases) FROM allow_phrases WHERE user_id = %(user_id)s),
  'signals', (SELECT json_agg(json_build_array(
      item_id, reasons, author_id, sound_id, hashtags, topics, at, revision, wants_more))
    FROM not_interested WHERE user_id = %(user_id)s),
  'resets', (SELECT json_agg(r) FROM signal_resets r WHERE user_id = %(user_id)s AND restored_at IS NULL),
  'topic_preferences', (SELECT json_agg(p) FROM topic_preferences p WHERE user_id = %(user_id)s),
  'comment_limits', (SELECT row_to_json(l) FROM comment_limits l WHERE user_id = %(user_id)s),
  'post_limits', (SELECT json_object_agg(post_id, row_to_json(l)) FROM post_comment_limits l
    WHERE user_id = %(user_id)s),
  'has_comment_history', EXISTS (SELECT FROM held_comments WHERE user_id = %(user_id)s)
)::text
""".replace("ALL_SCOPES", str(len(ALL_SCOPES)))
"""Everything in one JSON document, in the shapes that msgspec makes domain values from.

Mutes come as columns, and without the scopes of those that have all: ten thousand rows of their own with five scopes
in each took PostgreSQL three times as long. What has expired comes along: whether something has is for the clock at
decision time to say, not for the server's.
"""


class _Sent(msgspec.Struct, frozen=True, array_like=True):
    """What the effects of a signal depend on."""

    item_id: str
    reasons: tuple[Reason, ...]
    author_id: str | None
    sound_id: str | None
    hashtags: tuple[str, ...]
    topics: tuple[str, ...]
    at: datetime
    revision: int
    wants_more: bool

    def as_signal(self) -> Signal:
        return Signal(
            id="",
            item_id=self.item_id,
            surface="",
            reasons=self.reasons,
            author_id=self.author_id,
            sound_id=self.sound_id,
            hashtags=self.hashtags,
            topics=self.topics,
            request_id=None,
            position=None,
            at=self.at,
            revision=self.revision,
            direction=Direction.MORE if self.wants_more else Direction.LESS,
        )


class _Muted(msgspec.Struct, frozen=True, array_like=True):
    """All mutes of a user, column by column; scopes are words with spaces between, None for all of them."""

    types: tuple[MuteType, ...] | None
    ids: tuple[str, ...] | None
    ends: tuple[datetime | None, ...] | None
    scopes: tuple[str | None, ...] | None

    def as_rules(self) -> tuple[MuteRule, ...]:
        columns = (self.types or (), self.ids or (), self.ends or (), self.scopes or ())
        return tuple(
            MuteRule(kind, id_, ALL_SCOPES if scopes is None else _scopes_of(scopes), end)
            for kind, id_, end, scopes in zip(*columns, strict=True)
        )


@cache
def _scopes_of(words: str) -> tuple[MuteScope, ...]:
    return tuple(MuteScope(word) for word in words.split())


class _Found(msgspec.Struct, frozen=True):
    """The document that the query returns; null where a user has no rows of a kind."""

    revision: int
    version: Version | None
    blocks: dict[UserId, datetime | None] | None
    blocked_by: dict[UserId, datetime | None] | None
    has_more_blockers: bool
    mutes: _Muted
    filters: tuple[FilterRule, ...] | None
    signals: tuple[_Sent, ...] | None
    resets: tuple[Reset, ...] | None
    topic_preferences: tuple[TopicPreference, ...] | None
    comment_limits: CommentLimits | None
    post_limits: dict[str, PostLimits] | None
    has_comment_history: bool
    allow_phrases: tuple[str, ...] | None

    def as_rules(self, user_id: UserId) -> FeedRules:
        resets = self.resets or ()
        items, pushes = merged(counting_pushes((each.as_signal() for each in self.signals or ()), resets))
        return FeedRules(
            user_id=user_id,
            version=self.version or BEFORE_EVERYTHING,
            revision=self.revision,
            blocks=self.blocks or {},
            blocked_by=self.blocked_by or {},
            mutes=self.mutes.as_rules(),
            filters=self.filters or (),
            pushes=pushes,
            comment_limits=self.comment_limits or CommentLimits(),
            post_limits=self.post_limits or {},
            has_comment_history=self.has_comment_history,
            allow_phrases=self.allow_phrases or (),
            rejected_items=items,
            topic_levels=levels_of(counting_preferences(self.topic_preferences or (), resets)),
            has_more_blockers=self.has_more_blockers,
        )


_DECODER: Final = msgspec.json.Decoder(_Found)


def load_feed_rules(engine: Engine, user_id: UserId) -> FeedRules:
    """Return what decisions about one user depend on."""
    asked = {"user_id": user_id, "listed": BLOCKERS_LISTED}
    return _DECODER.decode(document_of(engine, QUERY, asked)).as_rules(user_id)


_BLOCKERS: Final = """
SELECT coalesce(json_object_agg(blocker_id, expires_at), '{}')::text
FROM blocked_by WHERE user_id = %(user_id)s AND blocker_id = ANY(%(people)s)
"""
_BLOCKERS_DECODER: Final = msgspec.json.Decoder(dict[UserId, datetime | None])


def find_blockers(engine: Engine, user_id: UserId, people: Iterable[UserId]) -> dict[UserId, datetime | None]:
    """Return who of some people blocked a user, with the end of each block; an id that has no form here did not."""
    asked = {"user_id": user_id, "people": [*filter(is_plain, people)]}
    return _BLOCKERS_DECODER.decode(document_of(engine, _BLOCKERS, asked))
