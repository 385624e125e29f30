"""Terms that many people suddenly filter. What they are is told to nobody before a person has looked."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from service.domain.insights import people_band, round_count
from service.domain.rates import two_digits
from service.domain.surprise import OVERDISPERSION, Surprise, discoveries, surprise

FLOOR: Final = 100
LIFT: Final = 3.0
FALSE_SHARE: Final = 0.01
GUARD_DAYS: Final = 2
BASELINE_DAYS: Final = 28
QUIET_DAYS: Final = 28
"""For how long a term that was found is not found again."""

_NAMES_SOMEBODY: Final = re.compile(
    r"@|://|www\.|\.\w{2,}/|(?:\d[\s().-]*){6,}|^\S+\.[a-z]{2,}$", re.IGNORECASE
)


class ReviewState(StrEnum):
    """What became of a term; only ``confirmed`` ones are shown to analysts."""

    UNDER_REVIEW = "under_review"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    FADED = "faded"


class Rising(StrEnum):
    """What can stand out: a term that people filter, or what the posts have in common that they reject."""

    TERM = "term"
    TOPIC = "topic"
    HASHTAG = "hashtag"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class EmergingTerm:
    """What stood out on a day: how many times as many as expected, and a band of people."""

    term: str
    found_on: date
    lift: float
    people: str
    kind: Rising = Rising.TERM


@dataclass(frozen=True, slots=True)
class TermReview:
    """A term that was found, and what a person made of it; analysts see confirmed ones alone."""

    id: str
    found: EmergingTerm
    state: ReviewState
    decided_at: datetime | None = None
    category: str | None = None


def may_be_reviewed(term: str) -> bool:
    """Tell whether a term has none of the shapes that name somebody: address, handle, link, six digits."""
    return _NAMES_SOMEBODY.search(term) is None


def emerging_on(
    day: date,
    adders: Mapping[str, Mapping[date, int]],
    *,
    found_before: Mapping[str, date] | None = None,
    floor: int = FLOOR,
    phi: float = OVERDISPERSION,
) -> list[EmergingTerm]:
    """Return the terms that stand out on a day, by how many people first added them on it and before.

    ``adders`` are first-time adders by term and day. Compared with the 28 days that end two days earlier, so that
    a burst does not hide itself. Every term counts among those that chance could have raised.
    """
    everybody: Counter[date] = Counter()
    for days in adders.values():
        everybody.update(days)
    standing_out = Standout(floor, LIFT, phi)
    found = standing_out.among(day, adders, everybody, found_before or {})
    return [each for each in found if may_be_reviewed(each.term)]


@dataclass(frozen=True, slots=True)
class Standout:
    """What stands out: so many people, so many times as many as expected, and not by chance."""

    floor: int
    lift: float
    phi: float = OVERDISPERSION
    kind: Rising = Rising.TERM

    def among(
        self,
        day: date,
        series: Mapping[str, Mapping[date, int]],
        exposure: Mapping[date, int],
        found_before: Mapping[str, date],
    ) -> list[EmergingTerm]:
        """Return which series stand out on a day, by how many there were of each, and of what they are a part."""
        names = sorted(name for name, days in series.items() if days.get(day))
        baseline = [day - timedelta(days=GUARD_DAYS + 1 + back) for back in range(BASELINE_DAYS)]
        today, before = exposure.get(day, 0), sum(exposure.get(each, 0) for each in baseline)
        if not names or not today:
            return []
        of_all = sum(
            days.get(each, 0) for days in series.values() for each in (baseline if before else [day])
        )
        mean_rate = max(of_all, 1) / (before or today) / len(series)
        scored = []
        for name in names:
            earlier = sum(series[name].get(each, 0) for each in baseline)
            scored.append(
                surprise(series[name][day], today, earlier, max(before, 1), mean_rate, phi=self.phi)
            )
        believed = discoveries([each.p for each in scored], FALSE_SHARE)
        return [
            self._found(day, name, series[name][day], score)
            for name, score, is_believed in zip(names, scored, believed, strict=True)
            if is_believed and self._is_much(series[name][day], score) and _is_news(name, day, found_before)
        ]

    def _is_much(self, people: int, score: Surprise) -> bool:
        return people >= self.floor and score.lift >= self.lift

    def _found(self, day: date, name: str, people: int, score: Surprise) -> EmergingTerm:
        band = people_band(round_count(people))
        return EmergingTerm(name, day, two_digits(score.lift) or score.lift, band, self.kind)


def _is_news(term: str, day: date, found_before: Mapping[str, date]) -> bool:
    last = found_before.get(term)
    return last is None or (day - last).days >= QUIET_DAYS
