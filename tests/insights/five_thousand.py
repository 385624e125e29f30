"""Five thousand people, their filters of a quarter, what they see in a week, and all that is planted among them.

They are played on the whole service by the calls that apps and feeds make; what must come out is kept beside it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from load_tests.golden.findings import Truth
from load_tests.golden.leaks import PAGE, Leak, Leaks
from load_tests.golden.pages import MANY_PAGES, ask_about
from load_tests.golden.planting import FIRST, NOON, post
from load_tests.golden.quarter import QUARTER, Filtering, Quarter
from service.domain.segments import Cause, Segment
from service.local.population import SLOTS, Call, Inhabitant, a_population
from tests.insights.town import Town

PEOPLE: Final = 5_000
RARE: Final = "ta"
RARE_SPEAKERS: Final = 60
"""Little more than one of a hundred; all of them filter something, so that as many stand behind a figure as must."""

LEAKED: Final = 3
BATCH: Final = 50
OVERFETCHED: Final = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as a feed asks about it."""

    person: Inhabitant
    surface: str
    posts: Sequence[dict[str, Any]]


@dataclass(slots=True)
class World:
    """The people, and everything that is true of them."""

    town: Town
    leaks: Leaks
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    people: list[Inhabitant] = field(default_factory=list)
    terms: dict[str, list[str]] = field(default_factory=dict)
    bursts: dict[str, date] = field(default_factory=dict)
    truth: Truth = field(default_factory=lambda: Truth(rare=RARE))

    def play(self) -> None:
        """Let the quarter go by up to the week that is looked at, then the week, then the rest."""
        self.people = list(a_population(PEOPLE, FIRST, 1, 1).people)
        for number in range(RARE_SPEAKERS):
            self.people[number].segment = Segment("IN", RARE, "android", "adult", "90d+")
        filtering = Filtering(self.town, iter(self.people), Quarter(self.dice))
        self.terms, self.bursts = filtering.terms, filtering.quarter.bursts
        filtering.go_by([day for day in QUARTER if day < FIRST])
        self._let_leak([person for person in self.people if person.id in self.terms])
        self._let_visit()
        filtering.go_by([day for day in QUARTER if day >= FIRST])

    def _let_leak(self, filtering: Sequence[Inhabitant]) -> None:
        """Let one page in ten leak, and to those who speak the rare language three in ten."""
        leaks = []
        for number, person in enumerate(filtering):
            language = person.segment.language
            if number % 10 < (3 if language == RARE else 1):
                cause = tuple(Cause)[(number // 10 + number) % len(Cause)]
                leaks.append(Leak(cause, person.id, NOON, person.segment, LEAKED))
                self.truth.leaked_to[language] += LEAKED
                self.truth.shown_to[language] += PAGE
                if cause is not Cause.DID_NOT_ASK:
                    self.truth.requests += 1
                    self.truth.would_be["for_you"] += PAGE
                person.visits_a_day = 0
        self.leaks.plant(leaks)

    def _let_visit(self) -> None:
        """Let everybody else look once, on one of four days; feeds ask about many pages at once."""
        ordered = sorted(
            (each for each in self.people if each.visits_a_day), key=lambda each: repr(each.segment)
        )
        for number, (segment, some) in enumerate(groupby(ordered, lambda each: each.segment)):
            at = NOON + timedelta(days=(0, 1, 3, 4)[number % 4])
            everybody = [self._page_for(person, n) for n, person in enumerate(some)]
            for start in range(0, len(everybody), BATCH):
                self.look(everybody[start : start + BATCH], at, segment)

    def _page_for(self, person: Inhabitant, number: int) -> Seen:
        """Return a page on which two posts or so say what somebody filters; every fourth is fetched in excess."""
        surface, fetched = ("following", OVERFETCHED) if number % 4 == 0 else ("for_you", PAGE)
        terms = self.terms.get(person.id, [])
        if not terms:
            fetched = SLOTS
        posts = [post(f"{person.number}-{n}") for n in range(fetched)]
        for at in self.dice.sample(range(fetched), fetched // 50) if terms else ():
            posts[at] |= {"caption": f"about {self.dice.choice(terms)}"}
        return Seen(person, surface, posts)

    def look(self, pages: Sequence[Seen], at: datetime, segment: Segment) -> None:
        """Ask about pages in one call, and rank them again without the service."""
        asked = [
            {"viewer_id": page.person.id, "surface": page.surface, "slots": PAGE, "candidates": page.posts}
            for page in pages
        ]
        ask_about(self.town.call, Call(at, "POST", MANY_PAGES, {"requests": asked}, segment=segment))
        self.town.settle()
        for page in pages:
            self._rank_again(page)

    def _rank_again(self, page: Seen) -> None:
        own = {f"about {term}" for term in self.terms.get(page.person.id, ())}
        gone = sum(each.get("caption") in own for each in page.posts[:PAGE])
        self.truth.requests += 1
        self.truth.prevented[page.surface] += gone
        self.truth.would_be[page.surface] += min(len(page.posts), PAGE)
        if own:
            self.truth.shown_to[page.person.segment.language] += PAGE - gone
