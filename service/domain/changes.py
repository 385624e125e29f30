"""What changed in a user's settings, in the order in which it did, for devices that were away."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from service.domain.allow_phrases import AllowPhrases
from service.domain.blocks import Block
from service.domain.comment_limits import CommentLimits, PostLimits
from service.domain.consistency import Head
from service.domain.keyword_filters import KeywordFilter
from service.domain.mutes import Mute
from service.domain.not_interested import Signal
from service.domain.refusals import Refusal
from service.domain.signal_resets import Reset
from service.domain.topic_preferences import TopicPreference

TOMBSTONES_KEPT_FOR: Final = timedelta(days=90)
"""How long a removal can be told; a device that was away for longer starts over."""
SWEPT_AFTER: Final = TOMBSTONES_KEPT_FOR + timedelta(days=2)
"""Places know the day only, and clocks differ: nothing that a good place still needs is swept up."""


class ChangeKind(StrEnum):
    """What kinds of setting a device keeps a copy of."""

    ALLOW_PHRASES = "allow_phrases"
    BLOCK = "block"
    COMMENT_LIMITS = "comment_limits"
    KEYWORD_FILTER = "keyword_filter"
    MUTE = "mute"
    NOT_INTERESTED = "not_interested"
    NOT_INTERESTED_RESET = "not_interested_reset"
    POST_COMMENT_LIMITS = "post_comment_limits"
    TOPIC_PREFERENCE = "topic_preference"


Setting: TypeAlias = (
    KeywordFilter
    | AllowPhrases
    | Block
    | Mute
    | Signal
    | Reset
    | CommentLimits
    | PostLimits
    | TopicPreference
)


class Place(NamedTuple):
    """A place in the order of all settings and tombstones: behind that revision, kind and id."""

    revision: int
    kind: str
    id: str


BEGINNING: Final = Place(0, "", "")
_BEHIND_ALL_KINDS: Final = "~"


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a device stopped reading: the place, the history that it counts in, and the day.

    ``epoch`` 0 before the first own edit: until then a history may have begun with somebody else's block of this
    user, and nobody shall see from a bookmark that it did.
    """

    epoch: int
    day: date
    place: Place


@dataclass(frozen=True, slots=True)
class Changed:
    """A setting as it stands, or None where it is gone, at the revision where that came about."""

    kind: ChangeKind
    id: str
    revision: int
    setting: Setting | None

    @property
    def place(self) -> Place:
        """Where this change stands among all."""
        return Place(self.revision, self.kind.value, self.id)


class ChangesGone(Refusal):
    """A device was away for longer than removals are remembered, or its copy is of another history."""

    code = "changes-gone"

    def __init__(self) -> None:
        super().__init__("What changed since then cannot be told any more; drop your copy and start over.")


def bookmark(head: Head, place: Place | None, today: date) -> Bookmark:
    """Return where a device that read up to ``place`` stopped; None: it read everything."""
    end = Place(head.revision, _BEHIND_ALL_KINDS, "") if head.revision else BEGINNING
    return Bookmark(head.version.epoch if head.revision else 0, today, place or end)


def require_continuable(since: Bookmark, head: Head, today: date) -> None:
    """Refuse a bookmark behind which removals may be missing; one at the beginning misses none."""
    if since.place == BEGINNING:
        return
    is_of_now = (
        head.revision > 0 and since.epoch == head.version.epoch and since.place.revision <= head.revision
    )
    if not is_of_now or today - since.day > TOMBSTONES_KEPT_FOR:
        raise ChangesGone
