"""Keeps blocks, on both sides."""

from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from service.domain.blocks import Block, Source
from service.domain.paging import Position
from service.domain.people import UserId
from service.store.rows import count, keep, keep_all, newest_first
from service.store.tables import blocked_by, unblocks
from service.store.tables import blocks as table


class PostgresBlocks:
    """Whom one user blocked, within one transaction.

    ``felt_by`` are the people who were locked together with the user: only their side may be written, for
    nobody else's feed rules count as changed by this transaction.
    """

    def __init__(self, connection: Connection, user_id: UserId, felt_by: AbstractSet[UserId]) -> None:
        self._connection = connection
        self._user_id = user_id
        self._felt_by = felt_by
        self._own = select(table).where(table.c.user_id == user_id)

    def count(self) -> int:
        """Return how many blocks there are, expired ones included."""
        return count(self._connection, table, self._user_id)

    def page(self, limit: int, after: Position | None) -> list[Block]:
        """Return up to ``limit`` blocks that stand after a position, newest first."""
        query = newest_first(self._own, table.c.created_at, table.c.target_id, after=after).limit(limit)
        return [_block(row) for row in self._connection.execute(query)]

    def find(self, target_id: UserId) -> Block | None:
        """Return the block of somebody."""
        row = self._connection.execute(self._own.where(table.c.target_id == target_id)).one_or_none()
        return _block(row) if row else None

    def put(self, *blocks: Block) -> None:
        """Keep blocks of different people, each in place of an earlier one of the same person."""
        for block in blocks:
            self._require_felt_by(block.target_id)
        mirrored = [
            {"user_id": block.target_id, "blocker_id": self._user_id, "expires_at": block.expires_at}
            for block in blocks
        ]
        keep_all(self._connection, table, [_row(self._user_id, block) for block in blocks])
        keep_all(self._connection, blocked_by, mirrored)

    def remove(self, target_id: UserId) -> bool:
        """Forget a block but for when it ended; tell whether there was one."""
        self._require_felt_by(target_id)
        own = delete(table).where(table.c.user_id == self._user_id, table.c.target_id == target_id)
        mirrored = delete(blocked_by).where(
            blocked_by.c.user_id == target_id, blocked_by.c.blocker_id == self._user_id
        )
        self._connection.execute(mirrored)
        removed = self._connection.execute(own).rowcount > 0
        if removed:
            row = {"user_id": self._user_id, "target_id": target_id, "at": func.clock_timestamp()}
            keep(self._connection, unblocks, row)
        return removed

    def _require_felt_by(self, target_id: UserId) -> None:
        if target_id not in self._felt_by:
            raise ValueError("a block changes the feed rules of its target, who must be named in felt_by")


def _row(user_id: UserId, block: Block) -> dict[str, object]:
    return {
        "user_id": user_id,
        "target_id": block.target_id,
        "note": block.note,
        "expires_at": block.expires_at,
        "source": block.source.value,
        "created_at": block.created_at,
        "revision": block.revision,
    }


def _block(row: Row[Any]) -> Block:
    return Block(
        target_id=row.target_id,
        note=row.note,
        expires_at=row.expires_at,
        source=Source(row.source),
        created_at=row.created_at,
        revision=row.revision,
    )
