"""What was prevented and what leaked, planted and played through the public API, is found again.

With so many people as take seconds; five thousand and more play in ``load_tests.populations``.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.domain.feed import Decision, Outcome
from service.domain.feed_counts import DecidedRequest
from service.domain.insight_definitions import METRICS
from service.domain.market_days import Grain, window_with
from service.domain.segments import Cause
from service.local.population import SLOTS, Call, a_population
from tests.insights.planting import FIRST, NOON, post, setting, sum_of, unasked, visit
from tests.insights.town import Town

# G04: what was prevented


def ranked_again(log: Sequence[tuple[Call, Any]]) -> int:
    """Put every page together with and without the rules; return how many posts of the one are not in the other."""
    prevented = 0
    for call, said in log:
        if call.path == "/v1/feed/filter" and call.body:
            hidden = {each["id"] for each in said["decisions"] if each["outcome"] == "hide"}
            without = [each["id"] for each in call.body["candidates"]][:SLOTS]
            prevented += len(set(without) & hidden)
    return prevented


def play_and_fetch_more(town: Town) -> tuple[int, int, int]:
    """Play a day, then ask for its pages with 500 candidates; return both figures and the truth."""
    population = a_population(60, FIRST, 1, 4)
    for person in population.people[::2]:
        town.call(setting(person.id, NOON - timedelta(days=2), "author-pt-1", person.segment))
        town.call(setting(person.id, NOON - timedelta(days=2), "author-hi-1", person.segment))
    town.play(population)
    town.count_all()
    first = sum_of(town, "prevented")
    truth = ranked_again(town.log)
    for call in [call for call, _ in town.log if call.path == "/v1/feed/filter"]:
        body = dict(call.body or {})
        more = [post(f"more-{n}", body["candidates"][n % 40]["author_id"]) for n in range(460)]
        town.call(replace(call, body={**body, "candidates": [*body["candidates"], *more]}))
    town.count_all()
    return first, sum_of(town, "prevented") - first, truth


def test_g04_what_was_prevented_is_exact_however_much_is_fetched(town: Town) -> None:
    first, with_more, truth = play_and_fetch_more(town)

    assert first == with_more == truth > 20


def test_g04_counting_everything_hidden_would_grow_with_what_is_fetched(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = town.tallies.count

    def careless(request: DecidedRequest) -> None:
        count(replace(request, slots=len(request.candidates)))

    monkeypatch.setattr(town.tallies, "count", careless)
    first, with_more, truth = play_and_fetch_more(town)

    assert first > truth
    assert with_more > 2 * first


# G05: what leaked, and why

PAGE = 120


class Leaks:
    """Plants what leaks into a few pages: each cause in people of its own."""

    def __init__(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        self.town, self.monkeypatch = town, monkeypatch
        self.planted: dict[Cause, int] = {}
        self.shown = 0

    def play(self, viewers: int = 60) -> None:
        """Let everybody block somebody and look twice; some of them meet a leak when they look again."""
        leaks = (self.stale, self.degraded, self.unasked, self.matcher, self.late)
        for number in range(viewers):
            person = f"v{number}"
            self.town.call(setting(person, NOON - timedelta(hours=3), "troll"))
            self.look(person, NOON)
            if number < 2 * len(leaks):
                leaks[number % len(leaks)](person, NOON + timedelta(hours=1))
            else:
                self.look(person, NOON)

    def look(self, person: str, at: datetime, *, leaked: int = 0, cause: Cause | None = None) -> None:
        """Ask for a page; ``leaked`` of its posts are by somebody who is, or will be, blocked."""
        page = [post(n, "pest" if n < leaked else "ana") for n in range(PAGE)]
        said = self.town.call(visit(person, at, page))
        self._note(said["kept"], leaked, cause)

    def _note(self, shown: int, leaked: int, cause: Cause | None) -> None:
        self.shown += shown
        if cause:
            self.planted[cause] = self.planted.get(cause, 0) + leaked

    def stale(self, person: str, at: datetime) -> None:
        """Edit without the cache being told, and look a minute later."""
        with self._deaf_cache():
            self.town.call(setting(person, at - timedelta(minutes=1), "pest"))
        self.look(person, at, leaked=4, cause=Cause.STALE_RULES)
        self.town.tallies.send()

    def degraded(self, person: str, at: datetime) -> None:
        """The same while the store does not answer."""
        with self._deaf_cache():
            self.town.call(setting(person, at - timedelta(minutes=1), "pest"))
        store = type(self.town.parts.stories.settings)
        with self.monkeypatch.context() as patch:
            patch.setattr(store, "is_doubtful", property(lambda _: True))
            self.look(person, at, leaked=3, cause=Cause.DEGRADED)
        self.town.tallies.send()

    def unasked(self, person: str, at: datetime) -> None:
        """Show a page without asking."""
        page = [post(n, "troll" if n < 5 else "ana") for n in range(PAGE)]
        self.town.call(unasked(person, at, page))
        self._note(PAGE, 5, Cause.DID_NOT_ASK)

    def matcher(self, person: str, at: datetime) -> None:
        """Decide by a matcher that sees nothing."""
        self.town.call(setting(person, at - timedelta(minutes=1), "pest"))
        with self.monkeypatch.context() as patch:
            patch.setattr("service.usecases.filter_feed.decide_feed", blind)
            self.look(person, at, leaked=6, cause=Cause.MATCHER_DISAGREES)
        self.town.tallies.send()

    def late(self, person: str, at: datetime) -> None:
        """Look first, and edit before the second look."""
        self.look(person, at, leaked=4, cause=Cause.EDITED_AFTERWARDS)
        self.town.call(setting(person, at + timedelta(minutes=1), "pest"))
        self.town.tallies.send()

    @contextmanager
    def _deaf_cache(self) -> Iterator[None]:
        with self.monkeypatch.context() as patch:
            patch.setattr(self.town.parts.stories.rules, "retire", lambda *_: None)
            yield


def blind(candidates: Sequence[Any], *_: object, **__: object) -> list[Decision]:
    return [Decision(each.id, Outcome.KEEP) for each in candidates]


def attributed(town: Town, planted: dict[Cause, int]) -> float:
    """Return which share of what was planted is found under its own cause."""
    right = sum(min(n, sum_of(town, "panel_leaked", f"cause={cause}")) for cause, n in planted.items())
    return right / sum(planted.values())


def test_g05_leaks_are_measured_and_told_apart_by_cause(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    leaks = Leaks(town, monkeypatch)
    leaks.play()
    town.close(FIRST + timedelta(days=6))

    week = window_with(FIRST, Grain.WEEK)
    (cell,) = town.insights.cells(METRICS["leakage"], week)
    truth = 100 * sum(leaks.planted.values()) / leaks.shown
    assert set(leaks.planted) == set(Cause)
    assert cell.value is not None
    assert abs(cell.value / 10 - truth) <= 0.05, (cell, leaks.planted, leaks.shown)
    assert attributed(town, leaks.planted) >= 0.95


def test_g05_a_second_look_that_knows_one_cause_only_would_be_found_out(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.domain.feed_counts._cause", lambda *_: Cause.STALE_RULES)
    leaks = Leaks(town, monkeypatch)
    leaks.play(viewers=10)
    town.count_all()

    assert attributed(town, leaks.planted) < 0.95
