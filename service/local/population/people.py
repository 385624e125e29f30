"""Who the people are: where they live, what they speak, how often they come, what they cannot stand."""

import math
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from service.domain.market_days import MARKETS
from service.domain.segments import Segment
from service.local.population.posts import DISLIKED

AT_HOME: Final = {"IN": ("hi", "en", "bn"), "BR": ("pt", "es"), "JP": ("ja",), "GB": ("en",)}
MINORS: Final = 0.03
MOST_VISITS: Final = 3
_MARKETS: Final = {"IN": 34, "BR": 26, "JP": 20, "GB": 20}
_PLATFORMS: Final = {"android": 55, "ios": 35, "web": 10}
_TENURES: Final = {"0-7d": 8, "8-90d": 27, "90d+": 65}


@dataclass(slots=True)
class Inhabitant:
    """Somebody of the population, and what they have set so far; ``covers`` are filters that only warn."""

    number: int
    id: str
    segment: Segment
    visits_a_day: float
    dislikes: tuple[str, ...]
    filters: dict[str, str] = field(default_factory=dict)
    covers: set[str] = field(default_factory=set)
    blocks: list[str] = field(default_factory=list)
    rejections: int = 0


def an_inhabitant(dice: random.Random, number: int, name: str) -> Inhabitant:
    """Draw somebody: their interest is heavy-tailed, so that a few come often and most hardly ever."""
    market = _drawn(dice, _MARKETS)
    segment = Segment(
        market=market,
        language=dice.choice(AT_HOME[market]),
        platform=_drawn(dice, _PLATFORMS),
        age_band="minor" if dice.random() < MINORS else "adult",
        tenure=_drawn(dice, _TENURES),
    )
    return Inhabitant(number, name, segment, dice.gammavariate(0.6, 1 / 0.6), tuple(dice.sample(DISLIKED, 2)))


def a_week_of_noise(dice: random.Random) -> float:
    """Draw how much more or less than usual somebody comes in a week; one on average."""
    return dice.lognormvariate(-0.32, 0.8)


def visits_of(dice: random.Random, mean: float) -> int:
    """Draw how often somebody comes on a day (Poisson, cut off where it would only cost time)."""
    count, left = 0, dice.random()
    while left > math.exp(-mean) and count < MOST_VISITS:
        left *= dice.random()
        count += 1
    return count


def arrival(dice: random.Random, segment: Segment, day: date) -> datetime:
    """Draw when somebody comes: between nine in the morning and nine in the evening where they live.

    At half and full hours, so that a minute of tallies holds several visits: counting takes a minute at a time.
    """
    midnight = datetime.combine(day, time(), tzinfo=ZoneInfo(MARKETS[segment.market]))
    return (midnight + timedelta(hours=round(2 * dice.triangular(9, 21, 19)) / 2)).astimezone(UTC)


def _drawn(dice: random.Random, weights: dict[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]
