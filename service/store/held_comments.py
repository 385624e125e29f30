"""Keeps comments that were held: for their owner to judge, and for decisions to know what became of them."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Engine, Row, any_, case, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from service.domain.comments import (
    DISTRUSTED_FOR,
    HOLDS_THAT_TELL,
    TELLING_TIME,
    CommentHistory,
    CommentReason,
    CommentState,
    HeldComment,
    HeldCount,
    KnownComment,
    mark_of,
)
from service.domain.consistency import Head
from service.domain.paging import Position
from service.domain.people import UserId
from service.store.comment_tables import held_comments as table
from service.store.counted_comments import count_comments
from service.store.engine import FOR_EDITS, document_of, transaction
from service.store.outbox import announce
from service.store.rows import newest_first
from service.store.user_state import advance

HISTORY: Final = """
SELECT json_build_object(
  'known', (SELECT json_object_agg(comment_id,
      json_build_object('state', state, 'author_id', author_id, 'held_at', held_at, 'mark', mark,
        'reasons', reasons))
    FROM held_comments WHERE user_id = %(owner_id)s AND comment_id = ANY(%(comment_ids)s)),
  'approved', (SELECT json_agg(DISTINCT author_id) FROM held_comments
    WHERE user_id = %(owner_id)s AND author_id = ANY(%(author_ids)s) AND state = 'approved'),
  'turned_away', (SELECT json_agg(person) FROM (
      SELECT author_id AS person FROM held_comments
      WHERE user_id = %(owner_id)s AND author_id = ANY(%(author_ids)s) AND state = 'rejected'
        AND decided_at > %(lately)s
      UNION SELECT target_id FROM unblocks
      WHERE user_id = %(owner_id)s AND target_id = ANY(%(author_ids)s) AND at > %(lately)s) people),
  'often_held', (SELECT json_agg(author_id) FROM (
      SELECT author_id FROM held_comments
      WHERE user_id = %(owner_id)s AND author_id = ANY(%(author_ids)s) AND held_at > %(just_now)s
        AND state <> 'approved'
      GROUP BY author_id HAVING count(*) >= %(tells)s) people)
)::text
"""
"""One JSON document, as for feed rules: one statement, one moment, one round trip; every part goes by an index."""


class _Found(msgspec.Struct, frozen=True):
    """The document that the query returns; null where nothing is known."""

    known: dict[str, KnownComment] | None
    approved: frozenset[UserId] | None
    turned_away: frozenset[UserId] | None
    often_held: frozenset[UserId] | None

    def as_history(self) -> CommentHistory:
        nobody: frozenset[UserId] = frozenset()
        return CommentHistory(
            self.known or {}, self.approved or nobody, self.turned_away or nobody, self.often_held or nobody
        )


_DECODER: Final = msgspec.json.Decoder(_Found)


class PostgresComments:
    """A ``CommentStore`` on PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def history(
        self, owner_id: UserId, comment_ids: Collection[str], author_ids: Collection[UserId], now: datetime
    ) -> CommentHistory:
        """Return what an owner made of comments and people."""
        asked = {
            "owner_id": owner_id,
            "comment_ids": list(comment_ids),
            "author_ids": list(author_ids),
            "lately": now - DISTRUSTED_FOR,
            "just_now": now - TELLING_TIME,
            "tells": HOLDS_THAT_TELL,
        }
        return _DECODER.decode(document_of(self._engine, HISTORY, asked)).as_history()

    @contextmanager
    def hold(self, owner_id: UserId, comments: Sequence[HeldComment]) -> Iterator[Sequence[Head]]:
        """Keep comments for their owner; yields whose rules change with it, before that is kept.

        Only the first comment that an owner has ever had held changes the owner's rules. All later ones take no
        lock that others want, so that a storm of comments does not queue up behind one row.
        """
        with transaction(self._engine, FOR_EDITS) as connection:
            seen = connection.execute(select(exists().where(table.c.user_id == owner_id))).scalar_one()
            in_order = sorted(comments, key=lambda comment: comment.comment_id)  # or two calls deadlock
            connection.execute(_UPSERT, [_row(owner_id, comment) for comment in in_order])
            heads = [] if seen else advance(connection, [owner_id])
            yield heads
            if heads:
                announce(connection, heads)

    def count(
        self, owner_id: UserId, post_id: str, made: Sequence[tuple[UserId, str]], at_most: int, now: datetime
    ) -> frozenset[str]:
        """Count comments by their authors' hour, each once; return those that are too many."""
        with transaction(self._engine, FOR_EDITS) as connection:
            return count_comments(connection, owner_id, post_id, made, at_most=at_most, now=now)


