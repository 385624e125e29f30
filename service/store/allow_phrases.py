"""Keeps allow phrases."""

from typing import Any

from sqlalchemy import Connection, Row, select

from service.domain.allow_phrases import AllowPhrases
from service.domain.people import UserId
from service.store.rows import keep
from service.store.tables import allow_phrases as table


class PostgresAllowPhrases:
    """One user's allow phrases, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def get(self) -> AllowPhrases:
        """Return the phrases; those of somebody who never chose any are none, at revision 0."""
        query = select(table).where(table.c.user_id == self._user_id)
        row = self._connection.execute(query).one_or_none()
        return phrases_of(row) if row else AllowPhrases()

    def put(self, phrases: AllowPhrases) -> None:
        """Keep the phrases in place of all earlier ones."""
        row = {
            "user_id": self._user_id,
            "phrases": list(phrases.phrases),
            "revision": phrases.revision,
        }
        keep(self._connection, table, row)


def phrases_of(row: Row[Any]) -> AllowPhrases:
    """Return the phrases that a row holds."""
    return AllowPhrases(tuple(row.phrases), row.revision)
