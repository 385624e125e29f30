"""Removes settings so that devices which were away learn of it: in place of the row there is a tombstone."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from service.domain.changes import ChangeKind
from service.domain.people import UserId
from service.store.comment_tables import comment_limits, post_comment_limits
from service.store.engine import FOR_DELIVERY, transaction
from service.store.signal_tables import not_interested, signal_resets, topic_preferences
from service.store.tables import allow_phrases, blocks, keyword_filters, mutes, tombstones, user_state

KINDS = {
    allow_phrases.name: ChangeKind.ALLOW_PHRASES,
    blocks.name: ChangeKind.BLOCK,
    comment_limits.name: ChangeKind.COMMENT_LIMITS,
    keyword_filters.name: ChangeKind.KEYWORD_FILTER,
    mutes.name: ChangeKind.MUTE,
    not_interested.name: ChangeKind.NOT_INTERESTED,
    post_comment_limits.name: ChangeKind.POST_COMMENT_LIMITS,
    signal_resets.name: ChangeKind.NOT_INTERESTED_RESET,
    topic_preferences.name: ChangeKind.TOPIC_PREFERENCE,
}
SWEPT_AT_ONCE = 1_000


def remove_rows(
    connection: Connection,
    table: Table,
    user_id: UserId,
    id_: ColumnElement[str],
    *which: ColumnElement[bool],
) -> set[str]:
    """Delete rows of a user's settings and put tombstones in their place; return the ids of those there were.

    A tombstone stands at the revision that the edit leads to: this transaction has moved the counters before.
    """
    own = table.columns.user_id == user_id
    gone = delete(table).where(own, *which).returning(table.columns.user_id, id_.label("id")).cte("gone")
    buried = select(
        user_state.c.user_id, literal(KINDS[table.name].value), gone.c.id, user_state.c.revision, func.now()
    ).where(user_state.c.user_id == gone.c.user_id)
    put = insert(tombstones).from_select(["user_id", "kind", "id", "revision", "deleted_at"], buried)
    new = {name: put.excluded[name] for name in ("revision", "deleted_at")}
    upsert = put.on_conflict_do_update(constraint=tombstones.primary_key, set_=new)
    return set(connection.execute(upsert.returning(tombstones.c.id)).scalars())


def remove_named(
    connection: Connection, table: Table, user_id: UserId, id_: ColumnElement[str], ids: Iterable[str]
) -> set[str]:
    """Do the same with the rows of some ids."""
    return remove_rows(connection, table, user_id, id_, id_ == func.any([*ids]))


def sweep_tombstones(engine: Engine, *, before: datetime, at_once: int = SWEPT_AT_ONCE) -> int:
    """Delete tombstones from before a moment, some at a time; return how many there were."""
    swept = 0
    key = (tombstones.c.user_id, tombstones.c.kind, tombstones.c.id)
    while True:
        some = select(*key).where(tombstones.c.deleted_at < before).limit(at_once).subquery()
        found = (column == some.columns[column.name] for column in key)
        with transaction(engine, FOR_DELIVERY) as connection:
            statement = delete(tombstones).where(*found, tombstones.c.deleted_at < before)
            gone = connection.execute(statement).rowcount
        swept += gone
        if gone < at_once:
            return swept
