"""Remembers answers, in the transaction of the edits that they answer."""

import json
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, literal, select

from service.domain.answers import Answer, RememberedAnswer, StillInFlight
from service.domain.people import UserId
from service.store.engine import FOR_DELIVERY, transaction
from service.store.rows import keep
from service.store.tables import remembered_answers as table

FORGOTTEN_AT_ONCE = 1_000


class PostgresAnswers:
    """One user's remembered answers, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def claim(self, key: str) -> None:
        """Take a key until the transaction ends; refuse at once where another transaction has it.

        An advisory lock, because it goes with a process that dies. Two keys share one by chance once in 2^64
        pairs, and then one request is told to ask again.
        """
        name = func.hashtextextended(literal(f"{len(self._user_id)}:{self._user_id}:{key}"), 0)
        if not self._connection.execute(select(func.pg_try_advisory_xact_lock(name))).scalar_one():
            raise StillInFlight

    def find(self, key: str, *, since: datetime) -> RememberedAnswer | None:
        """Return the answer under a key, unless it is older than ``since``."""
        query = select(table).where(table.c.user_id == self._user_id, table.c.key == key, table.c.at > since)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        headers = tuple((name, value) for name, value in json.loads(row.headers))
        return RememberedAnswer(row.fingerprint, Answer(row.status, headers, row.body))

    def keep(self, key: str, remembered: RememberedAnswer, at: datetime) -> None:
        """Keep an answer in place of an older one that was given under the same key."""
        row = {
            "user_id": self._user_id,
            "key": key,
            "fingerprint": remembered.fingerprint,
            "status": remembered.answer.status,
            "headers": json.dumps(remembered.answer.headers),
            "body": remembered.answer.body,
            "at": at,
        }
        keep(self._connection, table, row)


def forget_answers(engine: Engine, *, before: datetime, at_once: int = FORGOTTEN_AT_ONCE) -> int:
    """Delete answers given before a moment, some at a time; return how many there were."""
    forgotten = 0
    while True:
        oldest = select(table.c.user_id, table.c.key).where(table.c.at <= before).order_by(table.c.at)
        some = oldest.limit(at_once).subquery()
        statement = delete(table).where(table.c.user_id == some.c.user_id, table.c.key == some.c.key)
        with transaction(engine, FOR_DELIVERY) as connection:
            gone = connection.execute(statement.where(table.c.at <= before)).rowcount
        forgotten += gone
        if gone < at_once:
            return forgotten
