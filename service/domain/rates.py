"""How sure a share is: intervals of one share and of the difference of two, and how many digits to print."""

import math
from statistics import NormalDist
from typing import Final

Z95: Final = NormalDist().inv_cdf(0.975)


def wilson_interval(hits: float, of: float, *, z: float = Z95) -> tuple[float, float]:
    """Return the 95 % interval of a share after Wilson (1927); from 0 to 1 where there is nothing to go by.

    More hits than there are, as rounding each for itself may leave them, count as all.
    """
    if of <= 0:
        return 0.0, 1.0
    share = min(hits / of, 1.0)
    centre = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    low = max(centre - half, 0.0) if hits > 0 else 0.0  # and not what rounding leaves of it
    return low, min(centre + half, 1.0) if hits < of else 1.0


def newcombe_interval(hits: float, of: float, earlier_hits: float, earlier_of: float) -> tuple[float, float]:
    """Return the 95 % interval of how much a share changed (Newcombe 1998, method 10), later minus earlier."""
    if of <= 0 or earlier_of <= 0:
        return -1.0, 1.0
    share, earlier = hits / of, earlier_hits / earlier_of
    low, high = wilson_interval(hits, of)
    earlier_low, earlier_high = wilson_interval(earlier_hits, earlier_of)
    change = share - earlier
    return (
        change - math.hypot(share - low, earlier_high - earlier),
        change + math.hypot(high - share, earlier - earlier_low),
    )


def is_clear_change(interval: tuple[float, float]) -> bool:
    """Tell whether the interval of a difference leaves zero out; else the words are "no clear change"."""
    low, high = interval
    return low > 0 or high < 0


def scaled_digits(share: float, scale: float) -> float | None:
    """Return a share per ``scale`` with two significant digits of its rarer side.

    99.63 of 100 kept is 0.37 lost: near the whole, two digits of the share itself would hide all that matters.
    """
    if not math.isfinite(share):
        return None
    lost = two_digits((1 - share) * scale)
    if 0.5 < share < 1 and lost is not None:
        return round(scale - lost, 10)
    return two_digits(share * scale)


def two_digits(value: float) -> float | None:
    """Round to two significant digits, as much as rounded counts can carry; None where there is no value."""
    if not math.isfinite(value):
        return None
    return float(f"{value:.2g}")
