"""Lists that are handed out page by page."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from service.domain.refusals import InvalidValue

LARGEST_PAGE = 200

T = TypeVar("T")


class Position(NamedTuple):
    """A place in a list that is ordered newest first: when the last item was made, and its id."""

    created_at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items and, where more follow, the cursor that continues after them."""

    items: Sequence[T]
    next_cursor: str | None


def page_of(items: Sequence[T], limit: int, position: Callable[[T], Position]) -> Page[T]:
    """Make a page from ``items``, which hold one more than ``limit`` where the list goes on."""
    shown = items[:limit]
    return Page(shown, _cursor(position(shown[-1])) if len(items) > limit else None)


def read_cursor(cursor: str | None) -> Position | None:
    """Return the position that a cursor of ours stands for; refuse anything else."""
    if cursor is None:
        return None
    try:
        created_at, item_id = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ", 1)
        position = Position(datetime.fromisoformat(created_at), item_id)
    except (ValueError, binascii.Error) as wrong:
        raise InvalidValue("cursor", "is not a cursor of this list") from wrong
    if position.created_at.tzinfo is None or "\0" in position.id or _cursor(position) != cursor:
        raise InvalidValue("cursor", "is not a cursor of this list")
    return position


def _cursor(position: Position) -> str:
    return base64.urlsafe_b64encode(f"{position.created_at.isoformat()} {position.id}".encode()).decode()
