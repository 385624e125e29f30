"""A device that was away learns what changed."""

from dataclasses import dataclass

from service.domain.changes import BEGINNING, Bookmark, Changed, bookmark, require_continuable
from service.domain.consistency import Head
from service.domain.people import UserId
from service.usecases.ports import Parts


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes in order, where the settings stand, and whether more changes follow."""

    changes: tuple[Changed, ...]
    head: Head
    has_more: bool


def read_changes(parts: Parts, user_id: UserId, since: Bookmark | None, limit: int) -> Changes:
    """Return up to ``limit`` changes behind a bookmark; without one, all that stands, from the beginning."""
    with parts.settings.read(user_id) as settings:
        head = settings.head
        if since:
            require_continuable(since, head, parts.now().date())
        place = since.place if since else BEGINNING
        if place.revision > head.revision:
            return Changes((), head, has_more=False)
        found = settings.changes.since(place, limit + 1)
    return Changes(tuple(found[:limit]), head, has_more=len(found) > limit)


def bookmark_after(parts: Parts, read: Changes, told: int) -> Bookmark:
    """Return where a device stopped that was told the first so many of these changes."""
    has_more = read.has_more or told < len(read.changes)
    place = read.changes[told - 1].place if told and has_more else None
    return bookmark(read.head, place, parts.now().date())
