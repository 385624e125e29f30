"""Terms that many people suddenly filter. What they are is told to nobody before a person has looked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from service.domain.insights import people_band, round_count
from service.domain.rates import two_digits
from service.domain.surprise import OVERDISPERSION, discoveries, surprise

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


@dataclass(frozen=True, slots=True)
class EmergingTerm:
    """A term that stood out on a day: how many times as many as expected, and a band of people."""

    term: str
    found_on: date
    lift: float
    people: str


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
    terms = sorted(term for term, days in adders.items() if days.get(day))
    baseline = [day - timedelta(days=GUARD_DAYS + 1 + back) for back in range(BASELINE_DAYS)]
    everybody = sum(adders[term].get(day, 0) for term in terms)
    before = sum(days.get(each, 0) for days in adders.values() for each in baseline)
    if not terms or not everybody:
        return []
    mean_rate = 1 / len(adders)
    scored = []
    for term in terms:
        earlier = sum(adders[term].get(each, 0) for each in baseline)
        scored.append(surprise(adders[term][day], everybody, earlier, max(before, 1), mean_rate, phi=phi))
    believed = discoveries([each.p for each in scored], FALSE_SHARE)
    found = []
    for term, score, is_believed in zip(terms, scored, believed, strict=True):
        people = adders[term][day]
        if is_believed and people >= floor and score.lift >= LIFT and _is_news(term, day, found_before or {}):
            band = people_band(round_count(people))
            found.append(EmergingTerm(term, day, two_digits(score.lift) or score.lift, band))
    return [each for each in found if may_be_reviewed(each.term)]


def _is_news(term: str, day: date, found_before: Mapping[str, date]) -> bool:
    last = found_before.get(term)
    return last is None or (day - last).days >= QUIET_DAYS
