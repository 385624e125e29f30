"""The outbox: changes that are committed with the edit that made them, and delivered to the cache afterwards.

There is no reading position. Ids are given out in order but become visible in the order of commits, so whoever
reads on from the last id it saw loses what commits late. Rows are taken by deleting them, under a lock that
others skip, in the same transaction in which they are delivered: a relay that dies gives them back.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Final

from sqlalchemy import ARRAY, BigInteger, Connection, Engine, Text, delete, func, insert, literal, select

from service.domain.consistency import Change, Head, Version
from service.store.engine import FOR_DECISIONS, FOR_DELIVERY, answering, driven_by, transaction
from service.store.tables import outbox
from service.telemetry.metrics import OUTBOX_OLDEST_SECONDS, OUTBOX_ROWS
from service.usecases.ports import StoreUnavailable

CHANNEL: Final = "outbox"
BATCH: Final = 500
MOST_COUNTED: Final = 10_000
"""For an alarm that is plenty, and nobody who asks often makes much work."""
LOOK_EVERY_SECONDS: Final = 1.0
"""A wake-up can get lost, with the connection that listens or in a pooler; the rows cannot."""


class NotDeliveredError(Exception):
    """Raised by whoever takes changes: they could not be passed on and shall be offered again."""


Deliver = Callable[[Sequence[Change]], None]
"""Passes changes on, oldest first; may see a change more than once."""


def announce(connection: Connection, heads: Sequence[Head]) -> None:
    """Put changes into the outbox and wake whoever delivers, both when the transaction commits."""
    rows = select(
        func.unnest(literal([head.user_id for head in heads], ARRAY(Text))),
        func.unnest(literal([head.version.epoch for head in heads], ARRAY(BigInteger))),
        func.unnest(literal([head.version.number for head in heads], ARRAY(BigInteger))),
    )
    put = insert(outbox).from_select(["user_id", "epoch", "version"], rows).cte("put")
    connection.execute(select(func.pg_notify(CHANNEL, "")).add_cte(put))


def relay_once(engine: Engine, deliver: Deliver, *, limit: int = BATCH) -> int:
    """Deliver up to ``limit`` changes and return how many; where ``deliver`` raises they stay in the outbox."""
    oldest = select(outbox.c.id).order_by(outbox.c.id).limit(limit).with_for_update(skip_locked=True)
    # An array, because it is made once: the planner may run the query of an IN again, and that takes more rows.
    once = func.array(oldest.scalar_subquery())
    taking = delete(outbox).where(outbox.c.id == func.any(once)).returning(outbox)
    with transaction(engine, FOR_DELIVERY) as connection:
        rows = sorted(connection.execute(taking), key=lambda row: row.id)
        if rows:
            deliver([Change(row.user_id, Version(row.epoch, row.version)) for row in rows])
    return len(rows)


def measure_backlog(engine: Engine) -> None:
    """Set the metrics of what waits to be delivered; they are no numbers while PostgreSQL does not answer."""
    try:
        rows, seconds = _backlog(engine)
    except StoreUnavailable:
        rows, seconds = math.nan, math.nan
    OUTBOX_ROWS.set(rows)
    OUTBOX_OLDEST_SECONDS.set(seconds)


def _backlog(engine: Engine) -> tuple[float, float]:
    oldest = select(outbox.c.created_at).order_by(outbox.c.id).limit(MOST_COUNTED).subquery()
    age = func.extract("epoch", func.clock_timestamp() - func.min(oldest.c.created_at))
    query = select(func.count(), func.coalesce(age, 0)).select_from(oldest)
    with transaction(engine, FOR_DECISIONS) as connection:
        rows, seconds = connection.execute(query).one()
    return float(rows), float(seconds)


def relay(
    engine: Engine,
    deliver: Deliver,
    stop: Event,
    *,
    limit: int = BATCH,
    pause_seconds: float = LOOK_EVERY_SECONDS,
) -> None:
    """Deliver changes as they come until ``stop`` is set, through restarts of the database and of the cache.

    ``pause_seconds`` is how long to rest after a failure, and to wait for a wake-up before looking without one.
    Any number of relays may run side by side; each needs two connections.
    """
    while not stop.is_set():
        try:
            with _wake_ups(engine) as wait:
                while not stop.is_set():
                    if relay_once(engine, deliver, limit=limit) < limit:
                        wait(pause_seconds)
        except (StoreUnavailable, NotDeliveredError):
            stop.wait(pause_seconds)


@contextmanager
def _wake_ups(engine: Engine) -> Iterator[Callable[[float], None]]:
    """Listen on a connection that leaves the pool for it; give a way to wait for news, or for some seconds."""
    with answering(), engine.connect() as connection:
        listening = driven_by(connection)
        connection.detach()
        listening.autocommit = True
        listening.execute(f"LISTEN {CHANNEL}")
        yield lambda seconds: _read_one(listening.notifies(timeout=seconds, stop_after=1))


def _read_one(news: Iterator[object]) -> None:
    next(news, None)
