"""One at a time: jobs that nobody needs twice at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Connection, Engine, func, select

from service.store.engine import answering
from service.usecases.ports import StoreUnavailable


@contextmanager
def only_one(engine: Engine, job: str) -> Iterator[bool]:
    """Hold the right to run a job; False where another process holds it. A process that dies gives it back.

    The lock spares work, and no figure depends on it: every job is as safe without it.
    """
    key = func.hashtextextended(f"job:{job}", 0)
    with answering(), engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        mine = bool(connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one())
        try:
            yield mine
        finally:
            if mine:
                _give_back(connection, key)


def _give_back(connection: Connection, key: ColumnElement[int]) -> None:
    """Release a lock; where PostgreSQL does not answer, the end of the session does: the job is done all the same."""
    try:
        with answering():
            connection.execute(select(func.pg_advisory_unlock(key)))
    except StoreUnavailable:
        connection.invalidate()
