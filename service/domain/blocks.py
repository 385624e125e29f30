"""Blocks: mutual invisibility between two people."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from service.domain.people import UserId
from service.domain.refusals import LimitReached

BLOCKS_PER_USER: Final = 10_000
NOTE_LENGTH: Final = 200


class Source(StrEnum):
    """How a block or mute came about."""

    MANUAL = "manual"
    BATCH = "batch"
    IMPORT = "import"
    COMMENT = "comment"
    GUARDIAN = "guardian"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class NewBlock:
    """A block that somebody asks for; ``note`` is for their own eyes."""

    target_id: UserId
    note: str | None = None
    expires_at: datetime | None = None
    source: Source = Source.MANUAL


@dataclass(frozen=True, slots=True)
class Block:
    """A block that is kept; ``revision`` is its owner's revision when it last changed."""

    target_id: UserId
    note: str | None
    expires_at: datetime | None
    source: Source
    created_at: datetime
    revision: int


def require_room_for_block(count: int) -> None:
    """Refuse one more block than a user can have."""
    if count >= BLOCKS_PER_USER:
        raise LimitReached("blocks", limit=BLOCKS_PER_USER, current=count + 1)
