"""Forgets what is kept for a time only, in batches that no request has to wait for."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, or_, select, tuple_, update

from service.domain.comments import COUNTED_FOR, DISTRUSTED_FOR, HELD_FOR, CommentState
from service.store.engine import FOR_DELIVERY, transaction
from service.store.tables import counted_comments, held_comments, unblocks

BATCH: Final = 1_000


def forget_expired(engine: Engine, now: datetime) -> int:
    """Forget the texts of comments that were held 60 days ago, counts and unblocks past their time; return how many.

    The rows of comments stay, for what was never approved must not be shown one day. Their authors go with the
    texts, but of those whom the owner rejected only after 90 days, and of approved comments not at all: who has had
    a comment approved is no newcomer.
    """
    held = held_comments.c
    over = held.held_at <= now - HELD_FOR
    verdict_is_old = or_(
        held.state == CommentState.HELD.value,
        (held.state == CommentState.REJECTED.value) & (held.decided_at <= now - DISTRUSTED_FOR),
    )
    return (
        _in_batches(engine, held_comments, over & held.text.is_not(None), text=None)
        + _in_batches(
            engine, held_comments, over & held.author_id.is_not(None) & verdict_is_old, author_id=None
        )
        + _in_batches(engine, counted_comments, counted_comments.c.at <= now - COUNTED_FOR)
        + _in_batches(engine, unblocks, unblocks.c.at <= now - DISTRUSTED_FOR)
    )


def _in_batches(engine: Engine, table: Table, due: ColumnElement[bool], **emptied: None) -> int:
    done = 0
    while True:
        with transaction(engine, FOR_DELIVERY) as connection:
            batch = _one_batch(connection, table, due, emptied)
        done += batch
        if batch < BATCH:
            return done


def _one_batch(
    connection: Connection, table: Table, due: ColumnElement[bool], emptied: dict[str, None]
) -> int:
    """Empty columns of some rows that are due, or remove them; rows that somebody else works on can wait."""
    key = tuple_(*table.primary_key.columns)
    rows = select(*table.primary_key.columns).where(due).limit(BATCH).with_for_update(skip_locked=True)
    statement = update(table).values(**emptied) if emptied else delete(table)
    return connection.execute(statement.where(key.in_(rows))).rowcount
