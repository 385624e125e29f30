"""What the people do on each day: edits, then visits, then what they make of what they saw."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from service.local.population.calls import Call, ask, edit, event_id_of, report
from service.local.population.people import Inhabitant, a_week_of_noise, an_inhabitant, arrival, visits_of
from service.local.population.posts import SAID, SLOTS, Post, posts_of

SURFACES: Final = ("for_you", "for_you", "for_you", "following", "search")
REASONS: Final = ("author", "topic", "hashtag", "repetitive", "low_quality", "offensive")
REJECT, FILTER, BLOCK, MUTE = 0.08, 0.05, 0.03, 0.02
ESCALATE, REGRET, REVEAL, COMPLAIN = 0.1, 0.08, 0.12, 0.004
ONLY_WARN: Final = 0.3


@dataclass(frozen=True, slots=True)
class Burst:
    """A term that many people begin to filter on one day."""

    term: str
    day: date
    people: int


@dataclass(frozen=True, slots=True)
class Dead:
    """A platform whose app stops sending edits at some time."""

    platform: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Plants:
    """What is planted: how many posts a feed fetches, how often posts are shown without asking, and what breaks.

    ``unasked`` is the share of visits on which posts are shown unfiltered, ``unasked_in`` that of one language.
    """

    fetched: int = 40
    unasked: float = 0.02
    unasked_in: tuple[str, float] | None = None
    burst: Burst | None = None
    dead: Dead | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """One day's calls; whoever plays them makes all of one part before the next."""

    date: date
    mornings: Sequence[Call]
    visits: Sequence[Call]
    evenings: Sequence[Call]


def a_population(people: int, first: date, days: int, seed: int, **plants: Any) -> "Population":
    """Return so many people and their days; ``plants`` are the members of ``Plants``."""
    return Population(people, first, days, seed, Plants(**plants))


