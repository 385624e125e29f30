"""Ways in which every noun keeps and lists its rows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import Insert, insert

AT_ONCE: Final = 1_000
A_FEW: Final = 20
"""Up to here row by row, which PostgreSQL has planned already."""


def keep(connection: Connection, table: Table, row: Mapping[str, object]) -> None:
    """Write a row in place of whatever stands under its primary key; its values may be SQL expressions."""
    connection.execute(_keeping(table, row.keys(), insert(table).values(**row)))


def keep_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows of different primary keys, all with the same columns, without waiting for each.

    So many at once that the server always answers in the time that an edit may take: 10,000 blocks are ten answers.
    """
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        names = list(some[0])
        if len(some) <= A_FEW or any(isinstance(table.columns[name].type, ARRAY) for name in names):
            connection.execute(_keeping(table, names, insert(table)), [dict(row) for row in some])
        else:
            columns = [_unnested(table.columns[name], [row[name] for row in some]) for name in names]
            connection.execute(_keeping(table, names, insert(table).from_select(names, select(*columns))))


def _unnested(column: ColumnElement[Any], values: Sequence[object]) -> ColumnElement[Any]:
    """Return values as rows of one column; a column of lists cannot come like this."""
    kind = Text() if isinstance(column.type, Text) else column.type
    return func.unnest(literal(values, ARRAY(kind)))


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
