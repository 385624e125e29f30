"""Puts tables together from tallies: which numerator stands over which denominator, and whose people count."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from service.domain.insight_definitions import METRICS, Metric
from service.domain.insights import OpenCell, Table
from service.domain.market_days import Grain, Window
from service.domain.measures import COUNTED, Measure
from service.domain.segments import VALUES, Control, Dimension, Dims, dims_text


@dataclass(frozen=True, slots=True)
class Tallied:
    """How much was counted of one measure within a window."""

    market: str
    control: str
    dims: str
    n: int


Sums: TypeAlias = Mapping[tuple[str, str], int]
"""Counts of one measure by control and dimension, all markets together; the markets are a dimension of their own."""


def measures_for(grain: Grain) -> set[Measure]:
    """Return what has to be counted to close a window of a grain."""
    metrics = [metric for metric in METRICS.values() if metric.grain is grain]
    return {each for metric in metrics for each in (metric.numerator, metric.denominator, metric.people)}


def sums_of(counts: Iterable[Tallied]) -> Sums:
    """Add markets up, and keep each market's total beside them: a day of the world is its markets' days together."""
    sums: dict[tuple[str, str], int] = {}
    for count in counts:
        places = [count.dims]
        if not count.dims:
            places.append(dims_text([(Dimension.MARKET, count.market)]))
        for place in places:
            sums[count.control, place] = sums.get((count.control, place), 0) + count.n
    return sums


def tables_of(metric: Metric, window: Window, sums: Mapping[Measure, Sums]) -> Iterator[Table]:
    """Yield the tables of one metric in one window: one for every control, or the only one.

    Every value on a dimension's list has a cell, so that a missing one does not tell that nobody was there.
    """
    for control in [each.value for each in Control] if metric.by_control else [""]:
        cells = tuple(_open_cell(metric, control, dims, sums) for dims in _all_dims(metric))
        if any(cell.people for cell in cells):
            yield Table(metric, window, control, cells)


def _all_dims(metric: Metric) -> Iterator[Dims]:
    yield ()
    for dimension in metric.dimensions:
        for value in VALUES[dimension]:
            yield ((dimension, value),)
    for one, other in metric.pairs:
        for value, other_value in product(VALUES[one], VALUES[other]):
            yield ((one, value), (other, other_value))


def _open_cell(metric: Metric, control: str, dims: Dims, sums: Mapping[Measure, Sums]) -> OpenCell:
    return OpenCell(
        dims=dims,
        numerator=_counted(metric.numerator, control, dims, sums),
        denominator=_counted(metric.denominator, control, dims, sums),
        people=_counted(metric.people, control, dims, sums),
    )


def _counted(measure: Measure, control: str, dims: Dims, sums: Mapping[Measure, Sums]) -> int:
    """Look a count up; a measure that knows nothing of a dimension is the same for every value of it."""
    counting = COUNTED[measure]
    known = {*counting.dimensions, Dimension.MARKET}
    kept = [(dimension, value) for dimension, value in dims if dimension in known]
    counted = sums[measure].get((control if counting.by_control else "", dims_text(kept)), 0)
    return max(counted, 0)  # of what was made before counting began, only the removal is known
