"""Keeps not-interested signals, and what is left of those that were taken back."""

from typing import Any

from sqlalchemy import Connection, Row, and_, exists, or_, select

from service.domain.not_interested import Direction, Reason, Signal, UndoneSignal
from service.domain.paging import Position
from service.domain.people import UserId
from service.domain.signal_resets import ResetScope
from service.store.rows import keep, keep_all, newest_first
from service.store.signal_tables import not_interested as table
from service.store.signal_tables import signal_resets, undone_signals
from service.store.tombstones import remove_named


class PostgresSignals:
    """One user's not-interested signals, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id
        self._own = select(table).where(table.c.user_id == user_id)

    def all(self) -> list[Signal]:
        """Return every signal, newest first, those that resets set aside included."""
        query = newest_first(self._own, table.c.at, table.c.id, after=None)
        return [signal_of(row) for row in self._connection.execute(query)]

    def page(self, limit: int, after: Position | None) -> list[Signal]:
        """Return up to ``limit`` signals that stand after a position, newest first."""
        query = self._own.where(~_SET_ASIDE)
        query = newest_first(query, table.c.at, table.c.id, after=after).limit(limit)
        return [signal_of(row) for row in self._connection.execute(query)]

    def find(self, *signal_ids: str) -> dict[str, Signal]:
        """Return those signals of these ids that there are, by id."""
        rows = self._connection.execute(self._own.where(table.c.id.in_(signal_ids)))
        return {row.id: signal_of(row) for row in rows}

    def put(self, *signals: Signal) -> None:
        """Keep signals."""
        keep_all(self._connection, table, [_row(self._user_id, signal) for signal in signals])

    def remove(self, *signal_ids: str) -> bool:
        """Forget signals; tell whether there was one."""
        return bool(remove_named(self._connection, table, self._user_id, table.c.id, signal_ids))

    def find_undone(self, *signal_ids: str) -> set[str]:
        """Return which of these ids belong to signals that were taken back."""
        undone = undone_signals.c
        query = select(undone.id).where(undone.user_id == self._user_id, undone.id.in_(signal_ids))
        return set(self._connection.execute(query).scalars())

    def note_undone(self, undone: UndoneSignal) -> None:
        """Keep what is left of a signal that was taken back."""
        row = {
            "user_id": self._user_id,
            "id": undone.id,
            "wants_more": undone.direction is Direction.MORE,
            "surface": undone.surface,
            "reasons": [reason.value for reason in undone.reasons],
            "sent_at": undone.sent_at,
            "undone_at": undone.undone_at,
        }
        keep(self._connection, undone_signals, row)


_SET_ASIDE = exists().where(
    signal_resets.c.user_id == table.c.user_id,
    signal_resets.c.scope == ResetScope.ALL.value,
    signal_resets.c.restored_at.is_(None),
    or_(
        signal_resets.c.at > table.c.at,
        and_(signal_resets.c.at == table.c.at, signal_resets.c.revision >= table.c.revision),
    ),
)


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
        "wants_more": signal.direction is Direction.MORE,
    }


def signal_of(row: Row[Any]) -> Signal:
    """Return the signal that a row holds."""
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
        direction=Direction.MORE if row.wants_more else Direction.LESS,
    )
