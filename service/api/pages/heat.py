"""Heat tables: numbers in rows and columns, each on a ground that is the stronger the larger it is.

Pure functions. The number itself stands in every cell; the ground only helps to find the large ones.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.domain.insight_units import number_text

LEVELS: Final = 5


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One number with the strength of its ground, 0 to 5; without a number it is withheld."""

    text: str
    level: int
    is_withheld: bool


@dataclass(frozen=True, slots=True)
class HeatTable:
    """Numbers by row and column, the rows and columns in which most is going on first."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[HeatCell, ...]], ...]


def heat_table(values: Mapping[tuple[str, str], float | None], order: Sequence[str] = ()) -> HeatTable | None:
    """Return numbers by row and column; None where there is none.

    Rows come in ``order`` as far as it names them; lines in which everything is withheld or nothing are left out.
    """
    shown = {place: value for place, value in values.items() if value}
    if not shown:
        return None
    most = max(shown.values())
    rows = sorted({row for row, _ in shown}, key=lambda row: (_place_in(order, row), row))
    weights = {
        column: math.fsum(value for (_, of), value in shown.items() if of == column) for _, column in shown
    }
    columns = sorted(weights, key=lambda column: (-weights[column], column))
    drawn = [(row, tuple(_cell(values.get((row, column)), most) for column in columns)) for row in rows]
    return HeatTable(tuple(columns), tuple(drawn))


def _place_in(order: Sequence[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


def _cell(value: float | None, most: float) -> HeatCell:
    if value is None:
        return HeatCell("–", 0, is_withheld=True)
    return HeatCell(number_text(value), math.ceil(LEVELS * value / most), is_withheld=False)
