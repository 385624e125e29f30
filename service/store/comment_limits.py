"""Keeps comment limits: a user's own, and the rules of single posts."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from service.domain.comment_limits import Audience, CommentLimits, Gates, HoldMode, LimitedMode, PostLimits
from service.domain.people import UserId
from service.store.comment_tables import comment_limits as table
from service.store.comment_tables import post_comment_limits
from service.store.rows import count, keep
from service.store.tombstones import remove_named


class PostgresCommentLimits:
    """One user's comment limits, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def get(self) -> CommentLimits:
        """Return the limits; those of somebody who never chose any are the defaults at revision 0."""
        query = select(table).where(table.c.user_id == self._user_id)
        row = self._connection.execute(query).one_or_none()
        return limits_of(row) if row else CommentLimits()

    def put(self, limits: CommentLimits) -> None:
        """Keep the limits."""
        keep(self._connection, table, _row(self._user_id, limits))


class PostgresPostLimits:
    """The rules of one user's single posts, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id
        self._own = select(post_comment_limits).where(post_comment_limits.c.user_id == user_id)

    def all(self) -> dict[str, PostLimits]:
        """Return every rule, by its post's id."""
        return {row.post_id: post_limits_of(row) for row in self._connection.execute(self._own)}

    def count(self) -> int:
        """Return how many posts have a rule of their own."""
        return count(self._connection, post_comment_limits, self._user_id)

    def find(self, post_id: str) -> PostLimits | None:
        """Return the rule of one post."""
        query = self._own.where(post_comment_limits.c.post_id == post_id)
        row = self._connection.execute(query).one_or_none()
        return post_limits_of(row) if row else None

    def put(self, post_id: str, limits: PostLimits) -> None:
        """Keep a post's rule in place of an earlier one."""
        row = {
            "user_id": self._user_id,
            "post_id": post_id,
            "who_can_comment": _written(limits.who_can_comment),
            "hold_mode": limits.hold_mode.value if limits.hold_mode else None,
            "gates": msgspec.to_builtins(limits.gates),
            "revision": limits.revision,
        }
        keep(self._connection, post_comment_limits, row)

    def remove(self, *post_ids: str) -> bool:
        """Forget posts' rules; tell whether there was one."""
        table = post_comment_limits
        return bool(remove_named(self._connection, table, self._user_id, table.c.post_id, post_ids))


def _written(audiences: tuple[Audience, ...] | None) -> list[str] | None:
    return None if audiences is None else [audience.value for audience in audiences]


def _read(audiences: list[str] | None) -> tuple[Audience, ...] | None:
    return None if audiences is None else tuple(Audience(audience) for audience in audiences)


def _row(user_id: UserId, limits: CommentLimits) -> dict[str, object]:
    return {
        "user_id": user_id,
        "who_can_comment": _written(limits.who_can_comment),
        "hold_mode": limits.hold_mode.value,
        "keyword_terms": list(limits.keyword_terms),
        "revision": limits.revision,
        "gates": msgspec.to_builtins(limits.gates),
        "approved_users": list(limits.approved_users),
        "approved_users_exempt": limits.approved_users_exempt,
        "care_mode": limits.care_mode,
        "limited_mode": msgspec.to_builtins(limits.limited_mode),
    }


def limits_of(row: Row[Any]) -> CommentLimits:
    """Return the limits that a row holds."""
    return CommentLimits(
        who_can_comment=_read(row.who_can_comment),
        hold_mode=HoldMode(row.hold_mode),
        keyword_terms=tuple(row.keyword_terms),
        revision=row.revision,
        gates=msgspec.convert(row.gates, Gates),
        approved_users=tuple(row.approved_users),
        approved_users_exempt=row.approved_users_exempt,
        care_mode=row.care_mode,
        limited_mode=msgspec.convert(row.limited_mode, LimitedMode | None),
    )


def post_limits_of(row: Row[Any]) -> PostLimits:
    """Return the rule of one post that a row holds."""
    return PostLimits(
        who_can_comment=_read(row.who_can_comment),
        hold_mode=HoldMode(row.hold_mode) if row.hold_mode else None,
        gates=msgspec.convert(row.gates, Gates | None),
        revision=row.revision,
    )
