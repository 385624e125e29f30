"""Five thousand people, their filters of a quarter, what they see in a week, and all that is planted among them.

They are played on the whole service by the calls that apps and feeds make; what must come out is kept beside it.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, groupby
from typing import Any, Final

from service.domain.segments import Cause, Segment
from service.local.population import SLOTS, Call, Inhabitant, a_population
from tests.insights.leaks import PAGE, Leaks
from tests.insights.planting import FIRST, NOON, post
from tests.insights.town import Town

PEOPLE: Final = 5_000
RARE: Final = "ta"
RARE_SPEAKERS: Final = 60
"""Little more than one of a hundred; all of them filter something, so that as many stand behind a figure as must."""

DAYS: Final = 90
DIED: Final = datetime.combine(FIRST + timedelta(days=9), time(12), UTC)
QUARTER: Final = tuple(DIED.date() - timedelta(days=back) for back in reversed(range(DAYS)))
TERMS: Final = 4_000
POPULAR: Final = 24
MAKERS_A_DAY: Final = 8
TERMS_EACH: Final = 20
LIFTS: Final = (8, 16)
A_BURST: Final = 32
"""What eight times the usual four adders a day are, and sixteen times the usual two."""

CROWD: Final = 105
NEWS: Final = "moonfall finale"
SOMEBODY: Final = "kim@example.org"
NEWS_ON: Final = QUARTER[-2]

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
    terms: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    bursts: dict[str, date] = field(default_factory=dict)
    prevented: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    would_be: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    leaked_to: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    shown_to: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def play(self) -> None:
        """Let the quarter go by up to the week that is looked at, then the week, then the rest."""
        self.people = list(a_population(PEOPLE, FIRST, 1, 1).people)
        for number in range(RARE_SPEAKERS):
            segment = Segment("IN", RARE, "android", "adult", "90d+")
            self.people[number].segment = segment
        makers = iter(self.people)
        self._let_filter(makers, [day for day in QUARTER if day < FIRST])
        filtering = [person for person in self.people if person.id in self.terms]
        self._let_leak(filtering)
        self._let_visit()
        self._let_filter(makers, [day for day in QUARTER if day >= FIRST])

    # What they filter

    def _let_filter(self, makers: Iterator[Inhabitant], days: Sequence[date]) -> None:
        popular = [f"popular {_letters(number)}" for number in range(POPULAR)]
        others = [f"other {_letters(number)}" for number in range(TERMS - POPULAR)]
        weights = list(accumulate(1 / (rank + 20) for rank in range(len(others))))
        for day in days:
            for _ in range(round(MAKERS_A_DAY * self.dice.lognormvariate(-0.045, 0.3))):
                wanted = {
                    each for n, each in enumerate(popular) if self.dice.random() < _usual(n) / MAKERS_A_DAY
                }
                while len(wanted) < TERMS_EACH:
                    wanted.add(self.dice.choices(others, cum_weights=weights)[0])
                self._filter(next(makers), day, sorted(wanted))
            number = QUARTER.index(day) - 34
            if number >= 0 and number % 7 == 0:
                burst = popular[number // 7 * 3 :][:3]
                self.bursts |= dict.fromkeys(burst, day)
                for _ in range(A_BURST):
                    self._filter(next(makers), day, burst)
            for _ in range(CROWD if day == NEWS_ON else 0):
                self._filter(next(makers), day, [NEWS, SOMEBODY])

    def _filter(self, person: Inhabitant, day: date, terms: Sequence[str]) -> None:
        at = datetime.combine(day, time(self.dice.randrange(24), 5), UTC)
        self.terms[person.id] += terms
        self.town.call(
            Call(at, "POST", "/v1/me/keyword-filters", {"terms": terms}, person.id, person.segment)
        )

    # What they see

    def _let_leak(self, filtering: Sequence[Inhabitant]) -> None:
        """Let one page in ten leak, and to those who speak the rare language three in ten."""
        for number, person in enumerate(filtering):
            language = person.segment.language
            if number % 10 < (3 if language == RARE else 1):
                cause = tuple(Cause)[(number // 10 + number) % len(Cause)]
                self.leaks.plant(cause, person.id, NOON, person.segment, posts=3)
                self.leaked_to[language] += 3
                self.shown_to[language] += PAGE
                self.would_be["for_you"] += PAGE if cause is not Cause.DID_NOT_ASK else 0
                person.visits_a_day = 0

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
        left = list(pages)
        while left:  # a page that a busy machine could not decide is asked about again
            asked = [
                {
                    "viewer_id": page.person.id,
                    "surface": page.surface,
                    "slots": PAGE,
                    "candidates": page.posts,
                }
                for page in left
            ]
            body = {"requests": asked}
            said = self.town.call(Call(at, "POST", "/v1/feed/filter/batch", body, segment=segment))
            left = [
                page for page, result in zip(left, said["results"], strict=True) if "decisions" not in result
            ]
        self.town.tallies.send()
        for page in pages:
            self._rank_again(page)

    def _rank_again(self, page: Seen) -> None:
        own = {f"about {term}" for term in self.terms.get(page.person.id, ())}
        gone = sum(each.get("caption") in own for each in page.posts[:PAGE])
        self.prevented[page.surface] += gone
        self.would_be[page.surface] += min(len(page.posts), PAGE)
        if own:
            self.shown_to[page.person.segment.language] += PAGE - gone


def _usual(number: int) -> float:
    """Return how many people a day usually begin to filter a popular term."""
    return A_BURST / LIFTS[number % 2]


def _letters(number: int) -> str:
    """Write a number in letters, so that no term looks like a disguise of another."""
    return "".join("bdfgklmnrt"[int(digit)] + "a" for digit in str(number))
