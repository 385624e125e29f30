"""Moves the counters that say where everybody's settings stand, which is also what locks them."""

from collections.abc import Collection

from sqlalchemy import ARRAY, Connection, Text, case, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from service.domain.consistency import Head, Version
from service.domain.people import UserId
from service.store.tables import user_state


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
    heads = [Head(row.user_id, row.revision, Version(row.epoch, row.version)) for row in kept]
    return sorted(heads, key=lambda head: (head.user_id != editor, head.user_id))
