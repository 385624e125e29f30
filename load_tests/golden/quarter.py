"""What people filter in a quarter: thousands of terms as on any day, bursts of two dozen, and news."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Final, TypeAlias

from load_tests.golden.planting import FIRST
from load_tests.golden.stage import Stage
from service.domain.emerging_terms import emerging_on
from service.local.population import Call, Inhabitant

DAYS: Final = 90
LAST_DAY: Final = FIRST + timedelta(days=9)
QUARTER: Final = tuple(LAST_DAY - timedelta(days=back) for back in reversed(range(DAYS)))
TERMS: Final = 4_000
POPULAR: Final = 24
MAKERS_A_DAY: Final = 8
TERMS_EACH: Final = 20
LIFTS: Final = (8, 16)
A_BURST: Final = 32
"""What eight times the usual four adders a day are, and sixteen times the usual two."""
QUIET_DAYS: Final = 30
BURSTS_FROM: Final = 34

CROWD: Final = 105
NEWS: Final = "moonfall finale"
SOMEBODY: Final = "kim@example.org"
NEWS_ON: Final = QUARTER[-2]

Adders: TypeAlias = Mapping[str, Mapping[date, int]]


@dataclass(slots=True)
class Quarter:
    """Who filters which terms on which day."""

    dice: random.Random
    bursts: dict[str, date] = field(default_factory=dict)

    def on(self, day: date) -> Iterator[list[str]]:
        """Yield what one person after the other begins to filter on a day."""
        popular = [f"popular {_letters(number)}" for number in range(POPULAR)]
        others = [f"other {_letters(number)}" for number in range(TERMS - POPULAR)]
        weights = list(accumulate(1 / (rank + 20) for rank in range(len(others))))
        for _ in range(round(MAKERS_A_DAY * self.dice.lognormvariate(-0.045, 0.3))):
            wanted = {each for n, each in enumerate(popular) if self.dice.random() < _usual(n) / MAKERS_A_DAY}
            while len(wanted) < TERMS_EACH:
                wanted.add(self.dice.choices(others, cum_weights=weights)[0])
            yield sorted(wanted)
        number = QUARTER.index(day) - BURSTS_FROM
        if number >= 0 and number % 7 == 0:
            burst = popular[number // 7 * 3 :][:3]
            self.bursts |= dict.fromkeys(burst, day)
            yield from [burst] * A_BURST


@dataclass(slots=True)
class Filtering:
    """People of a population who filter as a quarter has it; ``terms`` is who filters what."""

    stage: Stage
    makers: Iterator[Inhabitant]
    quarter: Quarter
    terms: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def go_by(self, days: Sequence[date]) -> None:
        """Let days go by, and on one of them a crowd filter news."""
        made: list[Call] = []
        for day in days:
            crowd = [[NEWS, SOMEBODY]] * (CROWD if day == NEWS_ON else 0)
            made += [self._filter(next(self.makers), day, terms) for terms in (*self.quarter.on(day), *crowd)]
        self.stage.play_all(made)

    def _filter(self, person: Inhabitant, day: date, terms: Sequence[str]) -> Call:
        at = datetime.combine(day, time(self.quarter.dice.randrange(24), 5), UTC)
        self.terms[person.id] += terms
        body = {"terms": terms}
        return Call(at, "POST", "/v1/me/keyword-filters", body, person.id, person.segment, person.id)


def found_in(adders: Adders, floor: int) -> dict[str, date]:
    """Return the terms that stand out in the last sixty days of the quarter, and when each first did."""
    found: dict[str, date] = {}
    for day in QUARTER[QUIET_DAYS:]:
        for each in emerging_on(day, adders, found_before=found, floor=floor):
            if each.term in found:
                raise AssertionError("A term stood out twice within a month.")
            found[each.term] = day
    return found


def on_time(bursts: Mapping[str, date], found: Mapping[str, date]) -> int:
    """Return how many bursts were found on their day or the day after."""
    return sum(term in found and 0 <= (found[term] - day).days <= 1 for term, day in bursts.items())


def _usual(number: int) -> float:
    """Return how many people a day usually begin to filter a popular term."""
    return A_BURST / LIFTS[number % 2]


def _letters(number: int) -> str:
    """Write a number in letters, so that no term looks like a disguise of another."""
    return "".join("bdfgklmnrt"[int(digit)] + "a" for digit in str(number))
