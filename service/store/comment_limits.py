"""Keeps comment limits."""

from typing import Any

from sqlalchemy import Connection, Row, select

from service.domain.comment_limits import Audience, CommentLimits, HoldMode
from service.domain.people import UserId
from service.store.rows import keep
from service.store.tables import comment_limits as table


class PostgresCommentLimits:
    """One user's comment limits, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def get(self) -> CommentLimits:
        """Return the limits; those of somebody who never chose any are the defaults at revision 0."""
        query = select(table).where(table.c.user_id == self._user_id)
        row = self._connection.execute(query).one_or_none()
        return _limits(row) if row else CommentLimits()

    def put(self, limits: CommentLimits) -> None:
        """Keep the limits."""
        keep(self._connection, table, _row(self._user_id, limits))


def _row(user_id: UserId, limits: CommentLimits) -> dict[str, object]:
    audiences = limits.who_can_comment
    return {
        "user_id": user_id,
        "who_can_comment": None if audiences is None else [audience.value for audience in audiences],
        "hold_mode": limits.hold_mode.value,
        "keyword_terms": list(limits.keyword_terms),
        "revision": limits.revision,
    }


def _limits(row: Row[Any]) -> CommentLimits:
    audiences = row.who_can_comment
    return CommentLimits(
        who_can_comment=None if audiences is None else tuple(Audience(audience) for audience in audiences),
        hold_mode=HoldMode(row.hold_mode),
        keyword_terms=tuple(row.keyword_terms),
        revision=row.revision,
    )
