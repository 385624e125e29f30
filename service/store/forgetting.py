"""Forgets what is kept for a time only, in batches that no request has to wait for."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, or_, select, tuple_, update

from service.domain.comments import COUNTED_FOR, DISTRUSTED_FOR, HELD_FOR, CommentState
from service.domain.not_interested import UNDONE_KEPT_FOR
from service.domain.signal_resets import ERASED_AFTER
from service.domain.staff_reads import READS_KEPT_FOR
from service.store.analyst_reads import READS_STAY
from service.store.comment_tables import counted_comments, held_comments
from service.store.engine import FOR_DELIVERY, transaction
from service.store.insight_tables import analyst_reads
from service.store.signal_erasing import erase_resets
from service.store.signal_tables import undone_signals
from service.store.tables import staff_reads, unblocks

BATCH: Final = 1_000
RESETS_AT_A_TIME: Final = 10


def forget_expired(engine: Engine, now: datetime) -> int:
    """Forget everything whose time is over; return how many rows that were."""
    return sum(forget(engine, now) for forget in FORGETTINGS)


def _forget_comments(engine: Engine, now: datetime) -> int:
    """Forget the texts of comments that were held 60 days ago, and who wrote them.

    The rows stay, for what was never approved must not be shown one day. Their authors go with the texts, but of
    those whom the owner rejected only after 90 days, and of approved comments not at all: who has had a comment
    approved is no newcomer.
    """
    held = held_comments.c
    over = held.held_at <= now - HELD_FOR
    verdict_is_old = or_(
        held.state == CommentState.HELD.value,
        (held.state == CommentState.REJECTED.value) & (held.decided_at <= now - DISTRUSTED_FOR),
    )
    return _in_batches(engine, held_comments, over & held.text.is_not(None), text=None) + _in_batches(
        engine, held_comments, over & held.author_id.is_not(None) & verdict_is_old, author_id=None
    )


def _forget_counts(engine: Engine, now: datetime) -> int:
    return _in_batches(engine, counted_comments, counted_comments.c.at <= now - COUNTED_FOR)


def _forget_unblocks(engine: Engine, now: datetime) -> int:
    return _in_batches(engine, unblocks, unblocks.c.at <= now - DISTRUSTED_FOR)


def _forget_undone_signals(engine: Engine, now: datetime) -> int:
    return _in_batches(engine, undone_signals, undone_signals.c.undone_at <= now - UNDONE_KEPT_FOR)


def _forget_staff_reads(engine: Engine, now: datetime) -> int:
    return _in_batches(engine, staff_reads, staff_reads.c.at <= now - READS_KEPT_FOR)


def _forget_resets(engine: Engine, now: datetime) -> int:
    """Erase what resets set aside 30 days ago, a few resets at a time: each may reach many signals."""
    done = 0
    while True:
        with transaction(engine, FOR_DELIVERY) as connection:
            batch = erase_resets(connection, now - ERASED_AFTER, RESETS_AT_A_TIME)
        done += batch
        if batch < RESETS_AT_A_TIME:
            return done


def _forget_analyst_reads(engine: Engine, now: datetime) -> int:
    return _in_batches(engine, analyst_reads, analyst_reads.c.at <= now - READS_STAY)


FORGETTINGS: Final[tuple[Callable[[Engine, datetime], int], ...]] = (
    _forget_comments,
    _forget_counts,
    _forget_unblocks,
    _forget_undone_signals,
    _forget_resets,
    _forget_staff_reads,
    _forget_analyst_reads,
)
"""Whoever keeps something for a time only adds a line here."""


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
