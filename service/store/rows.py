"""Ways in which every noun keeps and lists its rows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select, tuple_
from sqlalchemy.dialects.postgresql import Insert, insert


def keep(connection: Connection, table: Table, row: Mapping[str, object]) -> None:
    """Write a row in place of whatever stands under its primary key; its values may be SQL expressions."""
    connection.execute(_keeping(table, row.keys(), insert(table).values(**row)))


def keep_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows of different primary keys, all with the same columns, without waiting for each."""
    if rows:
        connection.execute(_keeping(table, rows[0].keys(), insert(table)), [dict(row) for row in rows])


def _keeping(table: Table, names: Collection[str], statement: Insert) -> Insert:
    rest = {name: statement.excluded[name] for name in names if not table.columns[name].primary_key}
    return statement.on_conflict_do_update(constraint=table.primary_key, set_=rest)


def newest_first(
    query: Select[Any], *order: ColumnElement[Any], after: tuple[object, ...] | None
) -> Select[Any]:
    """Order a query by descending columns, beginning behind the place where their values are ``after``."""
    if after is not None:
        query = query.where(tuple_(*order) < after)
    return query.order_by(*(column.desc() for column in order))


def count(connection: Connection, table: Table, user_id: str) -> int:
    """Return how many rows of a table belong to a user."""
    query = select(func.count()).select_from(table).where(table.columns.user_id == user_id)
    return int(connection.execute(query).scalar_one())
