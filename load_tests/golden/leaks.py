"""Plants what leaks into a few pages, each cause in people of its own, and keeps count of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from load_tests.golden.faults import BLIND_MATCHER, DEAF_CACHE, SILENT_STORE, SLOW_LOOK
from load_tests.golden.planting import HOME, glance, post, setting, sum_of, unasked, visit
from load_tests.golden.stage import Stage
from service.domain.segments import Cause, Segment
from service.local.population import Call

PAGE: Final = 100
A_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Leak:
    """Why so many posts leak into a page that somebody looks at; no earlier page of theirs is in a cache."""

    cause: Cause
    person: str
    at: datetime
    segment: Segment = HOME
    posts: int = 4

    def calls(self) -> list[Call]:
        """Return the calls that it takes, in their order."""
        return _CALLS[self.cause](self)

    @property
    def page(self) -> list[dict[str, Any]]:
        """A page whose first posts are by somebody who is, or will be, blocked."""
        return [post(n, "pest" if n < self.posts else "ana") for n in range(PAGE)]

    @property
    def early(self) -> Call:
        """How rules get into the cache."""
        return glance(self.person, self.at - 2 * A_MINUTE, self.segment)

    def look(self, fault: Mapping[str, str] | None = None) -> Call:
        """Return how a feed asks about the page."""
        return visit(self.person, self.at, self.page, self.segment, fault=fault or {})

    def block(self, at: datetime, fault: Mapping[str, str] | None = None) -> Call:
        """Return how the author is blocked."""
        return setting(self.person, at, "pest", self.segment, fault=fault or {})


def _stale(leak: Leak) -> list[Call]:
    """Edit without the cache being told, and look a minute later."""
    return [leak.early, leak.block(leak.at - A_MINUTE, DEAF_CACHE), leak.look()]


def _degraded(leak: Leak) -> list[Call]:
    """The same while the store does not answer."""
    return [leak.early, leak.block(leak.at - A_MINUTE, DEAF_CACHE), leak.look(SILENT_STORE)]


def _unasked(leak: Leak) -> list[Call]:
    """Show a page without asking."""
    return [leak.block(leak.at - A_MINUTE), unasked(leak.person, leak.at, leak.page, leak.segment)]


def _matcher(leak: Leak) -> list[Call]:
    """Decide by a matcher that sees nothing."""
    return [leak.block(leak.at - 3 * A_MINUTE), leak.early, leak.look(BLIND_MATCHER)]


def _late(leak: Leak) -> list[Call]:
    """Look first, and edit before the second look."""
    return [leak.look(SLOW_LOOK), leak.block(leak.at + A_MINUTE)]


Plan: TypeAlias = Callable[[Leak], list[Call]]
_CALLS: Final[Mapping[Cause, Plan]] = {
    Cause.STALE_RULES: _stale,
    Cause.DEGRADED: _degraded,
    Cause.DID_NOT_ASK: _unasked,
    Cause.MATCHER_DISAGREES: _matcher,
    Cause.EDITED_AFTERWARDS: _late,
}


class Leaks:
    """Plants leaks, and counts them and the posts that were shown beside them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.planted: dict[Cause, int] = {}
        self.shown = 0

    def plant(self, leaks: Sequence[Leak]) -> None:
        """Let pages leak, all of them before anybody looks again."""
        self.stage.play_all([call for leak in leaks for call in leak.calls()])
        self.stage.settle()
        for leak in leaks:
            self.planted[leak.cause] = self.planted.get(leak.cause, 0) + leak.posts
            self.shown += PAGE

    def attributed(self) -> float:
        """Return which share of what was planted is found under its own cause."""
        found = (
            min(n, sum_of(self.stage, "panel_leaked", f"cause={cause}")) for cause, n in self.planted.items()
        )
        return sum(found) / sum(self.planted.values())
