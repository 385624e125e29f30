"""A small exact linear program: the least and the greatest that an unknown can be, given all that is known.

Two phases of the simplex method with Bland's rule, in fractions: no tolerance decides what an attacker learns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

Row = dict[str, int]


@dataclass(frozen=True, slots=True)
class Known:
    """What a reader knows: a sum of unknowns lies between two numbers; ``high`` None: without end."""

    terms: Mapping[str, int]
    low: int
    high: int | None


class Infeasible(AssertionError):  # noqa: N818
    """What is said to be known contradicts itself."""


def bounds(unknown: str, known: Sequence[Known]) -> tuple[Fraction | int, Fraction | int | None]:
    """Return the least and the greatest value an unknown can have; unknowns are never negative."""
    names = sorted({name for each in known for name in each.terms})
    rows: list[tuple[dict[str, int], int]] = []
    for each in known:
        rows.append(({name: -factor for name, factor in each.terms.items()}, -each.low))
        if each.high is not None:
            rows.append((dict(each.terms), each.high))
    greatest = _maximum({unknown: 1}, names, rows)
    least = _maximum({unknown: -1}, names, rows)
    assert least is not None
    return -least, greatest


def _maximum(
    goal: Mapping[str, int], names: Sequence[str], rows: Sequence[tuple[Row, int]]
) -> Fraction | None:
    """Maximise under rows of "sum is at most"; None where there is no end to it."""
    n, m = len(names), len(rows)
    width = n + m + 1
    table = []
    for place, (terms, most) in enumerate(rows):
        line = [Fraction(terms.get(name, 0)) for name in names] + [
            Fraction(int(at == place)) for at in range(m)
        ]
        table.append([*line, Fraction(-1), Fraction(most)])
    basis = [n + place for place in range(m)]
    artificial = [Fraction(0)] * (width - 1) + [Fraction(-1), Fraction(0)]
    worst = min(range(m), key=lambda place: table[place][-1])
    if table[worst][-1] < 0:
        _pivot(table, basis, worst, width - 1)
        if _climb(table, basis, artificial) != 0:
            raise Infeasible
        if width - 1 in basis:
            place = basis.index(width - 1)
            column = next(at for at in range(width - 1) if table[place][at] != 0)
            _pivot(table, basis, place, column)
    for line in table:
        line[width - 1] = Fraction(0)
    wanted = [Fraction(goal.get(name, 0)) for name in names] + [Fraction(0)] * (m + 2)
    return _climb(table, basis, wanted)


def _climb(table: list[list[Fraction]], basis: list[int], goal: Sequence[Fraction]) -> Fraction | None:
    while True:
        columns = len(goal) - 1
        gain = [
            goal[at] - sum(goal[basis[place]] * line[at] for place, line in enumerate(table))
            for at in range(columns)
        ]
        entering = next((at for at in range(columns) if gain[at] > 0), None)
        if entering is None:
            return sum((goal[basis[place]] * line[-1] for place, line in enumerate(table)), Fraction(0))
        leaving = [
            (line[-1] / line[entering], basis[place], place)
            for place, line in enumerate(table)
            if line[entering] > 0
        ]
        if not leaving:
            return None
        _pivot(table, basis, min(leaving)[2], entering)


def _pivot(table: list[list[Fraction]], basis: list[int], place: int, column: int) -> None:
    lead = table[place][column]
    table[place] = [value / lead for value in table[place]]
    for other, line in enumerate(table):
        if other != place and line[column] != 0:
            factor = line[column]
            table[other] = [value - factor * base for value, base in zip(line, table[place], strict=True)]
    basis[place] = column
