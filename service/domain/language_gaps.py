"""How far apart languages are: a figure's worst language against its best, where enough people stand behind both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.domain.insight_answers import BreakdownRow
from service.domain.insight_definitions import FLOORS, PrivacyClass
from service.domain.insights import least_people
from service.domain.rates import two_digits
from service.domain.segments import Dimension

METRICS: Final = frozenset({"promise_kept", "leakage", "undo", "looked_anyway"})
"""What tells whether the controls understand a language as well as others (M35)."""


@dataclass(frozen=True, slots=True)
class LanguageGap:
    """The languages between which a figure lies; where neither end is better, the highest counts as the worst."""

    worst: str
    best: str
    gap: float | None


def language_gap(metric: str, by: Dimension | None, rows: Sequence[BreakdownRow]) -> LanguageGap | None:
    """Return how far the worst language is from the best, of a breakdown that comes worst first.

    Only languages with a hundred people or more in every window count: of two dozen small ones, one is always far off
    by chance. None where the figure says nothing of understanding, or fewer than two languages are left.
    """
    many = [
        row
        for row in rows
        if row.now.value is not None and least_people(row.now.people) >= FLOORS[PrivacyClass.C]
    ]
    if metric not in METRICS or by is not Dimension.LANGUAGE or len(many) < 2:
        return None
    if len({row.control for row in many}) > 1:
        return None
    worst, best = many[0], many[-1]
    gap = two_digits(abs((worst.now.value or 0.0) - (best.now.value or 0.0)))
    return LanguageGap(worst.dims[0][1], best.dims[0][1], gap)
