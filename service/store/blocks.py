"""Keeps blocks, on both sides."""

from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from service.domain.blocks import Block, Source, Unblock
from service.domain.paging import Position
from service.domain.people import UserId
from service.store.rows import count, keep_all, newest_first
from service.store.tables import blocked_by, unblocks
from service.store.tables import blocks as table
from service.store.tombstones import remove_named


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
        return [block_of(row) for row in self._connection.execute(query)]

    def find(self, *target_ids: UserId) -> dict[UserId, Block]:
        """Return those blocks of these people that there are, by person."""
        rows = self._connection.execute(self._own.where(table.c.target_id.in_(target_ids)))
        return {row.target_id: block_of(row) for row in rows}

    def put(self, *blocks: Block) -> None:
        """Keep blocks of different people in place of earlier ones of the same."""
        self._require_felt_by(*(block.target_id for block in blocks))
        keep_all(self._connection, table, [_row(self._user_id, block) for block in blocks])
        mirrored = [
            {"user_id": block.target_id, "blocker_id": self._user_id, "expires_at": block.expires_at}
            for block in blocks
        ]
        keep_all(self._connection, blocked_by, mirrored)

    def remove(self, *target_ids: UserId) -> set[UserId]:
        """Forget blocks; tell of whom there was one."""
        self._require_felt_by(*target_ids)
        mirrored = delete(blocked_by).where(
            blocked_by.c.user_id.in_(target_ids), blocked_by.c.blocker_id == self._user_id
        )
        self._connection.execute(mirrored)
        return remove_named(self._connection, table, self._user_id, table.c.target_id, target_ids)

    def find_unblocks(self, *target_ids: UserId) -> dict[UserId, Unblock]:
        """Return when those of these people were unblocked who ever were, as far as it is remembered."""
        query = select(unblocks.c.target_id, unblocks.c.at, unblocks.c.earlier).where(
            unblocks.c.user_id == self._user_id, unblocks.c.target_id.in_(target_ids)
        )
        rows = self._connection.execute(query)
        return {row.target_id: Unblock(row.target_id, row.at, tuple(row.earlier)) for row in rows}

    def note_unblocks(self, *made: Unblock) -> None:
        """Remember when different people were unblocked, in place of what was remembered of them."""
        rows = [
            {
                "user_id": self._user_id,
                "target_id": each.target_id,
                "at": each.at,
                "earlier": list(each.earlier),
            }
            for each in made
        ]
        keep_all(self._connection, unblocks, rows)

    def _require_felt_by(self, *target_ids: UserId) -> None:
        if not self._felt_by >= set(target_ids):
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


def block_of(row: Row[Any]) -> Block:
    """Return the block that a row holds."""
    return Block(
        target_id=row.target_id,
        note=row.note,
        expires_at=row.expires_at,
        source=Source(row.source),
        created_at=row.created_at,
        revision=row.revision,
    )
