"""Days as they are lived: the calendar day of a market, and the weeks and blocks that are made of such days.

A day with one name is the same 24 hours (23 or 25 twice a year) for everybody in a market, and never the same
hours everywhere. Were one day offered in two zones, the difference would isolate a single hour.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

OTHER: Final = "other"

MARKETS: Final = {
    "AE": "Asia/Dubai",
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BD": "Asia/Dhaka",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CL": "America/Santiago",
    "CO": "America/Bogota",
    "DE": "Europe/Berlin",
    "EG": "Africa/Cairo",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "ID": "Asia/Jakarta",
    "IN": "Asia/Kolkata",
    "IT": "Europe/Rome",
    "JP": "Asia/Tokyo",
    "KE": "Africa/Nairobi",
    "KR": "Asia/Seoul",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NG": "Africa/Lagos",
    "NP": "Asia/Kathmandu",
    "NZ": "Pacific/Auckland",
    "PH": "Asia/Manila",
    "PK": "Asia/Karachi",
    "PL": "Europe/Warsaw",
    "SA": "Asia/Riyadh",
    "TH": "Asia/Bangkok",
    "TR": "Europe/Istanbul",
    "TW": "Asia/Taipei",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "VN": "Asia/Ho_Chi_Minh",
    "ZA": "Africa/Johannesburg",
    OTHER: "UTC",
}
"""The zone whose midnight ends a market's day; where a country has several, the one most people live by."""

CLOSES_AFTER: Final = timedelta(hours=48)
"""How long a day waits for stragglers once it has ended everywhere."""
BLOCK_DAYS: Final = 28
_FIRST_MONDAY: Final = date(1970, 1, 5)


class Grain(StrEnum):
    """How long the windows of a metric are; a metric has one grain only, so that no two windows overlap.

    A cohort is what began on one day, looked at four weeks later.
    """

    DAY = "day"
    WEEK = "week"
    BLOCK = "block"
    COHORT = "cohort"


DAYS_IN: Final = {Grain.DAY: 1, Grain.WEEK: 7, Grain.BLOCK: BLOCK_DAYS, Grain.COHORT: 1}
FOLLOWED_FOR: Final = timedelta(days=28)
"""How long a cohort is given before it is looked at."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Whole days, both ends included; weeks begin on Mondays, blocks are four weeks on from a fixed Monday."""

    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Yield every day of the window."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)


def window_with(day: date, grain: Grain) -> Window:
    """Return the one window of a grain that a day belongs to."""
    length = DAYS_IN[grain]
    first = day - timedelta(days=(day - _FIRST_MONDAY).days % length) if length > 1 else day
    return Window(first, first + timedelta(days=length - 1))


def known_market(name: str | None) -> str:
    """Return a market by its name, ``other`` for one that we have no days for."""
    return name if name in MARKETS else OTHER


def day_in(market: str, at: datetime) -> date:
    """Return the calendar day of a market at an instant."""
    return at.astimezone(_zone(market)).date()


def end_of_day(market: str, day: date) -> datetime:
    """Return the instant at which a market's day is over, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=_zone(market)).astimezone(UTC)


def closes_at(window: Window, grain: Grain = Grain.DAY) -> datetime:
    """Return from when on a window may be closed: its last day is over in every market, and 48 hours more.

    All markets close together, because what is withheld of one depends on what is shown of the others.
    """
    over = max(end_of_day(market, window.last) for market in MARKETS)
    return over + CLOSES_AFTER + (FOLLOWED_FOR if grain is Grain.COHORT else timedelta())


@cache
def _zone(market: str) -> ZoneInfo:
    return ZoneInfo(MARKETS[market])
