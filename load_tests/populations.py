"""Planted truth in large populations: python -m load_tests.populations [--people N] [--days N].

Plays days of the population of ``service/local/population`` through the API of a service on servers of its own, and
with them a quarter of filters, leaks of five causes, a language that leaks three times as much as the others, and a
control that dies on one platform. Then it closes the week and holds the figures against the truth.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from time import monotonic
from typing import Any, Final

from load_tests.golden.findings import TABLE_HEAD, Finding, Truth, bursts_and_news, death, findings
from load_tests.golden.leaks import PAGE, Leak, Leaks
from load_tests.golden.pages import together
from load_tests.golden.planting import FIRST, LAST, NOON, setting, sum_of
from load_tests.golden.quarter import QUARTER, Filtering, Quarter
from load_tests.golden.ranking import Ranking
from load_tests.golden.served import ServedStage, a_served_stage
from load_tests.golden.stage import close_through
from service.domain.segments import Cause, Segment
from service.local.population import SLOTS, Call, Day, Population, a_population, batched

RARE: Final = "ta"
RARE_SHARE, RARE_AT_LEAST = 0.012, 200
"""Little more than one of a hundred; all of them block somebody, so that as many stand behind a figure as must."""
LEAKED: Final = 3
LEAKING: Final = 0.0028
"""Which share of what is shown leaks, and three times that where the rare language is spoken."""
MOST_DAYS: Final = 5
FILTERING: Final = 2_000
WATCHED_OF: Final = 5_000
FETCHED: Final = 30
BATCHES_AT_ONCE: Final = 500
"""What waits to be looked at again is kept in memory."""

began = monotonic()


def main(arguments: Sequence[str]) -> int:
    """Play, close, compare; 0 where everything that was planted was found."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.populations", description=__doc__)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--days", type=int, default=3, choices=range(1, MOST_DAYS + 1))
    wanted = parser.parse_args(arguments)
    with a_served_stage() as stage:
        found = [*a_quarter(stage)]
        played = Played(
            stage, a_population(wanted.people, FIRST, wanted.days, 1, unasked=0.0, fetched=FETCHED)
        )
        played.play()
        found += findings(stage, played.truth, played.leaks)
        found.append(death(stage, max(2, wanted.people // WATCHED_OF)))
    print(TABLE_HEAD, *found, sep="\n")
    return 0 if all(each.holds for each in found) else 1


def a_quarter(stage: ServedStage) -> list[Finding]:
    """Let a quarter of filters go by, before the population's own filters are news."""
    makers, quarter = a_population(FILTERING, FIRST, 1, 2).people, Quarter(random.Random(1))
    Filtering(stage, iter(makers), quarter).go_by(QUARTER)
    tell("a quarter of filters")
    return list(bursts_and_news(stage, quarter.bursts))


@dataclass(slots=True)
class Played:
    """A population on a stage, and everything that must come out of it."""

    stage: ServedStage
    population: Population
    ranking: Ranking = field(default_factory=Ranking)
    truth: Truth = field(default_factory=lambda: Truth(rare=RARE))
    leaks: Leaks = field(init=False)

    def __post_init__(self) -> None:
        self.leaks = Leaks(self.stage)

    def play(self) -> None:
        """Let the days go by, then what leaks, and close the week."""
        self._speak_the_rare_language()
        for day in self.population.days():
            self._play(day)
            self.stage.settle()
            prevented = sum_of(self.stage, "prevented")
            tell(
                f"{day.date}: {self.stage.asked:,} pages, {prevented:,} prevented of {self.truth.prevented.total():,}"
            )
        self._leak()
        tell("leaks")
        tell(f"{close_through(self.stage, LAST)} windows closed")

    def _speak_the_rare_language(self) -> None:
        people = self.population.people
        some = people[: max(RARE_AT_LEAST, round(len(people) * RARE_SHARE))]
        for person in some:
            person.segment = Segment("IN", RARE, "android", "adult", "90d+")
        self._edit([setting(each.id, NOON - timedelta(days=1), "nobody", each.segment) for each in some])

    def _play(self, day: Day) -> None:
        self._edit(day.mornings)
        for visit in day.visits:
            self._rank(visit.body or {}, visit.segment)
        batches = list(together(day.visits))
        for start in range(0, len(batches), BATCHES_AT_ONCE):
            self.stage.play_all(batches[start : start + BATCHES_AT_ONCE])
            self.stage.settle()  # so that visits are looked at again before anybody changes their mind
        self._believe_the_undecided()
        self._edit(batched(day.evenings))

    def _edit(self, calls: Sequence[Call]) -> None:
        for call in calls:
            self.ranking.note(call)
        self.stage.play_all(calls)

    def _rank(self, asked: dict[str, Any], segment: Segment | None) -> None:
        """Rank a page without the service."""
        person, surface, page = asked["viewer_id"], asked["surface"], asked["candidates"][:SLOTS]
        hidden = self.ranking.hidden(person, page, surface)
        self.truth.requests += 1
        self.truth.prevented[surface] += hidden
        self.truth.would_be[surface] += len(page)
        if segment and self.ranking.has_settings(person):
            self.truth.shown_to[segment.language] += len(page) - hidden

    def _believe_the_undecided(self) -> None:
        """Take the service at its word where it said that it did not know: such posts are held back, not prevented."""
        for asked, decisions in self.stage.undecided:
            person, surface, page = asked["viewer_id"], asked["surface"], asked["candidates"][:SLOTS]
            said = sum(each["outcome"] == "hide" for each in decisions[:SLOTS])
            self.truth.prevented[surface] += said - self.ranking.hidden(person, page, surface)
        if self.stage.undecided:
            tell(f"{len(self.stage.undecided)} pages were answered while the store did not answer")
            self.stage.undecided.clear()

    def _leak(self) -> None:
        """Let as many pages leak in each language as make its share, among people of their own."""
        at, causes = NOON + timedelta(days=5), cycle(Cause)
        leaks = []
        for language, shown in sorted(self.truth.shown_to.items()):
            share = LEAKING * (3 if language == RARE else 1)
            segment = next(
                each.segment for each in self.population.people if each.segment.language == language
            )
            names = [f"leak-{language}-{n}" for n in range(round(share * shown / (LEAKED - share * PAGE)))]
            leaks += [Leak(next(causes), name, at, segment, LEAKED) for name in names]
        for leak in leaks:
            self.truth.leaked_to[leak.segment.language] += LEAKED
            self.truth.shown_to[leak.segment.language] += PAGE
            if leak.cause is not Cause.DID_NOT_ASK:
                self.truth.requests += 1
                self.truth.would_be["for_you"] += PAGE
        self.leaks.plant(leaks)


def tell(line: str) -> None:
    """Say how far it is, and after how many minutes."""
    print(f"{(monotonic() - began) / 60:5.1f}  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
