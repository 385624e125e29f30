"""Blocks: mutual invisibility between two people."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from service.domain.expiry import what_stays
from service.domain.people import UserId
from service.domain.refusals import LimitReached, TooOften

BLOCKS_PER_USER: Final = 10_000
NOTE_LENGTH: Final = 200
TARGETS_PER_BATCH: Final = 100
BLOCKERS_LISTED: Final = 10_000
"""How many blockers of somebody their rules list; of more, it is looked up who is among the people at hand. A list of
300,000 takes longer to read than a decision may wait, and changes with each new block; the look takes 5 ms."""
UNBLOCKS_PER_PAIR: Final = 3
UNBLOCKS_WITHIN: Final = timedelta(hours=24)


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
    """A block that somebody asks for; ``note`` is for their own eyes.

    ``left_open`` are members that they did not name: where there is a block already, those stay as they are.
    """

    target_id: UserId
    note: str | None = None
    expires_at: datetime | None = None
    source: Source = Source.MANUAL
    left_open: frozenset[str] = frozenset()

    def over(self, kept: "Block", now: datetime) -> "NewBlock":
        """Return what is wanted in place of ``kept``; an end that is over is none, or nobody would be blocked."""
        return replace(self, **what_stays(kept, self.left_open, now))


@dataclass(frozen=True, slots=True)
class Block:
    """A block that is kept; ``revision`` is its owner's revision when it last changed."""

    target_id: UserId
    note: str | None
    expires_at: datetime | None
    source: Source
    created_at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Unblock:
    """When somebody was last unblocked, and when before that within 24 hours."""

    target_id: UserId
    at: datetime
    earlier: tuple[datetime, ...] = ()


def require_room_for_block(count: int) -> None:
    """Refuse one more block than a user can have."""
    if count >= BLOCKS_PER_USER:
        raise LimitReached("blocks", limit=BLOCKS_PER_USER, current=count + 1)


def unblocked_at(now: datetime, target_id: UserId, before: Unblock | None) -> Unblock:
    """Return what is remembered of unblocking somebody now; refuse the fourth time within 24 hours.

    It is the unblocking that is refused and never the block: whoever is being harassed can always block, and
    whoever toggles a block to get at somebody is left with it standing.
    """
    times = sorted([before.at, *before.earlier]) if before else []
    recent = [at for at in times if at > now - UNBLOCKS_WITHIN]
    if len(recent) >= UNBLOCKS_PER_PAIR:
        wait = recent[-UNBLOCKS_PER_PAIR] + UNBLOCKS_WITHIN - now
        raise TooOften(
            "unblocks of one person in 24 hours",
            limit=UNBLOCKS_PER_PAIR,
            current=len(recent) + 1,
            retry_after_seconds=max(math.ceil(wait.total_seconds()), 1),
        )
    return Unblock(target_id, now, tuple(recent))