def _upsert() -> Any:
    """Keep a comment in place of what was known of it, unless the owner rejected it or has this very text."""
    statement = insert(table)
    new = statement.excluded
    return statement.on_conflict_do_update(
        constraint=table.primary_key,
        set_={
            "text": new.text,
            "mark": new.mark,
            "reasons": new.reasons,
            "held_at": case((table.c.state == CommentState.HELD.value, table.c.held_at), else_=new.held_at),
            "state": new.state,
            "decided_at": None,
            "revision": new.revision,
        },
        where=(table.c.state != CommentState.REJECTED.value) & (table.c.mark != new.mark),
    )


_UPSERT: Final = _upsert()


class PostgresHeldComments:
    """Comments under one user's posts that were held, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id
        self._own = select(table).where(table.c.user_id == user_id)

    def page(
        self, limit: int, after: Position | None, *, since: datetime, because: CommentReason | None = None
    ) -> list[HeldComment]:
        """Return up to ``limit`` comments that wait since after an instant, newest first."""
        query = self._own.where(table.c.state == CommentState.HELD.value, table.c.held_at > since)
        if because:
            query = query.where(literal(because.value) == any_(table.c.reasons))
        query = newest_first(query, table.c.held_at, table.c.comment_id, after=after).limit(limit)
        return [_held(row) for row in self._connection.execute(query)]

    def find(self, comment_id: str) -> HeldComment | None:
        """Return a comment whose text is not forgotten."""
        query = self._own.where(table.c.comment_id == comment_id, table.c.text.is_not(None))
        row = self._connection.execute(query).one_or_none()
        return _held(row) if row else None

    def put(self, comment: HeldComment) -> None:
        """Keep the owner's verdict on a comment."""
        statement = (
            update(table)
            .where(table.c.user_id == self._user_id, table.c.comment_id == comment.comment_id)
            .values(state=comment.state.value, decided_at=comment.decided_at, revision=comment.revision)
        )
        self._connection.execute(statement)

    def counts(self, because: CommentReason, start: datetime, end: datetime) -> list[HeldCount]:
        """Count comments held for a reason within a time, by what became of them."""
        query = (
            select(table.c.state, func.count().label("comments"))
            .where(
                table.c.user_id == self._user_id,
                literal(because.value) == any_(table.c.reasons),
                table.c.held_at.between(start, end),
            )
            .group_by(table.c.state)
        )
        return [HeldCount(CommentState(row.state), row.comments) for row in self._connection.execute(query)]


def _row(user_id: UserId, comment: HeldComment) -> dict[str, object]:
    return {
        "user_id": user_id,
        "comment_id": comment.comment_id,
        "post_id": comment.post_id,
        "author_id": comment.author_id,
        "text": comment.text,
        "mark": mark_of(comment.text or ""),
        "reasons": [reason.value for reason in comment.reasons],
        "held_at": comment.held_at,
        "state": comment.state.value,
        "decided_at": comment.decided_at,
        "revision": comment.revision,
    }


def _held(row: Row[Any]) -> HeldComment:
    return HeldComment(
        comment_id=row.comment_id,
        post_id=row.post_id,
        author_id=row.author_id,
        text=row.text,
        reasons=tuple(CommentReason(reason) for reason in row.reasons),
        held_at=row.held_at,
        state=CommentState(row.state),
        decided_at=row.decided_at,
        revision=row.revision,
    )
