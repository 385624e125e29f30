"""Runs migrations: one starter at a time, each migration in a transaction of its own, never queueing for long."""

import os
import time
from typing import Final

from alembic import context
from sqlalchemy import Connection, Engine, text

from service.store.engine import driven_by, make_engine
from service.store.schema import EVERYTHING

ONE_AT_A_TIME: Final = 7_233_001
"""The key of the advisory lock; any number that nothing else in the database uses."""
LOOK_EVERY_SECONDS: Final = 0.2
LONGEST_WAIT_SECONDS: Final = 3_600
IMPATIENCE: Final = "SET lock_timeout = '2s'; SET statement_timeout = '15min'"
"""A migration that waits for a table makes every later statement on it wait too; better to fail and try again."""

UNFINISHED: Final = """
SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index JOIN pg_class AS owned ON owned.oid = indrelid
WHERE NOT indisvalid AND owned.relname = ANY(:tables) AND pg_table_is_visible(indrelid)
"""


def run() -> None:
    """Write SQL when asked to (``--sql``), else migrate the database at ``DATABASE_URL`` or the one handed over."""
    if context.is_offline_mode():
        context.configure(
            dialect_name="postgresql", target_metadata=EVERYTHING, transaction_per_migration=True
        )
        with context.begin_transaction():
            context.execute(IMPATIENCE)
            context.run_migrations()
        return
    engine = make_engine(context.config.attributes.get("database_url") or os.environ["DATABASE_URL"])
    try:
        migrate(engine)
    finally:
        engine.dispose()


def migrate(engine: Engine) -> None:
    """Migrate while holding the lock that makes a second starter wait, and then find nothing to do."""
    with engine.connect() as connection:
        driven_by(connection).answer_seconds = None
        await_turn(connection)
        connection.execute(text(IMPATIENCE))
        connection.commit()
        try:
            drop_unfinished_indexes(connection)
            run_migrations(connection)
        finally:
            connection.rollback()
            connection.execute(text(f"SELECT pg_advisory_unlock({ONE_AT_A_TIME})"))
            connection.commit()


def await_turn(connection: Connection) -> None:
    """Take the lock once nobody else has it, asking now and then.

    A statement that waits for it would be a transaction that CREATE INDEX CONCURRENTLY waits for in turn: the starter
    that works and those that wait would block each other.
    """
    for _ in range(int(LONGEST_WAIT_SECONDS / LOOK_EVERY_SECONDS)):
        if connection.execute(text(f"SELECT pg_try_advisory_lock({ONE_AT_A_TIME})")).scalar_one():
            return
        connection.commit()
        time.sleep(LOOK_EVERY_SECONDS)
    raise TimeoutError("another starter has been migrating all the time")


def drop_unfinished_indexes(connection: Connection) -> None:
    """Drop what a CREATE INDEX CONCURRENTLY left that was killed or gave up: named, kept up to date, and never used.

    Else the migration that is tried again would find an index of that name and take its work for done.
    """
    for (drop,) in connection.execute(text(UNFINISHED), {"tables": list(EVERYTHING.tables)}).all():
        connection.execute(text(drop))
    connection.commit()


def run_migrations(connection: Connection) -> None:
    """Run what is due on an open connection."""
    context.configure(connection=connection, target_metadata=EVERYTHING, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


run()
