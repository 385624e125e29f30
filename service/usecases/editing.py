"""The frame of every edit: lock, change, retire what is cached, keep."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from service.domain.blocks import TARGETS_PER_BATCH
from service.domain.consistency import Head
from service.domain.people import UserId
from service.domain.refusals import RevisionMismatch
from service.usecases.ports import Parts, SettingsEdit

RETIRED_FIRST: Final = 1 + TARGETS_PER_BATCH

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Edited(Generic[T]):
    """What an edit left behind, and where the user's settings stand after it.

    ``created``: nothing was there before; else ``earlier`` is what was there, where the edit replaced it whole.
    """

    value: T
    head: Head
    created: bool = False
    earlier: T | None = None


@contextmanager
def editing(
    parts: Parts, user_id: UserId, *, felt_by: Collection[UserId] = (), alone: bool = False
) -> Iterator[SettingsEdit]:
    """Change one user's settings.

    Cached rules are retired before the change is kept, not after: a process that dies in between then leaves
    an empty cache, never a stale one. What slips past (Redis unreachable) is retired by the outbox relay. So are,
    where that happens, the rules of people beyond those whom a batch can name: their locks are let go first, or an
    import of 10,000 blocks would keep as many people from blocking anybody for as long as that takes.
    """
    with parts.settings.edit(user_id, felt_by=felt_by, alone=alone) as settings:
        yield settings
        affected = settings.affected
        parts.rules.retire_many(affected[:RETIRED_FIRST])
    parts.rules.retire_many(affected[RETIRED_FIRST:])


class Revised(Protocol):
    """Something that knows the revision at which it last changed."""

    @property
    def revision(self) -> int:
        """The owner's revision at the last change."""


def require_unchanged(kept: Revised, expected: Collection[int] | None) -> None:
    """Refuse an edit of something that is at none of the revisions that the caller expects (None: any)."""
    if expected is not None and kept.revision not in expected:
        raise RevisionMismatch(kept)
