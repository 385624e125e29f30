"""Moves the counters that say where everybody's settings stand, which is also what locks them."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import ARRAY, Connection, Engine, Row, Text, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from service.domain.consistency import Head, Version
from service.domain.people import UserId
from service.store.engine import FOR_DELIVERY, transaction
from service.store.outbox import announce
from service.store.tables import NEW_EPOCH, user_state

RESTARTED_AT_ONCE: Final = 1_000


def advance(
    connection: Connection, affected: Collection[UserId], *, editor: UserId | None = None
) -> list[Head]:
    """Move the counters of everybody affected: all versions, and the revision of whoever edits their own settings.

    One statement takes the locks in the order of the ids, so that two people who block each other at the same
    moment wait for one another in turn rather than forever. A row that is missing begins its history here. The
    editor is first in the answer. The people come as an array: somebody may have blocked 10,000.
    """
    everybody = func.unnest(literal(sorted({*affected}), ARRAY(Text))).column_valued("each")
    own = case((everybody == (editor or ""), 1), else_=0)
    rows = select(everybody, own, literal(1))
    statement = insert(user_state).from_select(["user_id", "revision", "version"], rows)
    further = {
        "revision": user_state.c.revision + statement.excluded.revision,
        "version": user_state.c.version + 1,
    }
    kept = connection.execute(
        statement.on_conflict_do_update(constraint=user_state.primary_key, set_=further).returning(user_state)
    )
    return sorted(_heads(kept), key=lambda head: (head.user_id != editor, head.user_id))


def restart_histories(engine: Engine, *, at_once: int = RESTARTED_AT_ONCE) -> int:
    """Begin everybody's history anew, some people at a time; return how many they are.

    For a database that was restored: its counters have gone back, so that a version from before the loss would pass
    for a newer one. The outbox takes what is cached from before out of the way. Safe to repeat, and to kill anywhere.
    """
    restarted, last = 0, ""
    while True:
        some = select(user_state.c.user_id).where(user_state.c.user_id > last)
        some = some.order_by(user_state.c.user_id).limit(at_once).with_for_update()
        anew = func.greatest(user_state.c.epoch + 1, NEW_EPOCH)
        once = func.array(some.scalar_subquery())
        statement = update(user_state).where(user_state.c.user_id == func.any(once)).values(epoch=anew)
        with transaction(engine, FOR_DELIVERY) as connection:
            heads = _heads(connection.execute(statement.returning(user_state)))
            if heads:
                announce(connection, heads)
        restarted += len(heads)
        if len(heads) < at_once:
            return restarted
        last = max(head.user_id for head in heads)


def _heads(rows: Iterable[Row[Any]]) -> list[Head]:
    return [Head(row.user_id, row.revision, Version(row.epoch, row.version)) for row in rows]
