"""Plants what leaks into a few pages, each cause in people of its own, and keeps count of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.domain.feed import Decision, Outcome
from service.domain.segments import Cause, Segment
from tests.insights.planting import HOME, glance, post, setting, sum_of, unasked, visit
from tests.insights.town import Town

PAGE = 100


class Leaks:
    """Plants leaks, and counts them and the posts that were shown beside them."""

    def __init__(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        self.town, self.monkeypatch = town, monkeypatch
        self.planted: dict[Cause, int] = {}
        self.shown = 0
        self._plant: Mapping[Cause, Callable[[str, datetime, Segment, int], None]] = {
            Cause.STALE_RULES: self._stale,
            Cause.DEGRADED: self._degraded,
            Cause.DID_NOT_ASK: self._unasked,
            Cause.MATCHER_DISAGREES: self._matcher,
            Cause.EDITED_AFTERWARDS: self._late,
        }

    def plant(self, cause: Cause, person: str, at: datetime, segment: Segment = HOME, posts: int = 4) -> None:
        """Let so many posts leak into a page that somebody looks at; no earlier page of theirs is in a cache."""
        self._plant[cause](person, at, segment, posts)
        self.planted[cause] = self.planted.get(cause, 0) + posts
        self.shown += PAGE
        self.town.tallies.send()

    def attributed(self) -> float:
        """Return which share of what was planted is found under its own cause."""
        found = (
            min(n, sum_of(self.town, "panel_leaked", f"cause={cause}")) for cause, n in self.planted.items()
        )
        return sum(found) / sum(self.planted.values())

    def _look(self, person: str, at: datetime, segment: Segment, posts: int) -> None:
        self.town.call(visit(person, at, _page(posts), segment))

    def _block(self, person: str, at: datetime, segment: Segment) -> None:
        self.town.call(setting(person, at, "pest", segment))

    def _stale(self, person: str, at: datetime, segment: Segment, posts: int) -> None:
        """Edit without the cache being told, and look a minute later."""
        self.town.call(glance(person, at - timedelta(minutes=2), segment))
        with self._deaf_cache():
            self._block(person, at - timedelta(minutes=1), segment)
        self._look(person, at, segment, posts)

    def _degraded(self, person: str, at: datetime, segment: Segment, posts: int) -> None:
        """The same while the store does not answer."""
        self.town.call(glance(person, at - timedelta(minutes=2), segment))
        with self._deaf_cache():
            self._block(person, at - timedelta(minutes=1), segment)
        store = type(self.town.parts.stories.settings)
        with self.monkeypatch.context() as patch:
            patch.setattr(store, "is_doubtful", property(lambda _: True))
            self._look(person, at, segment, posts)

    def _unasked(self, person: str, at: datetime, segment: Segment, posts: int) -> None:
        """Show a page without asking."""
        self._block(person, at - timedelta(minutes=1), segment)
        self.town.call(unasked(person, at, _page(posts), segment))

    def _matcher(self, person: str, at: datetime, segment: Segment, posts: int) -> None:
        """Decide by a matcher that sees nothing."""
        self._block(person, at - timedelta(minutes=1), segment)
        with self.monkeypatch.context() as patch:
            patch.setattr("service.usecases.filter_feed.decide_feed", _blind)
            self._look(person, at, segment, posts)

    def _late(self, person: str, at: datetime, segment: Segment, posts: int) -> None:
        """Look first, and edit before the second look."""
        self._look(person, at, segment, posts)
        self._block(person, at + timedelta(minutes=1), segment)

    @contextmanager
    def _deaf_cache(self) -> Iterator[None]:
        with self.monkeypatch.context() as patch:
            patch.setattr(self.town.parts.stories.rules, "retire", lambda *_: None)
            yield


def _page(leaking: int) -> list[dict[str, Any]]:
    """Return a page whose first posts are by somebody who is, or will be, blocked."""
    return [post(n, "pest" if n < leaking else "ana") for n in range(PAGE)]


def _blind(candidates: Sequence[Any], *_: object, **__: object) -> list[Decision]:
    return [Decision(each.id, Outcome.KEEP) for each in candidates]
