"""The outbox: changes that are committed with the edit that made them, and delivered to the cache afterwards.

There is no reading position. Ids are given out in order but become visible in the order of commits, so whoever
reads on from the last id it saw loses what commits late. Rows are taken by deleting them, under a lock that
others skip, in the same transaction in which they are delivered: a relay that dies gives them back.
"""

from collections.abc import Callable, Sequence
from threading import Event
from typing import Final

from sqlalchemy import Connection, Engine, delete, func, insert, select

from service.domain.consistency import Change, Head, Version
from service.store.engine import FOR_DELIVERY, answering, driven_by, transaction
from service.store.tables import outbox
from service.usecases.ports import StoreUnavailable

CHANNEL: Final = "outbox"
BATCH: Final = 500
LOOK_EVERY_SECONDS: Final = 1.0
"""A wake-up can get lost, with the connection that listens or in a pooler; the rows cannot."""


class NotDeliveredError(Exception):
    """Raised by whoever takes changes: they could not be passed on and shall be offered again."""


Deliver = Callable[[Sequence[Change]], None]
"""Passes changes on, oldest first; may see a change more than once."""


def announce(connection: Connection, heads: Sequence[Head]) -> None:
    """Put changes into the outbox and wake whoever delivers, both when the transaction commits."""
    rows = [
        {"user_id": head.user_id, "epoch": head.version.epoch, "version": head.version.number}
        for head in heads
    ]
    connection.execute(insert(outbox).values(rows))
    connection.execute(select(func.pg_notify(CHANNEL, "")))


def relay_once(engine: Engine, deliver: Deliver, *, limit: int = BATCH) -> int:
    """Deliver up to ``limit`` changes and return how many; where ``deliver`` raises they stay in the outbox."""
    oldest = select(outbox.c.id).order_by(outbox.c.id).limit(limit).with_for_update(skip_locked=True)
    taking = delete(outbox).where(outbox.c.id.in_(oldest)).returning(outbox)
    with transaction(engine, FOR_DELIVERY) as connection:
        rows = sorted(connection.execute(taking), key=lambda row: row.id)
        if rows:
            deliver([Change(row.user_id, Version(row.epoch, row.version)) for row in rows])
    return len(rows)


def relay(engine: Engine, deliver: Deliver, stop: Event) -> None:
    """Deliver changes as they come until ``stop`` is set, through restarts of the database and of the cache.

    Any number of relays may run side by side.
    """
    while not stop.is_set():
        try:
            with answering(), engine.connect() as connection:
                _relay_while_connected(engine, connection, deliver, stop)
        except (StoreUnavailable, NotDeliveredError):
            stop.wait(LOOK_EVERY_SECONDS)


def _relay_while_connected(engine: Engine, connection: Connection, deliver: Deliver, stop: Event) -> None:
    """Deliver and wait in turn; ``connection`` hears of new changes and leaves the pool for that."""
    listening = driven_by(connection)
    connection.detach()
    listening.autocommit = True
    listening.execute(f"LISTEN {CHANNEL}")
    while not stop.is_set():
        while relay_once(engine, deliver) == BATCH and not stop.is_set():
            pass
        next(listening.notifies(timeout=LOOK_EVERY_SECONDS, stop_after=1), None)
