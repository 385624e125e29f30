"""One at a time: jobs that nobody needs twice at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, func, select

from service.store.engine import answering


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
                connection.execute(select(func.pg_advisory_unlock(key)))
