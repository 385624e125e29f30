"""Ways in which every noun keeps and lists its rows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    cast,
    column,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.types import TypeEngine

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
        if len(some) <= A_FEW:
            connection.execute(_keeping(table, names, insert(table)), [dict(row) for row in some])
        else:
            unpacked = insert(table).from_select(names, _unpacked(table, names, some))
            connection.execute(_keeping(table, names, unpacked))


def _unpacked(table: Table, names: Sequence[str], rows: Sequence[Mapping[str, object]]) -> Select[Any]:
    """Return rows as PostgreSQL unpacks them from one document, in which lists may be of any length."""
    document = literal(msgspec.json.encode(rows).decode())
    columns = [column(name, _plain(table.columns[name].type)) for name in names]
    unpacked = func.json_to_recordset(cast(document, JSON)).table_valued(*columns)
    return select(*unpacked.render_derived(with_types=True).columns)


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return a type without its collation, which is the column's own."""
    return Text() if isinstance(kind, Text) else kind


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
