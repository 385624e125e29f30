"""Keeps resets of signals, and erases what they set aside once their time is over."""

from typing import Any

from sqlalchemy import Connection, Row, select

from service.domain.people import UserId
from service.domain.signal_resets import Reset, ResetScope
from service.store.rows import keep
from service.store.signal_tables import signal_resets as table


class PostgresResets:
    """One user's resets, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id
        self._own = select(table).where(table.c.user_id == user_id)

    def all(self) -> list[Reset]:
        """Return every reset, newest first, those that were taken back included."""
        query = self._own.order_by(table.c.at.desc(), table.c.revision.desc())
        return [reset_of(row) for row in self._connection.execute(query)]

    def find(self, reset_id: str) -> Reset | None:
        """Return the reset of that id."""
        row = self._connection.execute(self._own.where(table.c.id == reset_id)).one_or_none()
        return reset_of(row) if row else None

    def put(self, reset: Reset) -> None:
        """Keep a reset in place of whatever had its id."""
        row = {
            "user_id": self._user_id,
            "id": reset.id,
            "scope": reset.scope.value,
            "at": reset.at,
            "restored_at": reset.restored_at,
            "revision": reset.revision,
        }
        keep(self._connection, table, row)


def reset_of(row: Row[Any]) -> Reset:
    """Return the reset that a row holds."""
    return Reset(row.id, ResetScope(row.scope), row.at, row.revision, row.restored_at)
