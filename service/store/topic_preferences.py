"""Keeps topic sliders."""

from typing import Any

from sqlalchemy import Connection, Row, select

from service.domain.people import UserId
from service.domain.topic_preferences import TopicPreference
from service.store.rows import keep
from service.store.signal_tables import topic_preferences as table
from service.store.tombstones import remove_named


class PostgresTopicPreferences:
    """One user's topic sliders, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id
        self._own = select(table).where(table.c.user_id == user_id)

    def all(self) -> list[TopicPreference]:
        """Return every slider that was moved, in the order of the topics."""
        rows = self._connection.execute(self._own.order_by(table.c.topic))
        return [preference_of(row) for row in rows]

    def put(self, preference: TopicPreference) -> None:
        """Keep a slider in place of an earlier position."""
        row = {
            "user_id": self._user_id,
            "topic": preference.topic,
            "level": preference.level,
            "set_at": preference.set_at,
            "revision": preference.revision,
        }
        keep(self._connection, table, row)

    def remove(self, *topics: str) -> bool:
        """Forget sliders; tell whether one was ever moved."""
        return bool(remove_named(self._connection, table, self._user_id, table.c.topic, topics))


def preference_of(row: Row[Any]) -> TopicPreference:
    """Return the slider that a row holds."""
    return TopicPreference(row.topic, row.level, row.set_at, row.revision)
