"""What stands out: more than could be expected, silent where there should be something, worst for whom."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, median
from typing import Final

PRIOR: Final = 0.5
OVERDISPERSION: Final = 0.3
"""How much days differ beyond chance (variance over squared mean). Without it, every weekend is an alarm."""
SLACK: Final = 0.5
ALARM_ABOVE: Final = 5.0
EXPECTED_FOR_SILENCE: Final = 20.0
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class Surprise:
    """How unexpected a count is: ``lift`` times as many as ``expected``, by chance in ``p`` of such days."""

    expected: float
    lift: float
    p: float


def surprise(
    count: int,
    exposure: float,
    earlier_count: float,
    earlier_exposure: float,
    mean_rate: float,
    *,
    phi: float = OVERDISPERSION,
) -> Surprise:
    """Compare a count with its own past (Gamma-Poisson, so that little history promises little).

    ``mean_rate`` is the rate of all series together, towards which a series without a past is drawn.
    """
    shape = PRIOR + earlier_count
    expected = shape / (PRIOR / mean_rate + earlier_exposure) * exposure
    size = 1 / (1 / shape + phi)
    return Surprise(expected, count / expected, negative_binomial_tail(count, size, expected))


def negative_binomial_tail(count: int, size: float, mean: float) -> float:
    """Return how likely a negative binomial count of this mean and size is at least ``count``."""
    if count <= 0:
        return 1.0
    log_stay, log_go = math.log(size / (size + mean)), math.log(mean / (size + mean))

    def term(k: int) -> float:
        ways = math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)
        return math.exp(ways + size * log_stay + k * log_go)

    if count <= mean:
        return max(0.0, 1.0 - math.fsum(term(k) for k in range(count)))
    tail, k, last = 0.0, count, term(count)
    while last > tail * 1e-15 or k < count + 2:
        tail += last
        last *= (k + size) / (k + 1) * (mean / (size + mean))
        k += 1
    return min(tail, 1.0)


def overdispersion(series: Sequence[Sequence[float]]) -> float:
    """Return how much the days of established series differ beyond chance: the median over the series."""
    found = []
    for days in series:
        mean = math.fsum(days) / len(days)
        if mean > 0:
            variance = math.fsum((day - mean) ** 2 for day in days) / max(len(days) - 1, 1)
            found.append(max(0.0, (variance - mean) / mean**2))
    return median(found) if found else OVERDISPERSION


def discoveries(p_values: Sequence[float], q: float) -> list[bool]:
    """Tell which of many surprises to believe, so that at most ``q`` of those are chance (Benjamini-Hochberg)."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    last = 0
    for rank, place in enumerate(order, start=1):
        if p_values[place] <= q * rank / len(p_values):
            last = rank
    believed = set(order[:last])
    return [place in believed for place in range(len(p_values))]


def two_sided_p(hits: float, of: float, other_hits: float, other_of: float) -> float:
    """Return how likely two shares differ this much by chance (pooled normal approximation)."""
    if of <= 0 or other_of <= 0:
        return 1.0
    pooled = (hits + other_hits) / (of + other_of)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / of + 1 / other_of)) if 0 < pooled < 1 else 0.0
    if spread == 0:
        return 1.0
    return 2 * _NORMAL.cdf(-abs(hits / of - other_hits / other_of) / spread)


@dataclass(frozen=True, slots=True)
class Hush:
    """How one series has been falling short so far; ``fallen`` is a lower CUSUM."""

    fallen: float = 0.0
    missing: float = 0.0

    def after(self, count: int, expected: float, *, phi: float = OVERDISPERSION) -> "Hush":
        """Return how it stands after one hour more."""
        spread = math.sqrt(max(expected, 1e-9) * (1 + phi * expected))
        z = (count - expected) / spread
        missing = self.missing + expected if count == 0 else 0.0
        return Hush(max(0.0, self.fallen - z - SLACK), missing)

    @property
    def is_silent(self) -> bool:
        """Whether nothing came where more than twenty were expected."""
        return self.missing > EXPECTED_FOR_SILENCE

    @property
    def is_alarming(self) -> bool:
        """Whether it has fallen too far, or fallen silent."""
        return self.fallen > ALARM_ABOVE or self.is_silent
