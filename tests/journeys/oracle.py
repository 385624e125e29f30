"""What everybody chose, and what each surface of the service has to say because of it, as obviously as can be."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from tests.api.identity import SteppedClock

PEOPLE: Final = ("ann", "bob", "cat")
ENDS: Final = {"never": None, "1h": timedelta(hours=1), "1d": timedelta(days=1)}


@dataclass
class Chosen:
    """What one person chose; each end is an instant, or None for never."""

    blocks: dict[str, datetime | None] = field(default_factory=dict)
    muted_people: dict[str, datetime | None] = field(default_factory=dict)
    muted_tags: dict[str, datetime | None] = field(default_factory=dict)
    filters: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)
    held_words: frozenset[str] = frozenset()
    audience: str | None = None
    edits: int = 0


class Oracle:
    """What everybody chose, and what follows from it."""

    def __init__(self) -> None:
        self.of: dict[str, Chosen] = {name: Chosen() for name in PEOPLE}
        self.now = SteppedClock().now

    def end(self, preset: str) -> datetime | None:
        """Return when something chosen now ends."""
        length = ENDS[preset]
        return None if length is None else self.now + length

    def is_live(self, things: dict[str, datetime | None], name: str) -> bool:
        """Tell whether something was chosen and has not ended."""
        return name in things and (things[name] is None or self.now < things[name])  # type: ignore[operator]

    def are_apart(self, one: str, other: str) -> bool:
        """Tell whether either blocked the other."""
        return self.is_live(self.of[one].blocks, other) or self.is_live(self.of[other].blocks, one)

    def feed(self, viewer: str, author: str, word: str, tag: str) -> str:
        """Return what a viewer sees of a post."""
        mine = self.of[viewer]
        if author == viewer:
            return "keep"
        gone = self.are_apart(viewer, author) or self.is_live(mine.muted_people, author)
        if gone or self.is_live(mine.muted_tags, tag):
            return "hide"
        action, until = mine.filters.get(word, ("keep", None))
        return action if until is None or self.now < until else "keep"

    def comment(self, owner: str, author: str, word: str) -> str:
        """Return what becomes of a comment."""
        if author == owner:
            return "allow"
        if self.are_apart(owner, author) or self.of[owner].audience == "no_one":
            return "refuse"
        return "hold" if word in self.of[owner].held_words else "allow"

    def settings(self, name: str) -> tuple[object, ...]:
        """Return what somebody reads of their own settings; what has ended stands there too."""
        mine = self.of[name]
        mutes = len(mine.muted_people) + len(mine.muted_tags)
        filters = {word: action for word, (action, _) in mine.filters.items()}
        return (
            len(mine.blocks),
            mutes,
            filters,
            sorted(mine.held_words),
            [mine.audience or "everyone"],
            mine.edits,
        )
