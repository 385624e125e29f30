"""Keeps not-interested signals."""

from typing import Any

from sqlalchemy import Connection, Row, delete, select

from service.domain.not_interested import Reason, Signal
from service.domain.paging import Position
from service.domain.people import UserId
from service.store.rows import keep_all, newest_first
from service.store.tables import not_interested as table


class PostgresSignals:
    """One user's not-interested signals, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id
        self._own = select(table).where(table.c.user_id == user_id)

    def all(self) -> list[Signal]:
        """Return every signal, newest first."""
        query = newest_first(self._own, table.c.at, table.c.id, after=None)
        return [_signal(row) for row in self._connection.execute(query)]

    def page(self, limit: int, after: Position | None) -> list[Signal]:
        """Return up to ``limit`` signals that stand after a position, newest first."""
        query = newest_first(self._own, table.c.at, table.c.id, after=after).limit(limit)
        return [_signal(row) for row in self._connection.execute(query)]

    def find(self, signal_id: str) -> Signal | None:
        """Return the signal of that id."""
        row = self._connection.execute(self._own.where(table.c.id == signal_id)).one_or_none()
        return _signal(row) if row else None

    def put(self, *signals: Signal) -> None:
        """Keep signals."""
        keep_all(self._connection, table, [_row(self._user_id, signal) for signal in signals])

    def remove(self, signal_id: str) -> bool:
        """Forget a signal; tell whether there was one."""
        statement = delete(table).where(table.c.user_id == self._user_id, table.c.id == signal_id)
        return self._connection.execute(statement).rowcount > 0


def _row(user_id: UserId, signal: Signal) -> dict[str, object]:
    return {
        "user_id": user_id,
        "id": signal.id,
        "item_id": signal.item_id,
        "surface": signal.surface,
        "reasons": [reason.value for reason in signal.reasons],
        "author_id": signal.author_id,
        "sound_id": signal.sound_id,
        "hashtags": list(signal.hashtags),
        "topics": list(signal.topics),
        "request_id": signal.request_id,
        "position": signal.position,
        "at": signal.at,
        "revision": signal.revision,
    }


def _signal(row: Row[Any]) -> Signal:
    return Signal(
        id=row.id,
        item_id=row.item_id,
        surface=row.surface,
        reasons=tuple(Reason(reason) for reason in row.reasons),
        author_id=row.author_id,
        sound_id=row.sound_id,
        hashtags=tuple(row.hashtags),
        topics=tuple(row.topics),
        request_id=row.request_id,
        position=row.position,
        at=row.at,
        revision=row.revision,
    )
