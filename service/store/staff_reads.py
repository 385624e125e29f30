"""Keeps on record who of the staff looked at whose settings."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from service.domain.paging import Position
from service.domain.people import UserId
from service.domain.staff_reads import StaffRead, StaffView
from service.store.rows import newest_first
from service.store.tables import staff_reads as table


def note_staff_read(connection: Connection, read: StaffRead) -> None:
    """Add an entry; there is no way to change one."""
    row = {
        "user_id": read.user_id,
        "id": read.id,
        "staff_id": read.staff_id,
        "ticket": read.ticket,
        "view": read.view.value,
        "at": read.at,
    }
    connection.execute(insert(table).values(row))


def staff_reads_of(
    connection: Connection, user_id: UserId, limit: int, after: Position | None
) -> list[StaffRead]:
    """Return up to ``limit`` entries about a person that stand after a position, newest first."""
    own = select(table).where(table.c.user_id == user_id)
    query = newest_first(own, table.c.at, table.c.id, after=after).limit(limit)
    return [_read_of(row) for row in connection.execute(query)]


def _read_of(row: Row[Any]) -> StaffRead:
    return StaffRead(row.id, row.user_id, row.staff_id, row.ticket, StaffView(row.view), row.at)
