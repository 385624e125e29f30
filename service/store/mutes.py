"""Keeps mutes."""

from typing import Any

from sqlalchemy import Connection, Row, func, select

from service.domain.blocks import Source
from service.domain.mutes import Mute, MuteScope, MuteTarget, MuteType
from service.domain.paging import Position
from service.domain.people import UserId
from service.store.rows import count, keep_all, newest_first
from service.store.tables import mutes as table
from service.store.tombstones import remove_rows


class PostgresMutes:
    """What one user muted, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id
        self._own = select(table).where(table.c.user_id == user_id)

    def count(self) -> int:
        """Return how many mutes there are, expired ones included."""
        return count(self._connection, table, self._user_id)

    def page(self, limit: int, after: Position | None) -> list[Mute]:
        """Return up to ``limit`` mutes after a position (its id is ``type:id``), newest first."""
        order = (table.c.created_at, table.c.type, table.c.id)
        query = newest_first(self._own, *order, after=_place(after)).limit(limit)
        return [mute_of(row) for row in self._connection.execute(query)]

    def find(self, target: MuteTarget) -> Mute | None:
        """Return the mute of something."""
        query = self._own.where(table.c.type == target.type.value, table.c.id == target.id)
        row = self._connection.execute(query).one_or_none()
        return mute_of(row) if row else None

    def put(self, *mutes: Mute) -> None:
        """Keep mutes of different targets, each in place of an earlier one of the same target."""
        keep_all(self._connection, table, [_row(self._user_id, mute) for mute in mutes])

    def remove(self, *targets: MuteTarget) -> bool:
        """Forget mutes; tell whether there was one."""
        told = table.c.type + ":" + table.c.id
        gone: set[str] = set()
        for kind in {target.type for target in targets}:
            ids = [target.id for target in targets if target.type is kind]
            which = (table.c.type == kind.value, table.c.id == func.any(ids))
            gone |= remove_rows(self._connection, table, self._user_id, told, *which)
        return bool(gone)


def _place(after: Position | None) -> tuple[object, ...] | None:
    """Return a position in the columns' own terms: no type is the beginning of another, so the order is the same."""
    if after is None:
        return None
    kind, _, target_id = after.id.partition(":")
    return after.created_at, kind, target_id


def _row(user_id: UserId, mute: Mute) -> dict[str, object]:
    return {
        "user_id": user_id,
        "type": mute.target.type.value,
        "id": mute.target.id,
        "scopes": [scope.value for scope in mute.scopes],
        "note": mute.note,
        "expires_at": mute.expires_at,
        "source": mute.source.value,
        "created_at": mute.created_at,
        "revision": mute.revision,
    }


def mute_of(row: Row[Any]) -> Mute:
    """Return the mute that a row holds."""
    return Mute(
        target=MuteTarget(MuteType(row.type), row.id),
        scopes=tuple(MuteScope(scope) for scope in row.scopes),
        note=row.note,
        expires_at=row.expires_at,
        source=Source(row.source),
        created_at=row.created_at,
        revision=row.revision,
    )
