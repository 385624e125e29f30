"""The frame of every edit: lock, change, retire what is cached, keep."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from service.domain.consistency import Head
from service.domain.people import UserId
from service.usecases.ports import Parts, SettingsEdit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Edited(Generic[T]):
    """What an edit left behind, and where the user's settings stand after it; ``created``: it was not there."""

    value: T
    head: Head
    created: bool = False


@contextmanager
def editing(parts: Parts, user_id: UserId, *, felt_by: Collection[UserId] = ()) -> Iterator[SettingsEdit]:
    """Change one user's settings.

    Cached rules are retired before the change is kept, not after: a process that dies in between then leaves
    an empty cache, never a stale one. What slips past (Redis unreachable) is retired by the outbox relay.
    """
    with parts.settings.edit(user_id, felt_by=felt_by) as settings:
        yield settings
        for head in settings.affected:
            parts.rules.retire(head.user_id, head.version)