class Population:
    """People in four markets who speak six languages; three of a hundred are minors."""

    def __init__(self, people: int, first: date, days: int, seed: int, plants: Plants) -> None:
        self._dice = random.Random(seed)
        self._seed = seed
        self._plants = plants
        self._dates = [first + timedelta(days=number) for number in range(days)]
        self._noise: dict[tuple[str, date], float] = {}
        self._reported = 0
        self.people = [
            an_inhabitant(self._dice, number, f"person-{seed}-{number}") for number in range(people)
        ]

    def days(self) -> Iterator[Day]:
        """Yield the days in their order."""
        for day in self._dates:
            yield self._day(day)

    def _day(self, day: date) -> Day:
        burst = self._plants.burst
        term = burst.term if burst and day >= burst.day else ""
        spoken = {person.segment.language for person in self.people}
        posts = {
            language: posts_of(self._dice, day, language, term=term)
            for language in SAID
            if language in spoken
        }
        mornings: list[Call] = []
        visits: list[Call] = []
        evenings: list[Call] = []
        for person in self.people:
            seen = posts[person.segment.language]
            count, at = self._visits(person, day), arrival(self._dice, person.segment, day)
            if burst and burst.day == day and person.number < burst.people:
                mornings.append(self._filter(person, at - timedelta(minutes=40), burst.term))
            if count:
                edits = [each for each in self._edits(person, at, seen) if self._arrives(person, each)]
                mornings += edits
                if edits and self._dice.random() < REGRET:
                    evenings += self._change_of_mind(person, at + timedelta(minutes=90))
            for number in range(count):
                visit, after = self._visit(person, at + number * timedelta(minutes=20), seen)
                visits.append(visit)
                evenings += after
        return Day(day, mornings, visits, evenings)

    def _visits(self, person: Inhabitant, day: date) -> int:
        week = day - timedelta(days=day.weekday())
        if (person.id, week) not in self._noise:
            self._noise[person.id, week] = a_week_of_noise(self._dice)
        return visits_of(self._dice, person.visits_a_day * self._noise[person.id, week])

    def _arrives(self, person: Inhabitant, call: Call) -> bool:
        dead = self._plants.dead
        return not (dead and dead.platform == person.segment.platform and call.at >= dead.since)

    # What is shown, and what people make of it

    def _visit(self, person: Inhabitant, at: datetime, posts: Sequence[Post]) -> tuple[Call, list[Call]]:
        fetched, surface = self._dice.sample(posts, self._plants.fetched), self._dice.choice(SURFACES)
        asked = {"viewer_id": person.id, "surface": surface}
        later = at + timedelta(minutes=5)
        shown = self._report(person, later, "showing_reported", surface, showings=SLOTS)
        if self._dice.random() < self._share_unasked(person):
            body = {"id": self._event_id(), **asked, "at": at.isoformat(), "shown": fetched[:SLOTS]}
            return ask(person, at, "/v1/feed/second-looks", body), [shown]
        visit = ask(person, at, "/v1/feed/filter", {**asked, "slots": SLOTS, "candidates": fetched})
        return visit, [shown, *self._reactions(person, later, surface, fetched[:SLOTS])]

    def _reactions(
        self, person: Inhabitant, at: datetime, surface: str, page: Sequence[Post]
    ) -> Iterator[Call]:
        for post in page:
            if person.covers & set(post["hashtags"]) and self._dice.random() < REVEAL:
                facts = {"item_id": post["id"], "because": "keyword_filter"}
                yield self._report(person, at, "revealed", surface, **facts)
        if person.filters and self._dice.random() < COMPLAIN:
            yield self._report(person, at, "should_have_been_hidden", surface, control="keyword_filter")

    def _report(self, person: Inhabitant, at: datetime, kind: str, surface: str, **facts: Any) -> Call:
        return report(person, at, kind, surface, self._event_id(), **facts)

    def _event_id(self) -> str:
        self._reported += 1
        return event_id_of(self._seed, self._dates[0], self._reported)

    def _share_unasked(self, person: Inhabitant) -> float:
        special = self._plants.unasked_in
        return special[1] if special and special[0] == person.segment.language else self._plants.unasked

    # What people set

    def _edits(self, person: Inhabitant, arrived: datetime, posts: Sequence[Post]) -> Iterator[Call]:
        at = arrived - timedelta(minutes=20)
        if self._dice.random() < REJECT:
            yield from self._rejection(person, at, posts)
        drawn = self._dice.random()
        if drawn < FILTER:
            yield self._filter(person, at, self._dice.choice(person.dislikes))
        elif drawn < FILTER + BLOCK:
            yield self._block(person, at, self._dice.choice(posts)["author_id"])
        elif drawn < FILTER + BLOCK + MUTE:
            yield edit(person, at, "PUT", f"/v1/me/mutes/hashtag/{self._dice.choice(person.dislikes)}", {})

    def _filter(self, person: Inhabitant, at: datetime, term: str) -> Call:
        name = person.filters[term] = f"kf-{at:%Y%m%d%H%M}"
        body: dict[str, Any] = {"id": name, "terms": [term]}
        if self._dice.random() < ONLY_WARN:
            body["action"] = "warn"
            person.covers.add(term)
        return edit(person, at, "POST", "/v1/me/keyword-filters", body)

    def _block(self, person: Inhabitant, at: datetime, author: str) -> Call:
        person.blocks.append(author)
        return edit(person, at, "PUT", f"/v1/me/blocks/{author}", {})

    def _rejection(self, person: Inhabitant, at: datetime, posts: Sequence[Post]) -> Iterator[Call]:
        unloved = [post for post in posts if post["hashtags"][0] in person.dislikes]
        post = self._dice.choice(unloved or posts)
        person.rejections += 1
        body = {
            "id": f"ni-{person.rejections}",
            "item_id": post["id"],
            "surface": "for_you",
            "reasons": [self._dice.choice(REASONS)],
            "author_id": post["author_id"],
            "hashtags": post["hashtags"],
            "topics": post["topics"],
        }
        yield edit(person, at, "POST", "/v1/me/not-interested", body)
        if self._dice.random() < ESCALATE:
            yield self._block(person, at + timedelta(minutes=1), post["author_id"])
        elif self._dice.random() < REGRET:
            path = f"/v1/me/not-interested/{body['id']}"
            yield edit(person, at + timedelta(minutes=2), "DELETE", path)

    def _change_of_mind(self, person: Inhabitant, at: datetime) -> Iterator[Call]:
        if person.filters:
            term, name = person.filters.popitem()
            person.covers.discard(term)
            yield edit(person, at, "DELETE", f"/v1/me/keyword-filters/{name}")
        elif person.blocks:
            yield edit(person, at, "DELETE", f"/v1/me/blocks/{person.blocks.pop()}")
